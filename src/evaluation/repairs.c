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
    CODES = REPAIR_CODES,
    OUTCOME_MASK = 7
};

enum effect {
    EFFECT_NONE, /* not a point */
    EFFECT_MISS,
    EFFECT_HIT
};

/* AP without a repair is kept under the outcome that has none. */
static const enum outcome unrepaired = OUTCOME_TRUE_POSITIVE;

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

static void set_effects(uint8_t effects[OUTCOMES][CODES]) {
    for (int repair = 0; repair < OUTCOMES; repair++) {
        for (unsigned code = 0; code < CODES; code++) {
            effects[repair][code] = (uint8_t)effect_of((enum outcome)repair, code);
        }
    }
}

/* ---- codes --------------------------------------------------------------------------------- */

bool repair_moves_in(uint8_t code) {
    return code & CODE_MOVED_IN;
}

bool repair_is_looked_at(uint8_t code) {
    return (code & OUTCOME_MASK) != OUTCOME_IGNORED;
}

/* ---- AP of a class -------------------------------------------------------------------------- */

struct mender {
    uint8_t effects[OUTCOMES][CODES];
    double sums[OUTCOMES]; /* of AP */
    uint64_t classes[OUTCOMES];
    bool failed; /* there was no memory */
    /* Of one class. */
    uint32_t truths;
    uint32_t missed;
    size_t count;
    size_t cap;
    uint8_t *codes;        /* in the order without a repair */
    uint8_t *errors_first; /* in the order after a repair */
    size_t first_count;    /* of these, without the hits that wait */
    size_t waiting;        /* hits whose score is that of the last detection */
    double score;          /* of the last detection */
    size_t hits;           /* that there may be after any repair */
    double *precisions;    /* of each hit */
    size_t precision_cap;
};

struct mender *mender_new(struct err *err) {
    struct mender *mender = calloc(1, sizeof *mender);
    if (!mender) {
        memory_is_out(err);
        return NULL;
    }
    set_effects(mender->effects);
    return mender;
}

void mender_free(struct mender *mender) {
    if (!mender) return;
    free(mender->codes);
    free(mender->errors_first);
    free(mender->precisions);
    free(mender);
}

void mender_begin(struct mender *mender, uint32_t truths, uint32_t missed) {
    mender->truths = truths;
    mender->missed = missed;
    mender->count = mender->first_count = mender->waiting = mender->hits = 0;
}

static bool grow(struct mender *mender) {
    size_t cap = mender->cap ? mender->cap + mender->cap / 2 : 1024;
    mender->failed = mender->failed || !memory_resize(&mender->codes, cap, 1) ||
                     !memory_resize(&mender->errors_first, cap, 1);
    if (!mender->failed) mender->cap = cap;
    return !mender->failed;
}

static bool had_error(uint8_t code) {
    return (code & OUTCOME_MASK) != OUTCOME_TRUE_POSITIVE;
}

static void put_waiting(struct mender *mender) {
    for (; mender->waiting > 0; mender->waiting--) {
        mender->errors_first[mender->first_count++] = OUTCOME_TRUE_POSITIVE;
    }
}

void mender_add(struct mender *mender, double score, uint8_t code) {
    if (!repair_is_looked_at(code)) return;
    if (mender->count == mender->cap && !grow(mender)) return;
    if (score != mender->score) put_waiting(mender);
    mender->score = score;
    mender->codes[mender->count++] = code;
    if (had_error(code)) {
        mender->errors_first[mender->first_count++] = code;
        mender->hits += (code & (CODE_REPAIRABLE | CODE_MOVED_IN)) != 0;
    } else {
        mender->waiting++;
        mender->hits++;
    }
}

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

/* Adds the AP of the class to that of all after this repair. */
static void add_ap(struct mender *mender, const uint8_t *codes, enum outcome repair,
                   uint32_t truths) {
    const uint8_t *effects = mender->effects[repair];
    size_t points = 0;
    size_t hits = 0;
    for (size_t i = 0; i < mender->count; i++) {
        uint8_t effect = effects[codes[i]];
        points += effect != EFFECT_NONE;
        if (effect != EFFECT_HIT) continue;
        hits++;
        mender->precisions[hits - 1] = (double)hits / (double)points;
    }
    if (points == 0 && truths == 0) return;
    mender->classes[repair]++;
    if (truths == 0) return;
    mender->sums[repair] += sum_of_points(mender->precisions, hits, truths) / RECALL_POINTS;
}

static bool reserve_precisions(struct mender *mender) {
    if (mender->hits < mender->precision_cap) return true;
    mender->failed =
        mender->failed || !memory_resize(&mender->precisions, mender->hits + 1, sizeof(double));
    if (!mender->failed) mender->precision_cap = mender->hits + 1;
    return !mender->failed;
}

void mender_end(struct mender *mender) {
    if (!reserve_precisions(mender)) return;
    put_waiting(mender);
    add_ap(mender, mender->codes, unrepaired, mender->truths);
    for (int repair = 0; repair < OUTCOMES; repair++) {
        if (!is_error((enum outcome)repair)) continue;
        uint32_t missed = repair == OUTCOME_MISSED ? mender->missed : 0;
        add_ap(mender, mender->errors_first, (enum outcome)repair, mender->truths - missed);
    }
}

static double mean_ap(const struct mender *mender, enum outcome repair) {
    if (mender->classes[repair] == 0) return -1;
    return mender->sums[repair] / (double)mender->classes[repair];
}

bool mender_finish(const struct mender *mender, struct repairs *repairs, struct err *err) {
    repairs->ap = mean_ap(mender, unrepaired);
    for (int i = 0; i < OUTCOMES; i++) {
        double repaired = is_error((enum outcome)i) ? mean_ap(mender, (enum outcome)i) : -1;
        double gain = repaired - repairs->ap;
        repairs->dap[i] = repairs->ap < 0 || repaired < 0 ? -1 : gain > 0 ? gain : 0;
    }
    return !mender->failed || memory_is_out(err);
}

/* ---- ground truths ------------------------------------------------------------------------- */

/* A detection that would move to another class. */
struct move {
    double score;
    uint32_t image;
    uint32_t place;
    uint32_t index;
};

struct repair_lists {
    const struct objects *objects;
    const struct selection *selection;
    const struct findings *findings;
    bool *is_repairable; /* of each detection */
    uint32_t *truths;    /* T of each class */
    uint32_t *missed;    /* of those, missed */
    uint32_t *move_starts;
    struct move *moves; /* repairable classifications, by the class of the ground truth */
};

static bool is_selected(const struct repair_lists *lists, const struct truth *truth) {
    return !truth->is_ignored && selection_has_image(lists->selection, truth->image);
}

/* Counts ground truths, and marks the detections that they name. */
static void read_truths(struct repair_lists *lists) {
    const struct objects *objects = lists->objects;
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        const struct finding *finding = &lists->findings->truths[i];
        if (!is_selected(lists, truth)) continue;
        lists->truths[truth->category]++;
        lists->missed[truth->category] += finding->outcome == OUTCOME_MISSED;
        lists->move_starts[truth->category] += finding->outcome == OUTCOME_CLASSIFICATION;
        if (finding->outcome == OUTCOME_LOCALISATION) lists->is_repairable[finding->other] = true;
    }
}

static struct move move_of(const struct objects *objects, uint32_t index) {
    const struct detection *detection = &objects->detections[index];
    return (struct move){detection->score, detection->image, detection->place, index};
}

static int by_score(const void *one, const void *two) {
    const struct move *a = one;
    const struct move *b = two;
    if (a->score != b->score) return (a->score < b->score) - (a->score > b->score);
    if (a->image != b->image) return (a->image > b->image) - (a->image < b->image);
    return (a->place > b->place) - (a->place < b->place);
}

/* Fills `moves`, each class's sorted like a class. move_starts holds counts at first. */
static bool list_moves(struct repair_lists *lists) {
    const struct objects *objects = lists->objects;
    uint32_t *starts = lists->move_starts;
    for (size_t k = 0; k < objects->category_count; k++) starts[k + 1] += starts[k];
    lists->moves =
        reallocarray(NULL, (size_t)starts[objects->category_count] + 1, sizeof *lists->moves);
    if (!lists->moves) return false;
    /* starts[k] is the end of class k, and becomes its start. */
    for (size_t i = 0; i < objects->truth_count; i++) {
        const struct truth *truth = &objects->truths[i];
        const struct finding *finding = &lists->findings->truths[i];
        if (finding->outcome != OUTCOME_CLASSIFICATION || !is_selected(lists, truth)) continue;
        lists->moves[--starts[truth->category]] = move_of(objects, finding->other);
    }
    for (size_t k = 0; k < objects->category_count; k++) {
        qsort(lists->moves + starts[k], starts[k + 1] - starts[k], sizeof *lists->moves, by_score);
    }
    return true;
}

/* ---- the list of a class -------------------------------------------------------------------- */

static bool repair_lists_fill(struct repair_lists *lists) {
    const struct objects *objects = lists->objects;
    size_t classes = objects->category_count + 1;
    lists->is_repairable = calloc(objects->detection_count + 1, sizeof(bool));
    lists->truths = calloc(classes, sizeof(uint32_t));
    lists->missed = calloc(classes, sizeof(uint32_t));
    lists->move_starts = calloc(classes, sizeof(uint32_t));
    if (!lists->is_repairable || !lists->truths || !lists->missed || !lists->move_starts) {
        return false;
    }
    read_truths(lists);
    return list_moves(lists);
}

struct repair_lists *repair_lists_new(const struct objects *objects,
                                      const struct selection *selection,
                                      const struct findings *findings, struct err *err) {
    struct repair_lists *lists = calloc(1, sizeof *lists);
    if (lists) {
        *lists =
            (struct repair_lists){.objects = objects, .selection = selection, .findings = findings};
    }
    if (lists && repair_lists_fill(lists)) return lists;
    repair_lists_free(lists);
    memory_is_out(err);
    return NULL;
}

void repair_lists_free(struct repair_lists *lists) {
    if (!lists) return;
    free(lists->is_repairable);
    free(lists->truths);
    free(lists->missed);
    free(lists->move_starts);
    free(lists->moves);
    free(lists);
}

uint32_t repair_lists_truths(const struct repair_lists *lists, size_t k) {
    return lists->truths[k];
}

uint32_t repair_lists_missed(const struct repair_lists *lists, size_t k) {
    return lists->missed[k];
}

static uint8_t code_of(const struct repair_lists *lists, uint32_t index) {
    const struct finding *finding = &lists->findings->detections[index];
    unsigned code = finding->error;
    if (lists->is_repairable[index]) code |= CODE_REPAIRABLE;
    if (finding->outcome == OUTCOME_IGNORED) code |= CODE_LEFT_OUT;
    return (uint8_t)code;
}

void repair_lists_walk(const struct repair_lists *lists, size_t k, repair_take *take, void *self) {
    static const uint8_t moved_in = OUTCOME_CLASSIFICATION | CODE_MOVED_IN;
    const struct objects *objects = lists->objects;
    const struct move *move = lists->moves + lists->move_starts[k];
    const struct move *end = lists->moves + lists->move_starts[k + 1];
    for (uint32_t i = objects->class_starts[k]; i < objects->class_starts[k + 1]; i++) {
        uint32_t index = objects->by_class[i];
        if (!selection_has_image(lists->selection, objects->detections[index].image)) continue;
        if (move < end) {
            struct move this = move_of(objects, index);
            for (; move < end && by_score(move, &this) < 0; move++) {
                take(self, move->index, moved_in);
            }
        }
        take(self, index, code_of(lists, index));
    }
    for (; move < end; move++) take(self, move->index, moved_in);
}

/* ---- all classes ---------------------------------------------------------------------------- */

struct mending {
    const struct objects *objects;
    struct mender *mender;
};

static void mend(void *self, uint32_t index, uint8_t code) {
    const struct mending *mending = self;
    mender_add(mending->mender, mending->objects->detections[index].score, code);
}

static void mend_classes(struct mending *mending, const struct selection *selection,
                         const struct repair_lists *lists) {
    for (uint32_t k = 0; k < mending->objects->category_count; k++) {
        if (!selection_has_category(selection, k)) continue;
        mender_begin(mending->mender, lists->truths[k], lists->missed[k]);
        repair_lists_walk(lists, k, mend, mending);
        mender_end(mending->mender);
    }
}

bool repairs_measure(struct repairs *repairs, const struct objects *objects,
                     const struct selection *selection, const struct findings *findings,
                     struct err *err) {
    struct repair_lists *lists = repair_lists_new(objects, selection, findings, err);
    struct mending mending = {.objects = objects, .mender = lists ? mender_new(err) : NULL};
    if (mending.mender) mend_classes(&mending, selection, lists);
    bool good = mending.mender && mender_finish(mending.mender, repairs, err);
    mender_free(mending.mender);
    repair_lists_free(lists);
    return good;
}
