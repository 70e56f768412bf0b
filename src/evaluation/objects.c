/* Truths and detections in the orders of cocoeval: see objects.h. */
#include "evaluation/objects.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CAP = 1024,
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS
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

static bool no_memory(struct err *err) {
    return err_set(err, ERR_BUSY, "out of memory for an evaluation; try again");
}

/* Gives an array room for `cap` elements. */
static bool resize(void *array, size_t cap, size_t size) {
    void **at = array;
    void *grown = reallocarray(*at, cap, size);
    if (grown) *at = grown;
    return grown != NULL;
}

static size_t next_cap(size_t cap) {
    return cap ? cap + cap / 2 : FIRST_CAP;
}

static bool too_many(const char *what, struct err *err) {
    return err_set(err, ERR_BUSY, "an evaluation takes at most %d %s at a time", OBJECTS_MAX, what);
}

bool objects_add_truth(struct objects *objects, const struct truth *truth, struct err *err) {
    size_t row = objects->truth_count;
    if (row >= OBJECTS_MAX) return too_many("ground truths", err);
    if (row == objects->truth_cap) {
        size_t cap = next_cap(row);
        if (!resize(&objects->truths, cap, sizeof *truth)) return no_memory(err);
        objects->truth_cap = cap;
    }
    objects->truths[row] = *truth;
    objects->truths[row].row = (uint32_t)row;
    objects->truth_count++;
    return true;
}

bool objects_add_detection(struct objects *objects, const struct detection *detection,
                           int64_t annotation_id, const struct bbox *bbox, struct err *err) {
    size_t row = objects->detection_count;
    if (row >= OBJECTS_MAX) return too_many("detections", err);
    if (row == objects->detection_cap) {
        size_t cap = next_cap(row);
        if (!resize(&objects->detections, cap, sizeof *detection) ||
            !resize(&objects->detection_ids, cap, sizeof annotation_id) ||
            !resize(&objects->detection_boxes, cap, sizeof *bbox)) {
            return no_memory(err);
        }
        objects->detection_cap = cap;
    }
    objects->detections[row] = *detection;
    objects->detections[row].row = (uint32_t)row;
    objects->detection_ids[row] = annotation_id;
    objects->detection_boxes[row] = *bbox;
    objects->detection_count++;
    return true;
}

/* ---- sorting ----------------------------------------------------------------------------- */

/* Turns counts, of which counts[i + 1] belongs to group i, into the start of each group. */
static void counts_to_starts(uint32_t *counts, size_t groups) {
    for (size_t i = 0; i < groups; i++) counts[i + 1] += counts[i];
}

/* Copies `from` into `into`, stably by group. group: of each element, by its value. starts: of the
 * groups; not changed. next: room for as many. */
static void scatter(const uint32_t *from, uint32_t *into, size_t count, const uint32_t *group,
                    const uint32_t *starts, uint32_t *next, size_t groups) {
    memcpy(next, starts, groups * sizeof *next);
    for (size_t i = 0; i < count; i++) into[next[group[from[i]]]++] = from[i];
}

/* What sorting needs beside the result. Elements are rows: the order in which they were added. */
struct sorting {
    uint32_t *images;     /* of each row */
    uint32_t *categories; /* likewise */
    uint32_t *next;       /* room for scatter */
    uint32_t *one;        /* orders of rows */
    uint32_t *two;
};

static bool sorting_init(struct sorting *sorting, size_t count, size_t groups) {
    *sorting = (struct sorting){0};
    return resize(&sorting->images, count + 1, sizeof(uint32_t)) &&
           resize(&sorting->categories, count + 1, sizeof(uint32_t)) &&
           resize(&sorting->next, groups + 1, sizeof(uint32_t)) &&
           resize(&sorting->one, count + 1, sizeof(uint32_t)) &&
           resize(&sorting->two, count + 1, sizeof(uint32_t));
}

static void sorting_free(struct sorting *sorting) {
    free(sorting->images);
    free(sorting->categories);
    free(sorting->next);
    free(sorting->one);
    free(sorting->two);
}

static size_t most_groups(const struct objects *objects) {
    return objects->image_count > objects->category_count ? objects->image_count
                                                          : objects->category_count;
}

static void number(uint32_t *order, size_t count) {
    for (size_t i = 0; i < count; i++) order[i] = (uint32_t)i;
}

/* Moves the truths into the order of rows, through a copy. */
static bool move_truths(struct objects *objects, const uint32_t *order) {
    struct truth *sorted = NULL;
    if (!resize(&sorted, objects->truth_count + 1, sizeof *sorted)) return false;
    for (size_t i = 0; i < objects->truth_count; i++) sorted[i] = objects->truths[order[i]];
    free(objects->truths);
    objects->truths = sorted;
    objects->truth_cap = objects->truth_count;
    return true;
}

static bool sort_truths(struct objects *objects) {
    struct sorting sorting;
    size_t count = objects->truth_count;
    uint32_t *class_starts = calloc(objects->category_count + 1, sizeof *class_starts);
    objects->truth_starts = calloc(objects->image_count + 1, sizeof *objects->truth_starts);
    bool good = sorting_init(&sorting, count, most_groups(objects)) && class_starts &&
                objects->truth_starts;
    for (size_t i = 0; good && i < count; i++) {
        sorting.images[i] = objects->truths[i].image;
        sorting.categories[i] = objects->truths[i].category;
        objects->truth_starts[sorting.images[i] + 1]++;
        class_starts[sorting.categories[i] + 1]++;
    }
    if (good) {
        counts_to_starts(objects->truth_starts, objects->image_count);
        counts_to_starts(class_starts, objects->category_count);
        number(sorting.one, count);
        scatter(sorting.one, sorting.two, count, sorting.categories, class_starts, sorting.next,
                objects->category_count);
        scatter(sorting.two, sorting.one, count, sorting.images, objects->truth_starts,
                sorting.next, objects->image_count);
        good = move_truths(objects, sorting.one);
    }
    free(class_starts);
    sorting_free(&sorting);
    return good;
}

/* ---- scores ------------------------------------------------------------------------------ */

struct keyed {
    uint64_t key; /* ascends as scores descend */
    uint32_t row;
};

/* Equal scores have equal keys, also 0 and -0. */
static uint64_t descending_key(double score) {
    uint64_t bits;
    double positive_zero = score + 0.;
    memcpy(&bits, &positive_zero, sizeof bits);
    return bits >> 63 ? bits : ~bits & ~(UINT64_C(1) << 63);
}

/* Sorts stably by one digit; false without a copy if that digit is the same in all. */
static bool sort_by_digit(const struct keyed *from, struct keyed *into, size_t count,
                          unsigned shift) {
    uint32_t ends[DIGITS] = {0};
    uint32_t end = 0;
    for (size_t i = 0; i < count; i++) ends[(from[i].key >> shift) & (DIGITS - 1)]++;
    if (ends[(from[0].key >> shift) & (DIGITS - 1)] == count) return false;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        uint32_t these = ends[digit];
        ends[digit] = end;
        end += these;
    }
    for (size_t i = 0; i < count; i++) {
        into[ends[(from[i].key >> shift) & (DIGITS - 1)]++] = from[i];
    }
    return true;
}

/* Sorts rows by descending score, stably, in time that grows with their number only. */
static bool sort_by_score(const struct objects *objects, uint32_t *order) {
    size_t count = objects->detection_count;
    struct keyed *from = reallocarray(NULL, count + 1, sizeof *from);
    struct keyed *into = reallocarray(NULL, count + 1, sizeof *into);
    bool good = from && into;
    for (size_t i = 0; good && i < count; i++) {
        from[i] = (struct keyed){descending_key(objects->detections[order[i]].score), order[i]};
    }
    for (unsigned shift = 0; good && count > 0 && shift < 64; shift += DIGIT_BITS) {
        if (!sort_by_digit(from, into, count, shift)) continue;
        struct keyed *sorted = into;
        into = from;
        from = sorted;
    }
    for (size_t i = 0; good && i < count; i++) order[i] = from[i].row;
    free(from);
    free(into);
    return good;
}

/* ---- detections -------------------------------------------------------------------------- */

static bool reserve_orders(struct objects *objects) {
    size_t count = objects->detection_count;
    objects->detection_starts = calloc(objects->image_count + 1, sizeof(uint32_t));
    objects->class_starts = calloc(objects->category_count + 1, sizeof(uint32_t));
    return objects->detection_starts && objects->class_starts &&
           resize(&objects->by_class, count + 1, sizeof(uint32_t)) &&
           resize(&objects->by_place, count + 1, sizeof(uint32_t));
}

static void count_groups(struct objects *objects, struct sorting *sorting) {
    for (size_t i = 0; i < objects->detection_count; i++) {
        sorting->images[i] = objects->detections[i].image;
        sorting->categories[i] = objects->detections[i].category;
        objects->detection_starts[sorting->images[i] + 1]++;
        objects->class_starts[sorting->categories[i] + 1]++;
    }
    counts_to_starts(objects->detection_starts, objects->image_count);
    counts_to_starts(objects->class_starts, objects->category_count);
}

static void by_image(const struct objects *objects, struct sorting *sorting, const uint32_t *from,
                     uint32_t *into) {
    scatter(from, into, objects->detection_count, sorting->images, objects->detection_starts,
            sorting->next, objects->image_count);
}

/* Moves the detections into the order of rows, and the two orders of rows to that of detections.
 * place_of: room for one number per row. */
static bool move_detections(struct objects *objects, const uint32_t *order, uint32_t *place_of) {
    size_t count = objects->detection_count;
    struct detection *sorted = NULL;
    if (!resize(&sorted, count + 1, sizeof *sorted)) return false;
    for (size_t i = 0; i < count; i++) {
        sorted[i] = objects->detections[order[i]];
        place_of[order[i]] = (uint32_t)i;
    }
    for (size_t i = 0; i < count; i++) {
        objects->by_class[i] = place_of[objects->by_class[i]];
        objects->by_place[i] = place_of[objects->by_place[i]];
    }
    free(objects->detections);
    objects->detections = sorted;
    objects->detection_cap = count;
    return true;
}

static void set_ranks(struct objects *objects) {
    uint32_t rank = 0;
    for (size_t i = 0; i < objects->detection_count; i++) {
        struct detection *detection = &objects->detections[i];
        bool same = i > 0 && detection[-1].image == detection->image &&
                    detection[-1].category == detection->category;
        detection->rank = rank = same ? rank + 1 : 0;
    }
    for (size_t i = 0; i < objects->detection_count; i++) {
        struct detection *detection = &objects->detections[objects->by_place[i]];
        detection->place = (uint32_t)i - objects->detection_starts[detection->image];
    }
}

/* All orders come from one sort by score, over rows in the order of their images: the sorts by
 * image and by class are stable. */
static bool sort_detections(struct objects *objects) {
    struct sorting sorting;
    size_t count = objects->detection_count;
    bool good = sorting_init(&sorting, count, most_groups(objects)) && reserve_orders(objects);
    if (good) {
        count_groups(objects, &sorting);
        number(sorting.two, count);
        by_image(objects, &sorting, sorting.two, sorting.one);
        good = sort_by_score(objects, sorting.one);
    }
    if (good) {
        by_image(objects, &sorting, sorting.one, objects->by_place);
        scatter(sorting.one, objects->by_class, count, sorting.categories, objects->class_starts,
                sorting.next, objects->category_count);
        by_image(objects, &sorting, objects->by_class, sorting.one);
        good = move_detections(objects, sorting.one, sorting.two);
    }
    if (good) set_ranks(objects);
    sorting_free(&sorting);
    return good;
}

bool objects_sort(struct objects *objects, struct err *err) {
    return (sort_truths(objects) && sort_detections(objects)) || no_memory(err);
}
