/* Computes all numbers at one operating point: see points.h. */
#include "evaluation/points.h"

#include <stdlib.h>

#include "evaluation/memory.h"
#include "evaluation/share.h"
#include "evaluation/verdicts.h"

struct work {
    const struct objects *objects;
    const struct settings *settings;
    const struct selection *selection;
    unsigned threads;
    struct progress *progress;
    uint32_t *takes; /* of confusion_match; threads share it */
};

static bool confuse(void *self, struct share *share) {
    const struct work *work = self;
    for (uint32_t first = share->first; first < share->end; first += SHARE_STRIDE) {
        if (!share_go_on(share)) return false;
        if (!confusion_match(work->objects, work->settings->iou, work->settings->confidence, first,
                             share_stride_end(share, first), work->takes, share)) {
            return false;
        }
    }
    return true;
}

static bool count_confusion(struct points *points, struct work *work, struct err *err) {
    const struct objects *objects = work->objects;
    work->takes = reallocarray(NULL, objects->detection_count + 1, sizeof *work->takes);
    if (!work->takes) return memory_is_out(err);
    bool good = share_work(work->threads, objects->detection_starts, (uint32_t)objects->image_count,
                           confuse, work, work->progress, err) &&
                confusion_count(&points->confusion, objects, work->selection, work->takes, err);
    free(work->takes);
    return good;
}

static bool measure_operations(struct points *points, const struct work *work, struct err *err) {
    struct settings single = operations_settings(work->settings);
    struct verdict *verdicts =
        verdicts_make(work->objects, &single, 1, work->threads, work->progress, err);
    bool good = verdicts && operations_measure(work->objects, work->settings, work->selection,
                                               verdicts, points->classes, &points->all, err);
    free(verdicts);
    return good;
}

bool points_compute(struct points *points, const struct objects *objects,
                    const struct settings *settings, const struct selection *selection,
                    unsigned threads, struct progress *progress, struct err *err) {
    struct work work = {.objects = objects,
                        .settings = settings,
                        .selection = selection,
                        .threads = threads,
                        .progress = progress};
    *points =
        (struct points){.classes = calloc(objects->category_count + 1, sizeof *points->classes)};
    if (!points->classes) return memory_is_out(err);
    return measure_operations(points, &work, err) && count_confusion(points, &work, err);
}

void points_free(struct points *points) {
    free(points->classes);
    confusion_free(&points->confusion);
}
