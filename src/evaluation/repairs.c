/* AP after the repair of one type of error: see repairs.h. */
#include "evaluation/repairs.h"

#include <stdlib.h>

#include "evaluation/memory.h"
#include "evaluation/settings.h"

/* What a detection is in the list of a class. A code is an outcome, the error of the detection, and
 * these. */
enum {
    CODE_REPAIRABLE = 8, /* its ground truth names it */
    CODE_LEFT_OUT = 16,  /* it is ignored: not a point unless it is repaired */
    CODE_MOVED_IN = 32,  /* of another class: a point only once it is repaired */
    CODES = 64,
    OUTCOME_MASK = 7
};

enum effect {
    EFFECT_NONE, /* not a point */
    EFFECT_MISS,
    EFFECT_HIT
};

/* A detection in the list of a class. */
struct item {
    double score;
    uint32_t image;
    uint32_t place;
    uint8_t code;
};

/* AP without a repair is kept under the outcome that has none. */
static const enum outcome unrepaired = OUTCOME_TRUE_POSITIVE;

struct mending {
    const struct objects *objects;
    const struct selection *selection;
    const struct findings *findings;
    bool *is_repairable; /* of each detection */
    uint32_t *truths;    /* T of each class */
    uint32_t *missed;    /* of those, missed */
    uint32_t *move_starts;
    struct item *moves; /* repairable classifications, by the class of the ground truth */
    /* Of one class. */
    struct item *items;
    uint8_t *codes;
    double *precisions;
    size_t count;
    uint8_t effects[OUTCOMES][CODES];
    double sums[OUTCOMES]; /* of AP */
    uint64_t classes[OUTCOMES];
};

static bool is_error(enum outcome outcome) {
    return outcome != OUTCOME_TRUE_POSITIVE && outcome != OUTCOME_IGNORED;
}

/* ---- the effect of a repair ---------------------------------------------------------------- */

static enum effect effect_of(enum outcome repair, unsigned code) {
    enum outcome error = code & OUTCOME_MASK;
    if (code & CODE_MOVED_IN) {
        return repair == OUTCOME_CLASSIFICATION ? EFFECT_HIT : EFFECT_NONE;
    }
    if (error == OUTCOME_TRUE_POSITIVE) return EFFECT_HIT;
    if (error == repair) {
        bool hits = error == OUTCOME_LOCALISATION && (code & CODE_REPAIRABLE);
        return hits ? EFFECT_HIT : EFFECT_NONE;
    }
    return code & CODE_LEFT_OUT ? EFFECT_NONE : EFFECT_MISS;
}

static void set_effects(struct mending *mending) {
    for (int repair = 0; repair < OUTCOMES; repair++) {
        for (unsigned code = 0; code < CODES; code++) {
            mending->effects[repair][code] = (uint8_t)effect_of((enum outcome)repair, code);
        }
    }
}

/* ---- ground truths ------------------------------------------------------------------------- */

static struct item item_of(const struct mending *mending, uint32_t index, unsigned code) {
    const struct detection *detection = &mending->objects->detections[index];
    return (struct item){detection->score, detection->image, detection->place, (uint8_t)code};
}

static bool is_selected(const struct mending *mending, const struct truth *truth) {
    return !truth->is_ignored && selection_has_image(mending->selection, truth->image);
}

/* Counts ground truths, and marks the detections that they name. */
static void read_truths(struct mending *mending) {
    const struct objects *objects = mending->objects;
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        const struct finding *finding = &mending->findings->truths[i];
        if (!is_selected(mending, truth)) continue;
        mending->truths[truth->category]++;
        mending->missed[truth->category] += finding->outcome == OUTCOME_MISSED;
        mending->move_starts[truth->category] += finding->outcome == OUTCOME_CLASSIFICATION;
        if (finding->outcome == OUTCOME_LOCALISATION) mending->is_repairable[finding->other] = true;
    }
}

static int by_score(const void *one, const void *two) {
    const struct item *a = one;
    const struct item *b = two;
    if (a->score != b->score) return (a->score < b->score) - (a->score > b->score);
    if (a->image != b->image) return (a->image > b->image) - (a->image < b->image);
    return (a->place > b->place) - (a->place < b->place);
}

/* Fills `moves`, each class's sorted like a class. move_starts holds counts at first. */
static bool list_moves(struct mending *mending) {
    const struct objects *objects = mending->objects;
    uint32_t *starts = mending->move_starts;
    for (size_t k = 0; k < objects->category_count; k++) starts[k + 1] += starts[k];
    mending->moves =
        reallocarray(NULL, (size_t)starts[objects->category_count] + 1, sizeof *mending->moves);
    if (!mending->moves) return false;
    /* starts[k] is the end of class k, and becomes its start. */
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        const struct finding *finding = &mending->findings->truths[i];
        if (finding->outcome != OUTCOME_CLASSIFICATION || !is_selected(mending, truth)) continue;
        mending->moves[--starts[truth->category]] =
            item_of(mending, finding->other, OUTCOME_CLASSIFICATION | CODE_MOVED_IN);
    }
    for (size_t k = 0; k < objects->category_count; k++) {
        qsort(mending->moves + starts[k], starts[k + 1] - starts[k], sizeof *mending->moves,
              by_score);
    }
    return true;
}

/* ---- the list of a class -------------------------------------------------------------------- */

static unsigned code_of(const struct mending *mending, uint32_t index) {
    const struct finding *finding = &mending->findings->detections[index];
    unsigned code = finding->error;
    if (mending->is_repairable[index]) code |= CODE_REPAIRABLE;
    if (finding->outcome == OUTCOME_IGNORED) code |= CODE_LEFT_OUT;
    return code;
}

/* Lists the detections of a class, and those that may move to it, in the order without a repair. */
static void list_class(struct mending *mending, uint32_t k) {
    const struct objects *objects = mending->objects;
    const struct item *move = mending->moves + mending->move_starts[k];
    const struct item *moves_end = mending->moves + mending->move_starts[k + 1];
    struct item *into = mending->items;
    for (uint32_t i = objects->class_starts[k]; i < objects->class_starts[k + 1]; i++) {
        uint32_t index = objects->by_class[i];
        if (mending->findings->detections[index].error == OUTCOME_IGNORED ||
            !selection_has_image(mending->selection, objects->detections[index].image)) {
            continue;
        }
        struct item item = item_of(mending, index, code_of(mending, index));
        while (move < moves_end && by_score(move, &item) < 0) *into++ = *move++;
        *into++ = item;
    }
    while (move < moves_end) *into++ = *move++;
    mending->count = (size_t)(into - mending->items);
}

static bool had_error(const struct item *item) {
    return (item->code & OUTCOME_MASK) != OUTCOME_TRUE_POSITIVE;
}

static void put_codes(struct mending *mending) {
    for (size_t i = 0; i < mending->count; i++) mending->codes[i] = mending->items[i].code;
}

/* Of equal scores, puts those that had an error first: the order after a repair. */
static void put_codes_errors_first(struct mending *mending) {
    const struct item *items = mending->items;
    uint8_t *code = mending->codes;
    for (size_t i = 0; i < mending->count;) {
        size_t end = i;
        for (; end < mending->count && items[end].score == items[i].score; end++) {
            if (had_error(&items[end])) *code++ = items[end].code;
        }
        for (; i < end; i++) {
            if (!had_error(&items[i])) *code++ = items[i].code;
        }
    }
}

/* ---- AP ------------------------------------------------------------------------------------ */

/* Returns the sum of the best precisions at the recall points. precisions: at each hit; the best
 * precision from a point on is always that of a hit. */
static double sum_of_points(double *precisions, size_t hits, uint32_t truths) {
    double sum = 0;
    size_t hit = 0;
    for (size_t i = hits; i-- > 1;) {
        if (precisions[i] > precisions[i - 1]) precisions[i - 1] = precisions[i];
    }
    for (int i = 0; i < RECALL_POINTS; i++) {
        double recall = i / 100.;
        while (hit < hits && (double)(hit + 1) / truths < recall) hit++;
        if (hit == hits) break;
        sum += precisions[hit];
    }
    return sum;
}

/* Adds the AP of the class, whose codes are in order, to that of all after this repair. */
static void add_ap(struct mending *mending, enum outcome repair, uint32_t truths) {
    const uint8_t *effects = mending->effects[repair];
    size_t points = 0;
    size_t hits = 0;
    for (size_t i = 0; i < mending->count; i++) {
        uint8_t effect = effects[mending->codes[i]];
        points += effect != EFFECT_NONE;
        if (effect != EFFECT_HIT) continue;
        hits++;
        mending->precisions[hits - 1] = (double)hits / (double)points;
    }
    if (points == 0 && truths == 0) return;
    mending->classes[repair]++;
    if (truths == 0) return;
    mending->sums[repair] += sum_of_points(mending->precisions, hits, truths) / RECALL_POINTS;
}

static void measure_class(struct mending *mending, uint32_t k) {
    uint32_t truths = mending->truths[k];
    list_class(mending, k);
    put_codes(mending);
    add_ap(mending, unrepaired, truths);
    put_codes_errors_first(mending);
    for (int repair = 0; repair < OUTCOMES; repair++) {
        if (!is_error((enum outcome)repair)) continue;
        uint32_t left = repair == OUTCOME_MISSED ? truths - mending->missed[k] : truths;
        add_ap(mending, (enum outcome)repair, left);
    }
}

/* ---- all classes ---------------------------------------------------------------------------- */

static size_t longest_list(const struct mending *mending) {
    const struct objects *objects = mending->objects;
    size_t longest = 0;
    for (size_t k = 0; k < objects->category_count; k++) {
        size_t count = (size_t)objects->class_starts[k + 1] - objects->class_starts[k] +
                       mending->move_starts[k + 1] - mending->move_starts[k];
        if (count > longest) longest = count;
    }
    return longest;
}

static bool mending_init(struct mending *mending) {
    const struct objects *objects = mending->objects;
    size_t classes = objects->category_count + 1;
    mending->is_repairable = calloc(objects->detection_count + 1, sizeof(bool));
    mending->truths = calloc(classes, sizeof(uint32_t));
    mending->missed = calloc(classes, sizeof(uint32_t));
    mending->move_starts = calloc(classes, sizeof(uint32_t));
    if (!mending->is_repairable || !mending->truths || !mending->missed || !mending->move_starts) {
        return false;
    }
    read_truths(mending);
    if (!list_moves(mending)) return false;
    size_t longest = longest_list(mending) + 1;
    mending->items = reallocarray(NULL, longest, sizeof(struct item));
    mending->codes = reallocarray(NULL, longest, sizeof(uint8_t));
    mending->precisions = reallocarray(NULL, longest, sizeof(double));
    set_effects(mending);
    return mending->items && mending->codes && mending->precisions;
}

static void mending_free(struct mending *mending) {
    free(mending->is_repairable);
    free(mending->truths);
    free(mending->missed);
    free(mending->move_starts);
    free(mending->moves);
    free(mending->items);
    free(mending->codes);
    free(mending->precisions);
}

static double mean_ap(const struct mending *mending, enum outcome repair) {
    if (mending->classes[repair] == 0) return -1;
    return mending->sums[repair] / (double)mending->classes[repair];
}

static void write_repairs(const struct mending *mending, struct repairs *repairs) {
    repairs->ap = mean_ap(mending, unrepaired);
    for (int i = 0; i < OUTCOMES; i++) {
        double repaired = is_error((enum outcome)i) ? mean_ap(mending, (enum outcome)i) : -1;
        double gain = repaired - repairs->ap;
        repairs->dap[i] = repairs->ap < 0 || repaired < 0 ? -1 : gain > 0 ? gain : 0;
    }
}

bool repairs_measure(struct repairs *repairs, const struct objects *objects,
                     const struct selection *selection, const struct findings *findings,
                     struct err *err) {
    struct mending mending = {.objects = objects, .selection = selection, .findings = findings};
    bool good = mending_init(&mending);
    for (uint32_t k = 0; good && k < objects->category_count; k++) {
        if (selection_has_category(selection, k)) measure_class(&mending, k);
    }
    if (good) write_repairs(&mending, repairs);
    mending_free(&mending);
    return good || memory_is_out(err);
}
