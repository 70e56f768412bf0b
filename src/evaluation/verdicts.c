/* Verdicts by several threads: see verdicts.h. */
#include "evaluation/verdicts.h"

#include <stdlib.h>

#include "evaluation/memory.h"
#include "evaluation/share.h"

/* What threads share. */
struct judging {
    const struct objects *objects;
    const struct settings *settings;
    size_t areas;
    uint32_t *used; /* for match_images */
    struct verdict *verdicts;
};

static bool judge(void *self, struct share *share) {
    const struct judging *judging = self;
    for (uint32_t first = share->first; first < share->end; first += SHARE_STRIDE) {
        if (!share_go_on(share)) return false;
        if (!match_images(judging->objects, judging->settings, judging->areas, first,
                          share_stride_end(share, first), judging->used, judging->verdicts,
                          share)) {
            return false;
        }
    }
    return true;
}

static bool judge_all(struct judging *judging, unsigned threads, struct progress *progress,
                      struct err *err) {
    const struct objects *objects = judging->objects;
    judging->used =
        reallocarray(NULL, objects->truth_count + 1, judging->areas * sizeof *judging->used);
    judging->verdicts = reallocarray(NULL, objects->detection_count + 1,
                                     judging->areas * sizeof *judging->verdicts);
    if (!judging->used || !judging->verdicts) return memory_is_out(err);
    return share_work(threads, objects->detection_starts, (uint32_t)objects->image_count, judge,
                      judging, progress, err);
}

struct verdict *verdicts_make(const struct objects *objects, const struct settings *settings,
                              size_t areas, unsigned threads, struct progress *progress,
                              struct err *err) {
    struct judging judging = {.objects = objects, .settings = settings, .areas = areas};
    bool good = judge_all(&judging, threads, progress, err);
    free(judging.used);
    if (good) return judging.verdicts;
    free(judging.verdicts);
    return NULL;
}
