/* The confusion matrix: see confusion.h. */
#include "evaluation/confusion.h"

#include <stdlib.h>
#include <string.h>

#include "evaluation/memory.h"

/* ---- matching ---------------------------------------------------------------------------- */

/* What the detections of an image have taken. They are at most CROSS_CLASS_DEPTH, and few take
 * anything, so looking through the list costs less than a mark for each truth. */
struct taken {
    uint32_t count;
    uint32_t truths[CROSS_CLASS_DEPTH];
};

static bool is_taken(const struct taken *taken, uint32_t truth) {
    for (uint32_t i = 0; i < taken->count; i++) {
        if (taken->truths[i] == truth) return true;
    }
    return false;
}

/* True if a detection of this class prefers `overlap` to the one that it would take so far. */
static bool is_better(const struct objects *objects, uint32_t category,
                      const struct overlap *overlap, const struct overlap *best) {
    if (!best || overlap->iou != best->iou) return !best || overlap->iou > best->iou;
    const struct truth *one = &objects->truths[overlap->truth];
    const struct truth *other = &objects->truths[best->truth];
    bool is_own = one->category == category;
    if (is_own != (other->category == category)) return is_own;
    return one->row < other->row;
}

static uint32_t choose(const struct objects *objects, double least, uint32_t index,
                       struct taken *taken) {
    const struct overlap *overlap = objects->overlaps + objects->overlap_starts[index];
    const struct overlap *end = objects->overlaps + objects->overlap_starts[index + 1];
    const struct overlap *best = NULL;
    bool is_on_ignored = false;
    for (; overlap < end; overlap++) {
        if (overlap->iou < least) continue;
        const struct truth *truth = &objects->truths[overlap->truth];
        uint32_t category = objects->detections[index].category;
        if (truth->is_ignored) {
            if (truth->category == category) is_on_ignored = true;
        } else if (is_better(objects, category, overlap, best) &&
                   !is_taken(taken, overlap->truth)) {
            best = overlap;
        }
    }
    if (!best) return is_on_ignored ? CONFUSION_LEFT_OUT : CONFUSION_BACKGROUND;
    return taken->truths[taken->count++] = best->truth;
}

bool confusion_match_image(const struct objects *objects, double iou, double confidence,
                           uint32_t image, struct image_takes *takes, struct share *share) {
    const double almost_one = 1 - 1e-10;
    double least = iou < almost_one ? iou : almost_one;
    const uint32_t *by_place = objects->by_place + objects->detection_starts[image];
    uint32_t count = objects->detection_starts[image + 1] - objects->detection_starts[image];
    struct taken taken = {.count = 0};
    takes->count = 0;
    for (uint32_t place = 0; place < count && place < CROSS_CLASS_DEPTH; place++) {
        uint32_t index = by_place[place];
        if (objects->detections[index].score < confidence) break;
        if (!share_may_look(share, objects_overlaps_of(objects, index))) return false;
        takes->of[takes->count++] = choose(objects, least, index, &taken);
    }
    return true;
}

bool confusion_match(const struct objects *objects, double iou, double confidence, uint32_t first,
                     uint32_t end, uint32_t *takes, struct share *share) {
    for (uint32_t image = first; image < end; image++) {
        struct image_takes surest;
        uint32_t start = objects->detection_starts[image];
        uint32_t count = objects->detection_starts[image + 1] - start;
        if (!confusion_match_image(objects, iou, confidence, image, &surest, share)) return false;
        for (uint32_t place = 0; place < count; place++) {
            takes[objects->by_place[start + place]] =
                place < surest.count ? surest.of[place] : CONFUSION_LEFT_OUT;
        }
    }
    return true;
}

/* ---- cells ------------------------------------------------------------------------------- */

/* Cells are found one prediction after the other, so there is one row of counts, not a square:
 * datasets may have many classes. Truths have one class more, the background: classes. */
struct counting {
    const struct objects *objects;
    const struct selection *selection;
    uint32_t classes;
    bool *is_found;   /* of each truth: a detection takes it */
    uint32_t *truths; /* of each detection: the class that it takes, or CONFUSION_LEFT_OUT */
    uint64_t *row;    /* of each class of truths */
    uint32_t *named;  /* the classes that are not 0 in the row */
    uint32_t named_count;
    struct confusion_cell *cells; /* by prediction */
    size_t count;
    size_t cap;
};

static bool counting_init(struct counting *counting) {
    const struct objects *objects = counting->objects;
    counting->is_found = calloc(objects->truth_count + 1, sizeof *counting->is_found);
    counting->truths = reallocarray(NULL, objects->detection_count + 1, sizeof *counting->truths);
    counting->row = calloc((size_t)counting->classes + 1, sizeof *counting->row);
    counting->named = reallocarray(NULL, (size_t)counting->classes + 1, sizeof *counting->named);
    return counting->is_found && counting->truths && counting->row && counting->named;
}

static void counting_free(struct counting *counting) {
    free(counting->is_found);
    free(counting->truths);
    free(counting->row);
    free(counting->named);
    free(counting->cells);
}

/* Sets `truths` and `is_found`, in the order of memory. */
static void find_truths(struct counting *counting, const uint32_t *takes) {
    const struct objects *objects = counting->objects;
    for (uint32_t image = 0; image < objects->image_count; image++) {
        bool is_selected = selection_has_image(counting->selection, image);
        for (uint32_t i = objects->detection_starts[image];
             i < objects->detection_starts[image + 1]; i++) {
            uint32_t truth = is_selected ? takes[i] : CONFUSION_LEFT_OUT;
            counting->truths[i] = truth;
            if (truth == CONFUSION_LEFT_OUT) continue;
            bool is_background = truth == CONFUSION_BACKGROUND;
            if (!is_background) counting->is_found[truth] = true;
            counting->truths[i] =
                is_background ? counting->classes : objects->truths[truth].category;
        }
    }
}

static void count_one(struct counting *counting, uint32_t truth) {
    if (counting->row[truth]++ == 0) counting->named[counting->named_count++] = truth;
}

/* Moves the row to the cells. `predicted` may be the number of classes: the background. */
static bool end_row(struct counting *counting, uint32_t predicted) {
    size_t need = counting->count + counting->named_count;
    if (need > counting->cap) {
        size_t cap = need + need / 2;
        struct confusion_cell *grown = reallocarray(counting->cells, cap, sizeof *grown);
        if (!grown) return false;
        counting->cells = grown;
        counting->cap = cap;
    }
    for (uint32_t i = 0; i < counting->named_count; i++) {
        uint32_t truth = counting->named[i];
        counting->cells[counting->count++] = (struct confusion_cell){
            .truth = truth, .predicted = predicted, .count = counting->row[truth]};
        counting->row[truth] = 0;
    }
    counting->named_count = 0;
    return true;
}

static bool has_class(const struct counting *counting, uint32_t category) {
    return category < counting->classes && selection_has_category(counting->selection, category);
}

static bool count_predicted(struct counting *counting, uint32_t k) {
    const struct objects *objects = counting->objects;
    bool is_selected = has_class(counting, k);
    for (uint32_t i = objects->class_starts[k]; i < objects->class_starts[k + 1]; i++) {
        uint32_t truth = counting->truths[objects->by_class[i]];
        if (truth == CONFUSION_LEFT_OUT) continue;
        if (is_selected || has_class(counting, truth)) count_one(counting, truth);
    }
    return end_row(counting, k);
}

static bool count_missed(struct counting *counting) {
    const struct objects *objects = counting->objects;
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        if (!truth->is_ignored && !counting->is_found[i] && has_class(counting, truth->category) &&
            selection_has_image(counting->selection, truth->image)) {
            count_one(counting, truth->category);
        }
    }
    return end_row(counting, counting->classes);
}

static uint32_t class_or_background(const struct counting *counting, uint32_t category) {
    return category < counting->classes ? category : CONFUSION_BACKGROUND;
}

/* Moves the cells to *confusion, by truth; they are sorted by prediction. */
static bool sort_cells(struct counting *counting, struct confusion *confusion) {
    confusion->cells = reallocarray(NULL, counting->count + 1, sizeof *confusion->cells);
    size_t *next = calloc((size_t)counting->classes + 2, sizeof *next);
    bool good = confusion->cells && next;
    for (size_t i = 0; good && i < counting->count; i++) next[counting->cells[i].truth + 1]++;
    for (size_t k = 0; good && k < counting->classes; k++) next[k + 1] += next[k];
    for (size_t i = 0; good && i < counting->count; i++) {
        struct confusion_cell cell = counting->cells[i];
        struct confusion_cell *at = &confusion->cells[next[cell.truth]++];
        *at = (struct confusion_cell){.truth = class_or_background(counting, cell.truth),
                                      .predicted = class_or_background(counting, cell.predicted),
                                      .count = cell.count};
    }
    if (good) confusion->count = counting->count;
    free(next);
    return good;
}

/* The row of counts, which is all 0 by now, marks the classes. */
static bool list_classes(struct counting *counting, struct confusion *confusion) {
    uint64_t *mark = counting->row;
    for (size_t i = 0; i < counting->count; i++) {
        mark[counting->cells[i].truth] = 1;
        if (counting->cells[i].predicted < counting->classes)
            mark[counting->cells[i].predicted] = 1;
    }
    confusion->classes =
        reallocarray(NULL, (size_t)counting->classes + 1, sizeof *confusion->classes);
    if (!confusion->classes) return false;
    for (uint32_t k = 0; k < counting->classes; k++) {
        if (mark[k] || has_class(counting, k)) confusion->classes[confusion->class_count++] = k;
    }
    return true;
}

bool confusion_count(struct confusion *confusion, const struct objects *objects,
                     const struct selection *selection, const uint32_t *takes, struct err *err) {
    struct counting counting = {
        .objects = objects, .selection = selection, .classes = (uint32_t)objects->category_count};
    *confusion = (struct confusion){0};
    bool good = counting_init(&counting);
    if (good) find_truths(&counting, takes);
    for (uint32_t k = 0; good && k < counting.classes; k++) good = count_predicted(&counting, k);
    good = good && count_missed(&counting) && sort_cells(&counting, confusion) &&
           list_classes(&counting, confusion);
    counting_free(&counting);
    return good || memory_is_out(err);
}

void confusion_free(struct confusion *confusion) {
    free(confusion->cells);
    free(confusion->classes);
    *confusion = (struct confusion){0};
}

/* ---- sums -------------------------------------------------------------------------------- */

/* Negative if one cell comes before the other. */
static int compare_cells(const struct confusion_cell *one, const struct confusion_cell *other) {
    if (one->truth != other->truth) return one->truth < other->truth ? -1 : 1;
    return (one->predicted > other->predicted) - (one->predicted < other->predicted);
}

/* Merges two lists. Returns the number of cells. */
static size_t merge_cells(const struct confusion *one, const struct confusion *other,
                          struct confusion_cell *into) {
    size_t a = 0;
    size_t b = 0;
    size_t count = 0;
    while (a < one->count || b < other->count) {
        int order = a == one->count     ? 1
                    : b == other->count ? -1
                                        : compare_cells(&one->cells[a], &other->cells[b]);
        into[count] = order <= 0 ? one->cells[a++] : other->cells[b];
        if (order == 0) into[count].count += other->cells[b].count;
        b += order >= 0;
        count++;
    }
    return count;
}

static size_t merge_classes(const struct confusion *one, const struct confusion *other,
                            uint32_t *into) {
    size_t a = 0;
    size_t b = 0;
    size_t count = 0;
    while (a < one->class_count || b < other->class_count) {
        bool from_one = b == other->class_count ||
                        (a < one->class_count && one->classes[a] <= other->classes[b]);
        uint32_t k = from_one ? one->classes[a] : other->classes[b];
        a += a < one->class_count && one->classes[a] == k;
        b += b < other->class_count && other->classes[b] == k;
        into[count++] = k;
    }
    return count;
}

bool confusion_add(struct confusion *confusion, const struct confusion *more, struct err *err) {
    struct confusion sum = {0};
    sum.cells = reallocarray(NULL, confusion->count + more->count + 1, sizeof *sum.cells);
    sum.classes =
        reallocarray(NULL, confusion->class_count + more->class_count + 1, sizeof *sum.classes);
    if (!sum.cells || !sum.classes) {
        confusion_free(&sum);
        return memory_is_out(err);
    }
    sum.count = merge_cells(confusion, more, sum.cells);
    sum.class_count = merge_classes(confusion, more, sum.classes);
    confusion_free(confusion);
    *confusion = sum;
    return true;
}
