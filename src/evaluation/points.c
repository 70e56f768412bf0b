/* Computes all numbers at one operating point: see points.h. */
#include "evaluation/points.h"

#include <stdlib.h>

#include "evaluation/match.h"
#include "evaluation/share.h"

/* What threads share. */
struct work {
    const struct objects *objects;
    const struct settings *settings;
    struct settings single; /* of operations_settings */
    uint32_t *used;         /* for match_images */
    struct verdict *verdicts;
    uint32_t *takes; /* of confusion_match */
};

static bool work_init(struct work *work) {
    size_t detections = work->objects->detection_count + 1;
    work->used = reallocarray(NULL, work->objects->truth_count + 1, sizeof *work->used);
    work->verdicts = reallocarray(NULL, detections, sizeof *work->verdicts);
    work->takes = reallocarray(NULL, detections, sizeof *work->takes);
    return work->used && work->verdicts && work->takes;
}

static void work_free(struct work *work) {
    free(work->used);
    free(work->verdicts);
    free(work->takes);
}

static bool match_share(void *self, struct share *share) {
    const struct work *work = self;
    for (uint32_t first = share->first; first < share->end; first += SHARE_STRIDE) {
        uint32_t end = share->end - first > SHARE_STRIDE ? first + SHARE_STRIDE : share->end;
        if (!share_go_on(share)) return false;
        match_images(work->objects, &work->single, 1, first, end, work->used, work->verdicts);
        confusion_match(work->objects, work->settings->iou, work->settings->confidence, first, end,
                        work->takes);
    }
    return true;
}

static bool compute(struct points *points, struct work *work, const struct selection *selection,
                    unsigned threads, struct progress *progress, struct err *err) {
    const struct objects *objects = work->objects;
    return share_work(threads, objects->detection_starts, (uint32_t)objects->image_count,
                      match_share, work, progress, err) &&
           operations_measure(objects, work->settings, selection, work->verdicts, points->classes,
                              &points->all, err) &&
           confusion_count(&points->confusion, objects, selection, work->takes, err);
}

bool points_compute(struct points *points, const struct objects *objects,
                    const struct settings *settings, const struct selection *selection,
                    unsigned threads, struct progress *progress, struct err *err) {
    struct work work = {
        .objects = objects, .settings = settings, .single = operations_settings(settings)};
    *points =
        (struct points){.classes = calloc(objects->category_count + 1, sizeof *points->classes)};
    bool good = work_init(&work) && points->classes
                    ? compute(points, &work, selection, threads, progress, err)
                    : err_set(err, ERR_BUSY, "out of memory for an evaluation; try again");
    work_free(&work);
    return good;
}

void points_free(struct points *points) {
    free(points->classes);
    confusion_free(&points->confusion);
}
