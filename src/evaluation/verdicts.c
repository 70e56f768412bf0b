/* Finds the verdicts of all images: see verdicts.h. */
#include "evaluation/verdicts.h"

#include <stdlib.h>

#include "evaluation/share.h"

/* What threads share. */
struct judging {
    const struct objects *objects;
    const struct settings *settings;
    uint32_t *used;
    struct verdict *verdicts;
};

static bool judge(void *self, struct share *share) {
    const struct judging *judging = self;
    for (uint32_t first = share->first; first < share->end; first += SHARE_STRIDE) {
        uint32_t end = share->end - first > SHARE_STRIDE ? first + SHARE_STRIDE : share->end;
        if (!share_go_on(share)) return false;
        match_images(judging->objects, judging->settings, 1, first, end, judging->used,
                     judging->verdicts);
    }
    return true;
}

struct verdict *verdicts_make(const struct objects *objects, const struct settings *settings,
                              unsigned threads, struct progress *progress, struct err *err) {
    struct judging judging = {.objects = objects, .settings = settings};
    judging.used = calloc(objects->truth_count + 1, sizeof *judging.used);
    judging.verdicts = calloc(objects->detection_count + 1, sizeof *judging.verdicts);
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
