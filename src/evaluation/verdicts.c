#include "evaluation/verdicts.h"

#include <stdlib.h>

#include "evaluation/share.h"

enum {
    IMAGES_AT_A_TIME = 64 /* between two questions whether to go on */
};

/* What threads share. */
struct judging {
    const struct objects *objects;
    const struct settings *settings;
    size_t areas;
    uint32_t *used;
    struct verdict *verdicts;
};

static bool judge(void *self, struct share *share) {
    const struct judging *judging = self;
    for (uint32_t first = share->first; first < share->end;) {
        uint32_t left = share->end - first;
        uint32_t end = first + (left > IMAGES_AT_A_TIME ? IMAGES_AT_A_TIME : left);
        if (!share_go_on(share)) return false;
        match_images(judging->objects, judging->settings, judging->areas, first, end, judging->used,
                     judging->verdicts);
        first = end;
    }
    return true;
}

struct verdict *verdicts_make_areas(const struct objects *objects, const struct settings *settings,
                                    size_t areas, unsigned threads, struct progress *progress,
                                    struct err *err) {
    struct judging judging = {.objects = objects, .settings = settings, .areas = areas};
    judging.used = reallocarray(NULL, objects->truth_count + 1, areas * sizeof *judging.used);
    judging.verdicts =
        reallocarray(NULL, objects->detection_count + 1, areas * sizeof *judging.verdicts);
    bool good = judging.used && judging.verdicts;
    if (!good) {
        err_set(err, ERR_BUSY, "out of memory for an evaluation; try again");
    } else {
        good = share_work(threads, objects->detection_starts, (uint32_t)objects->image_count, judge,
                          &judging, progress, err);
    }
    free(judging.used);
    if (good) return judging.verdicts;
    free(judging.verdicts);
    return NULL;
}

struct verdict *verdicts_make(const struct objects *objects, const struct settings *settings,
                              unsigned threads, struct progress *progress, struct err *err) {
    return verdicts_make_areas(objects, settings, 1, threads, progress, err);
}
