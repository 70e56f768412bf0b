/* Objects of an evaluation: their arrays grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evaluation/objects.h"

static void fill(struct objects *objects, size_t count) {
    struct err err;
    const struct bbox bbox = {.w = 1, .h = 1};
    for (size_t i = 0; i < count; i++) {
        const struct detection detection = {.score = (double)i};
        const struct truth truth = {.annotation_id = (int64_t)i};
        assert_true(objects_add_detection(objects, &detection, (int64_t)i, &bbox, &err));
        assert_true(objects_add_truth(objects, &truth, &err));
        assert_in_range(objects->detection_count, 1, objects->detection_cap);
        assert_in_range(objects->truth_count, 1, objects->truth_cap);
    }
}

/* The room is what somebody has counted before; more may come. */
static void more_may_come_than_there_was_room_for(void **state) {
    (void)state;
    for (size_t room = 0; room < 5; room++) {
        struct objects objects;
        struct err err;
        objects_init(&objects);
        assert_true(objects_reserve(&objects, room, &err));
        fill(&objects, 3000);
        assert_int_equal(objects.detection_count, 3000);
        for (size_t i = 0; i < 3000; i++) {
            assert_true(objects.detections[i].score == (double)i);
            assert_int_equal(objects.detections[i].row, i);
            assert_int_equal(objects.detection_ids[i], i);
        }
        objects_free(&objects);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_may_come_than_there_was_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
