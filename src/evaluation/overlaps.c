/* Finds the pairs that overlap: see overlaps.h. */
#include "evaluation/overlaps.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation/memory.h"
#include "evaluation/share.h"

static double least(double a, double b) {
    return a < b ? a : b;
}

static double most(double a, double b) {
    return a > b ? a : b;
}

double box_iou(const struct bbox *detection, const struct bbox *truth, bool is_crowd) {
    double w =
        least(detection->w + detection->x, truth->w + truth->x) - most(detection->x, truth->x);
    if (w <= 0) return 0;
    double h =
        least(detection->h + detection->y, truth->h + truth->y) - most(detection->y, truth->y);
    if (h <= 0) return 0;
    double both = w * h;
    double own = detection->w * detection->h;
    return both / (is_crowd ? own : own + truth->w * truth->h - both);
}

double overlap_of_boxes(const void *self, const struct objects *objects, uint32_t detection,
                        uint32_t truth) {
    (void)self;
    const struct truth *other = &objects->truths[truth];
    return box_iou(&objects->detection_boxes[objects->detections[detection].row], &other->bbox,
                   other->is_crowd);
}

/* ---- pairs ------------------------------------------------------------------------------- */

enum {
    FIRST_OVERLAPS = 4096 /* room for what a thread finds */
};

/* The overlaps that one thread has found. */
struct found {
    struct overlap *overlaps;
    size_t count;
    size_t cap;
    /* The image with the most of them, so far. */
    uint32_t largest;
    size_t largest_count;
};

struct search {
    struct objects *objects;
    overlap_function *overlap;
    const void *self;
    size_t most;          /* overlaps that there may be */
    _Atomic size_t count; /* of images that are done, of all threads */
    struct found found[SHARES_MAX];
};

static bool add(struct found *found, double iou, uint32_t truth, struct err *err) {
    struct overlap *overlaps = memory_grow(found->overlaps, found->count, &found->cap,
                                           sizeof *overlaps, FIRST_OVERLAPS, err);
    if (!overlaps) return false;
    found->overlaps = overlaps;
    overlaps[found->count++] = (struct overlap){.iou = iou, .truth = truth};
    return true;
}

struct range {
    uint32_t first;
    uint32_t end;
};

static uint32_t least_of(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static bool search_truths(struct search *search, uint32_t detection, struct range truths,
                          struct share *share) {
    for (uint32_t truth = truths.first; truth < truths.end; truth++) {
        if ((truth - truths.first) % SHARE_PAIRS == 0 &&
            !share_may_look(share, least_of(SHARE_PAIRS, truths.end - truth))) {
            return false;
        }
        double iou = search->overlap(search->self, search->objects, detection, truth);
        if (iou > 0 && !add(&search->found[share->part], iou, truth, &share->err)) return false;
    }
    return true;
}

/* Searches for one detection. image: all truths of its image; own: those of its class. */
static bool search_detection(struct search *search, uint32_t detection, struct range image,
                             struct range own, struct share *share) {
    const struct detection *this = &search->objects->detections[detection];
    if (this->place < CROSS_CLASS_DEPTH) return search_truths(search, detection, image, share);
    return this->rank >= search->objects->depth || search_truths(search, detection, own, share);
}

/* Moves `own` to the truths of a class that is not before the last one. */
static void find_own(const struct objects *objects, uint32_t category, struct range image,
                     struct range *own) {
    if (own->end > own->first && objects->truths[own->first].category == category) return;
    own->first = own->end;
    while (own->first < image.end && objects->truths[own->first].category < category) own->first++;
    own->end = own->first;
    while (own->end < image.end && objects->truths[own->end].category == category) own->end++;
}

/* Boxes lie in the order of the file. Where that is not by image, waiting for each would be more
 * than half the time of the search; so they are asked for ahead. Returns the box of a detection a
 * few behind this one. (GCC drops a call that does nothing but prefetch.) */
static const struct bbox *box_ahead(const struct objects *objects, uint32_t detection) {
    enum {
        AHEAD = 12
    };
    size_t there = (size_t)detection + AHEAD;
    if (!objects->detection_boxes || there >= objects->detection_count) return NULL;
    return &objects->detection_boxes[objects->detections[there].row];
}

size_t overlaps_most(size_t detections) {
    size_t most = OVERLAPS_BYTES / sizeof(struct overlap);
    size_t first = OVERLAPS_FIRST_BYTES / sizeof(struct overlap);
    return detections < (most - first) / OVERLAPS_EACH ? first + detections * OVERLAPS_EACH : most;
}

static bool too_many(const struct search *search, const struct found *found, struct err *err) {
    return err_set(err, ERR_BAD_REQUEST,
                   "more than %zu pairs of a prediction and a ground truth overlap, too many for "
                   "%zu predictions; image %" PRId64 " has at least %zu of them: give a smaller "
                   "max_dets, or see whether its objects are there several times",
                   search->most, search->objects->detection_count,
                   search->objects->image_ids[found->largest], found->largest_count);
}

/* Checks the number of overlaps of all threads. count: of an image, so far. */
static bool check_count(struct search *search, uint32_t image, size_t count, struct share *share) {
    struct found *found = &search->found[share->part];
    if (count > found->largest_count) {
        found->largest_count = count;
        found->largest = image;
    }
    size_t before = atomic_load_explicit(&search->count, memory_order_relaxed);
    return before + count <= search->most || too_many(search, found, &share->err);
}

static bool search_image(struct search *search, uint32_t image, struct share *share) {
    struct objects *objects = search->objects;
    struct range truths = {objects->truth_starts[image], objects->truth_starts[image + 1]};
    struct range own = {truths.first, truths.first};
    uint32_t end = objects->detection_starts[image + 1];
    const struct found *found = &search->found[share->part];
    size_t first = found->count;
    for (uint32_t i = objects->detection_starts[image]; i < end; i++) {
        size_t before = found->count;
        __builtin_prefetch(box_ahead(objects, i));
        find_own(objects, objects->detections[i].category, truths, &own);
        if (truths.end > truths.first && !search_detection(search, i, truths, own, share)) {
            return false;
        }
        objects->overlap_starts[i + 1] = found->count - before;
        if (!check_count(search, image, found->count - first, share)) return false;
    }
    atomic_fetch_add_explicit(&search->count, found->count - first, memory_order_relaxed);
    return true;
}

static bool search_images(void *self, struct share *share) {
    for (uint32_t image = share->first; image < share->end; image++) {
        if (!share_go_on(share) || !search_image(self, image, share)) return false;
    }
    return true;
}

/* ---- all threads ------------------------------------------------------------------------- */

/* Joins what the threads have found; the first one's array is extended. */
static bool join(struct search *search, struct err *err) {
    struct objects *objects = search->objects;
    size_t count = 0;
    for (size_t i = 0; i < SHARES_MAX; i++) count += search->found[i].count;
    struct overlap *all = reallocarray(search->found[0].overlaps, count + 1, sizeof *all);
    if (!all) return memory_is_out(err);
    search->found[0].overlaps = NULL;
    objects->overlaps = all;
    objects->overlap_count = search->found[0].count;
    for (size_t i = 1; i < SHARES_MAX; i++) {
        struct found *found = &search->found[i];
        if (found->count == 0) continue;
        memcpy(all + objects->overlap_count, found->overlaps, found->count * sizeof *all);
        objects->overlap_count += found->count;
        free(found->overlaps);
        found->overlaps = NULL;
    }
    for (size_t i = 0; i < objects->detection_count; i++) {
        objects->overlap_starts[i + 1] += objects->overlap_starts[i];
    }
    return true;
}

bool overlaps_fill(struct objects *objects, unsigned depth, overlap_function *overlap,
                   const void *self, unsigned threads, struct progress *progress, struct err *err) {
    struct search search = {.objects = objects,
                            .overlap = overlap,
                            .self = self,
                            .most = overlaps_most(objects->detection_count)};
    objects->depth = depth;
    objects->overlap_starts = calloc(objects->detection_count + 1, sizeof(size_t));
    if (!objects->overlap_starts) {
        return memory_is_out(err);
    }
    bool good = share_work(threads, objects->detection_starts, (uint32_t)objects->image_count,
                           search_images, &search, progress, err) &&
                join(&search, err);
    for (size_t i = 0; i < SHARES_MAX; i++) free(search.found[i].overlaps);
    return good;
}
