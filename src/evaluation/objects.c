/* Truths and detections in the orders of cocoeval: see objects.h. */
#include "evaluation/objects.h"

#include <stdlib.h>
#include <string.h>

#include "evaluation/keyed.h"
#include "evaluation/memory.h"
#include "evaluation/share.h"

enum {
    FIRST_CAP = 1024
};

void objects_init(struct objects *objects) {
    *objects = (struct objects){0};
}

void objects_drop_boxes(struct objects *objects) {
    free(objects->detection_boxes);
    objects->detection_boxes = NULL;
}

void objects_free(struct objects *objects) {
    objects_drop_boxes(objects);
    free(objects->image_ids);
    free(objects->category_ids);
    free(objects->truths);
    free(objects->truth_starts);
    free(objects->detections);
    free(objects->detection_starts);
    free(objects->detection_ids);
    free(objects->by_class);
    free(objects->class_starts);
    free(objects->by_place);
    free(objects->overlaps);
    free(objects->overlap_starts);
    objects_init(objects);
}

size_t objects_size(const struct objects *objects) {
    size_t detection = sizeof *objects->detections + sizeof *objects->detection_ids +
                       sizeof *objects->by_class + sizeof *objects->by_place +
                       sizeof *objects->overlap_starts +
                       (objects->detection_boxes ? sizeof *objects->detection_boxes : 0);
    size_t image = sizeof *objects->image_ids + sizeof *objects->truth_starts +
                   sizeof *objects->detection_starts;
    size_t category = sizeof *objects->category_ids + sizeof *objects->class_starts;
    return sizeof *objects + objects->detection_count * detection +
           objects->truth_count * sizeof *objects->truths + objects->image_count * image +
           objects->category_count * category + objects->overlap_count * sizeof *objects->overlaps;
}

/* ---- adding ------------------------------------------------------------------------------ */

static size_t next_cap(size_t cap) {
    return cap < FIRST_CAP ? FIRST_CAP : cap + cap / 2;
}

static bool too_many(const char *what, struct err *err) {
    return err_set(err, ERR_BUSY, "an evaluation takes at most %d %s at a time", OBJECTS_MAX, what);
}

bool objects_add_truth(struct objects *objects, const struct truth *truth, struct err *err) {
    size_t row = objects->truth_count;
    if (row >= OBJECTS_MAX) return too_many("ground truths", err);
    struct truth *truths =
        memory_grow(objects->truths, row, &objects->truth_cap, sizeof *truth, FIRST_CAP, err);
    if (!truths) return false;
    objects->truths = truths;
    truths[row] = *truth;
    truths[row].row = (uint32_t)row;
    objects->truth_count++;
    return true;
}

bool objects_reserve(struct objects *objects, size_t detections, struct err *err) {
    size_t cap = objects->detection_count + detections;
    if (detections > OBJECTS_MAX || cap > OBJECTS_MAX) return too_many("detections", err);
    if (cap <= objects->detection_cap) return true;
    if (!memory_resize(&objects->detections, cap, sizeof *objects->detections) ||
        !memory_resize(&objects->detection_ids, cap, sizeof *objects->detection_ids) ||
        !memory_resize(&objects->detection_boxes, cap, sizeof *objects->detection_boxes)) {
        return memory_is_out(err);
    }
    objects->detection_cap = cap;
    return true;
}

bool objects_add_detection(struct objects *objects, const struct detection *detection,
                           int64_t annotation_id, const struct bbox *bbox, struct err *err) {
    size_t row = objects->detection_count;
    if (row == objects->detection_cap && !objects_reserve(objects, next_cap(row) - row, err)) {
        return false;
    }
    objects->detections[row] = *detection;
    objects->detections[row].row = (uint32_t)row;
    objects->detection_ids[row] = annotation_id;
    objects->detection_boxes[row] = *bbox;
    objects->detection_count++;
    return true;
}

static bool append_truths(struct objects *objects, const struct objects *from, struct err *err) {
    size_t first = objects->truth_count;
    size_t count = first + from->truth_count;
    if (from->truth_count == 0) return true;
    if (count > OBJECTS_MAX) return too_many("ground truths", err);
    if (!memory_resize(&objects->truths, count, sizeof *objects->truths)) return memory_is_out(err);
    objects->truth_cap = count;
    memcpy(objects->truths + first, from->truths, from->truth_count * sizeof *from->truths);
    for (size_t i = first; i < count; i++) objects->truths[i].row = (uint32_t)i;
    objects->truth_count = count;
    return true;
}

static bool append_detections(struct objects *objects, const struct objects *from,
                              struct err *err) {
    size_t first = objects->detection_count;
    size_t count = from->detection_count;
    if (count == 0) return true;
    if (!objects_reserve(objects, count, err)) return false;
    memcpy(objects->detections + first, from->detections, count * sizeof *from->detections);
    memcpy(objects->detection_ids + first, from->detection_ids,
           count * sizeof *from->detection_ids);
    memcpy(objects->detection_boxes + first, from->detection_boxes,
           count * sizeof *from->detection_boxes);
    for (size_t i = first; i < first + count; i++) objects->detections[i].row = (uint32_t)i;
    objects->detection_count += count;
    return true;
}

bool objects_append(struct objects *objects, const struct objects *from, struct err *err) {
    return append_truths(objects, from, err) && append_detections(objects, from, err);
}

/* ---- truths ------------------------------------------------------------------------------ */

/* Turns counts, of which counts[i + 1] belongs to group i, into the start of each group. */
static void counts_to_starts(uint32_t *counts, size_t groups) {
    for (size_t i = 0; i < groups; i++) counts[i + 1] += counts[i];
}

/* Copies truths in the order of their groups, stably. next: the start of each group; changed. */
static void scatter_truths(const struct truth *from, struct truth *into, size_t count,
                           uint32_t *next, bool by_image) {
    for (size_t i = 0; i < count; i++) {
        uint32_t group = by_image ? from[i].image : from[i].category;
        into[next[group]++] = from[i];
    }
}

static bool sort_truths(struct objects *objects) {
    size_t count = objects->truth_count;
    size_t images = objects->image_count;
    size_t classes = objects->category_count;
    uint32_t *class_next = calloc(classes + 1, sizeof *class_next);
    uint32_t *image_next = calloc(images + 1, sizeof *image_next);
    struct truth *sorted = reallocarray(NULL, count + 1, sizeof *sorted);
    objects->truth_starts = calloc(images + 1, sizeof *objects->truth_starts);
    bool good = class_next && image_next && sorted && objects->truth_starts &&
                memory_resize(&objects->truths, count + 1, sizeof *sorted);
    if (good) {
        for (size_t i = 0; i < count; i++) {
            objects->truth_starts[objects->truths[i].image + 1]++;
            class_next[objects->truths[i].category + 1]++;
        }
        counts_to_starts(objects->truth_starts, images);
        counts_to_starts(class_next, classes);
        memcpy(image_next, objects->truth_starts, images * sizeof *image_next);
        scatter_truths(objects->truths, sorted, count, class_next, false);
        scatter_truths(sorted, objects->truths, count, image_next, true);
        objects->truth_cap = count;
    }
    free(class_next);
    free(image_next);
    free(sorted);
    return good;
}

/* ---- detections -------------------------------------------------------------------------- */

struct sorting {
    struct objects *objects;
    uint32_t *rows; /* in the order of their images; NULL: they are so already */
    struct detection *sorted;
};

/* Finds the order of the detections of an image: sorts by score, which gives the places, and then
 * by class. The spare list is not kept. */
static void order_image(const struct sorting *sorting, uint32_t first, size_t count,
                        struct keyed_lists *lists) {
    struct detection *detections = sorting->objects->detections;
    for (size_t i = 0; i < count; i++) {
        uint32_t row = sorting->rows ? sorting->rows[first + i] : first + (uint32_t)i;
        lists->list[i] = (struct keyed){keyed_key(detections[row].score), row};
    }
    keyed_sort(lists, count);
    for (size_t i = 0; i < count; i++) {
        struct detection *detection = &detections[lists->list[i].index];
        detection->place = (uint32_t)i;
        lists->list[i].key = detection->category;
    }
    keyed_sort(lists, count);
}

/* Copies the detections of an image in their order. */
static void place_image(const struct sorting *sorting, uint32_t first, size_t count,
                        const struct keyed *list) {
    uint32_t rank = 0;
    for (size_t i = 0; i < count; i++) {
        struct detection *detection = &sorting->sorted[first + i];
        *detection = sorting->objects->detections[list[i].index];
        rank = i > 0 && detection[-1].category == detection->category ? rank + 1 : 0;
        detection->rank = rank;
        sorting->objects->by_place[first + detection->place] = first + (uint32_t)i;
    }
}

static bool sort_images(void *self, struct share *share) {
    struct sorting *sorting = self;
    const uint32_t *starts = sorting->objects->detection_starts;
    struct keyed_lists lists = {0};
    bool good = true;
    for (uint32_t image = share->first; good && image < share->end; image++) {
        size_t count = starts[image + 1] - starts[image];
        if (count == 0) continue;
        good = keyed_reserve(&lists, count) || memory_is_out(&share->err);
        if (!good) break;
        order_image(sorting, starts[image], count, &lists);
        place_image(sorting, starts[image], count, lists.list);
    }
    keyed_free(&lists);
    return good;
}

/* by_class holds the detections of each class in the order of their images. */
static bool sort_classes(void *self, struct share *share) {
    struct objects *objects = ((struct sorting *)self)->objects;
    struct keyed_lists lists = {0};
    bool good = true;
    for (uint32_t k = share->first; good && k < share->end; k++) {
        uint32_t *list = objects->by_class + objects->class_starts[k];
        size_t count = objects->class_starts[k + 1] - objects->class_starts[k];
        if (count == 0) continue;
        good = keyed_reserve(&lists, count) || memory_is_out(&share->err);
        if (!good) break;
        for (size_t i = 0; i < count; i++) {
            lists.list[i] = (struct keyed){keyed_key(objects->detections[list[i]].score), list[i]};
        }
        keyed_sort(&lists, count);
        for (size_t i = 0; i < count; i++) list[i] = lists.list[i].index;
    }
    keyed_free(&lists);
    return good;
}

static bool reserve_orders(struct objects *objects) {
    size_t count = objects->detection_count;
    objects->detection_starts = calloc(objects->image_count + 1, sizeof(uint32_t));
    objects->class_starts = calloc(objects->category_count + 1, sizeof(uint32_t));
    return objects->detection_starts && objects->class_starts &&
           memory_resize(&objects->by_class, count + 1, sizeof(uint32_t)) &&
           memory_resize(&objects->by_place, count + 1, sizeof(uint32_t));
}

/* Counts images and classes. Returns whether the rows are in the order of their images. */
static bool count_groups(struct objects *objects) {
    bool in_order = true;
    uint32_t last = 0;
    for (size_t i = 0; i < objects->detection_count; i++) {
        const struct detection *detection = &objects->detections[i];
        in_order = in_order && detection->image >= last;
        last = detection->image;
        objects->detection_starts[last + 1]++;
        objects->class_starts[detection->category + 1]++;
    }
    counts_to_starts(objects->detection_starts, objects->image_count);
    counts_to_starts(objects->class_starts, objects->category_count);
    return in_order;
}

/* Lists indexes of detections by image, or by class. */
static bool list_groups(const struct objects *objects, bool by_image, uint32_t *into) {
    size_t groups = by_image ? objects->image_count : objects->category_count;
    const uint32_t *starts = by_image ? objects->detection_starts : objects->class_starts;
    uint32_t *next = reallocarray(NULL, groups + 1, sizeof *next);
    if (!next) return false;
    memcpy(next, starts, groups * sizeof *next);
    for (size_t i = 0; i < objects->detection_count; i++) {
        const struct detection *detection = &objects->detections[i];
        into[next[by_image ? detection->image : detection->category]++] = (uint32_t)i;
    }
    free(next);
    return true;
}

static bool sorting_init(struct sorting *sorting, struct objects *objects) {
    size_t count = objects->detection_count + 1;
    *sorting = (struct sorting){.objects = objects};
    if (!reserve_orders(objects)) return false;
    bool in_order = count_groups(objects);
    return memory_resize(&sorting->sorted, count, sizeof *sorting->sorted) &&
           (in_order || (memory_resize(&sorting->rows, count, sizeof *sorting->rows) &&
                         list_groups(objects, true, sorting->rows)));
}

static void keep_sorted(struct sorting *sorting) {
    struct objects *objects = sorting->objects;
    free(objects->detections);
    objects->detections = sorting->sorted;
    objects->detection_cap = objects->detection_count;
    sorting->sorted = NULL;
}

/* Sorting within images, and then within classes, leaves both to threads and the lists short. */
static bool sort_detections(struct objects *objects, unsigned threads, struct err *err) {
    struct sorting sorting;
    bool good = sorting_init(&sorting, objects) || memory_is_out(err);
    good = good && share_work(threads, objects->detection_starts, (uint32_t)objects->image_count,
                              sort_images, &sorting, NULL, err);
    if (good) {
        keep_sorted(&sorting);
        good = list_groups(objects, false, objects->by_class) || memory_is_out(err);
    }
    good = good && share_work(threads, objects->class_starts, (uint32_t)objects->category_count,
                              sort_classes, &sorting, NULL, err);
    free(sorting.rows);
    free(sorting.sorted);
    return good;
}

bool objects_sort(struct objects *objects, unsigned threads, struct err *err) {
    return (sort_truths(objects) || memory_is_out(err)) && sort_detections(objects, threads, err);
}
