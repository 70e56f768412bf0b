/* Evaluates a run in parts: see parts.h. */
#include "evaluation/parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "evaluation/memory.h"
#include "evaluation/records.h"
#include "evaluation/share.h"
#include "evaluation/verdicts.h"
#include "store/rows.h"

static const char parts_sql[] = "select coco.evaluation_parts($1, $2, $3, $4)";

enum {
    NUMBER_ROOM = 24,
    RECORDS_BETWEEN_LOOKS = 4096,
    FIRST_HITS = 1024 /* room for scores */
};

/* ---- ranges ------------------------------------------------------------------------------ */

/* bounds: the first image of each half of a part. */
static bool make_ranges(struct parts *parts, const struct rows *bounds, struct err *err) {
    size_t halves = (size_t)bounds->count;
    if (halves == 0) return true;
    parts->count = (halves + 1) / 2;
    parts->ranges = calloc(parts->count, sizeof *parts->ranges);
    if (!parts->ranges) return memory_is_out(err);
    for (size_t i = 0; i < parts->count; i++) {
        struct image_range *range = &parts->ranges[i];
        int half = (int)(2 * i);
        range->first = i == 0 ? INT64_MIN : rows_int64(bounds, half, 0);
        range->last = i + 1 == parts->count ? INT64_MAX : rows_int64(bounds, half + 2, 0) - 1;
        range->middle = half + 1 < bounds->count ? rows_int64(bounds, half + 1, 0) : range->last;
    }
    return true;
}

bool parts_find(struct parts *parts, const struct subject *subject,
                const struct evaluator *evaluator, struct err *err) {
    char ground_truth[NUMBER_ROOM], run[NUMBER_ROOM], max[NUMBER_ROOM], half[NUMBER_ROOM];
    struct rows bounds;
    *parts = (struct parts){0};
    if (evaluator->rows == 0) return true;
    snprintf(ground_truth, sizeof ground_truth, "%" PRId64, subject->imports.ground_truth);
    snprintf(run, sizeof run, "%" PRId64, subject->imports.run);
    snprintf(max, sizeof max, "%zu", evaluator->rows);
    snprintf(half, sizeof half, "%zu", evaluator->rows / (2 * PARTS_SHARE) + 1);
    const char *params[] = {ground_truth, run, max, half};
    bool good = rows_query(&bounds, evaluator->db, parts_sql, 4, params, err) &&
                make_ranges(parts, &bounds, err);
    rows_free(&bounds);
    return good;
}

void parts_free(struct parts *parts) {
    free(parts->ranges);
    *parts = (struct parts){0};
}

bool parts_refuse(const struct subject *subject, const struct evaluator *evaluator,
                  const char *what, struct err *err) {
    struct parts parts;
    bool good = parts_find(&parts, subject, evaluator, err);
    if (good && parts.count > 0) {
        good = err_set(err, ERR_BAD_REQUEST,
                       "%s needs all rows of a run and its ground truth in memory, and these are "
                       "more than %zu (--evaluation-rows)",
                       what, evaluator->rows);
    }
    parts_free(&parts);
    return good;
}

/* ---- what is summed ---------------------------------------------------------------------- */

struct summing {
    const struct parts *parts;
    struct subject *subject;
    const struct evaluator *evaluator;
    const struct evaluation_request *request;
    const struct settings *settings;
    struct numbers *numbers;
    struct records *records;
    uint64_t rows;    /* read so far */
    bool is_first;    /* the first pass: what is not by class is summed in it */
    uint32_t classes; /* 0: no part was read yet */
    uint32_t first;   /* the classes of this pass */
    uint32_t end;
    uint32_t *truths;            /* of each class, for a mender */
    uint32_t *missed;            /* likewise */
    struct error_counts *errors; /* of a part */
    double *hits;                /* scores of all true positives */
    size_t hit_count;
    size_t hit_cap;
    double highest; /* score that counts */
    struct measurer *measurer;
    struct mender *mender;
};

/* A part, and what is found in it. */
struct part {
    const struct objects *objects;
    const struct settings *settings;
    struct judged judged;
    struct verdict *verdicts;
    struct verdict *points;
    struct repair_lists *lists;
    struct findings findings;
    uint32_t *takes; /* of confusion_match */
};

static bool summing_init(struct summing *summing, struct err *err) {
    size_t classes = summing->subject->objects->category_count;
    summing->classes = (uint32_t)classes;
    summing->truths = calloc(classes + 1, sizeof *summing->truths);
    summing->missed = calloc(classes + 1, sizeof *summing->missed);
    summing->errors = calloc(classes + 1, sizeof *summing->errors);
    summing->hits = calloc(1, sizeof *summing->hits);
    summing->highest = -INFINITY;
    struct points *points = &summing->numbers->points;
    points->classes = calloc(classes + 1, sizeof *points->classes);
    if (!summing->truths || !summing->missed || !summing->errors || !summing->hits ||
        !points->classes) {
        return memory_is_out(err);
    }
    summing->mender = mender_new(err);
    return summing->mender != NULL;
}

static void summing_free(struct summing *summing) {
    records_free(summing->records);
    free(summing->truths);
    free(summing->missed);
    free(summing->errors);
    free(summing->hits);
    measurer_free(summing->measurer);
    mender_free(summing->mender);
}

/* ---- a part ------------------------------------------------------------------------------ */

static bool take_share(void *self, struct share *share) {
    const struct part *part = self;
    for (uint32_t first = share->first; first < share->end; first += SHARE_STRIDE) {
        if (!share_go_on(share)) return false;
        if (!confusion_match(part->objects, part->settings->iou, part->settings->confidence, first,
                             share_stride_end(share, first), part->takes, share)) {
            return false;
        }
    }
    return true;
}

static bool sum_confusion(struct summing *summing, struct part *part, struct err *err) {
    const struct objects *objects = part->objects;
    const struct evaluator *evaluator = summing->evaluator;
    struct confusion confusion = {0};
    part->takes = reallocarray(NULL, objects->detection_count + 1, sizeof *part->takes);
    if (!part->takes) return memory_is_out(err);
    bool good =
        share_work(evaluator->threads, objects->detection_starts, (uint32_t)objects->image_count,
                   take_share, part, evaluator->progress, err) &&
        confusion_count(&confusion, objects, &summing->subject->selection, part->takes, err) &&
        confusion_add(&summing->numbers->points.confusion, &confusion, err);
    confusion_free(&confusion);
    return good;
}

static void sum_errors(struct summing *summing, const struct part *part) {
    struct numbers *numbers = summing->numbers;
    struct error_counts all;
    findings_count(&part->findings, part->objects, &summing->subject->selection, summing->errors,
                   &all);
    for (uint32_t k = 0; k < summing->classes; k++) {
        for (int i = 0; i < OUTCOMES; i++) {
            numbers->class_errors[k].of[i] += summing->errors[k].of[i];
        }
        summing->truths[k] += repair_lists_truths(part->lists, k);
        summing->missed[k] += repair_lists_missed(part->lists, k);
    }
    for (int i = 0; i < OUTCOMES; i++) numbers->errors.of[i] += all.of[i];
}

static bool keep_hit(struct summing *summing, double score, struct err *err) {
    double *hits = memory_grow(summing->hits, summing->hit_count, &summing->hit_cap, sizeof *hits,
                               FIRST_HITS, err);
    if (!hits) return false;
    summing->hits = hits;
    hits[summing->hit_count++] = score;
    return true;
}

/* Lists the scores of the true positives, for the measurer. */
static bool sum_hits(struct summing *summing, const struct part *part, struct err *err) {
    const struct objects *objects = part->objects;
    const struct selection *selection = &summing->subject->selection;
    unsigned depth = settings_depth(summing->settings);
    for (size_t i = 0; i < objects->detection_count; i++) {
        const struct detection *detection = &objects->detections[i];
        if (part->points[i].ignored & 1 || detection->rank >= depth ||
            !selection_has_image(selection, detection->image) ||
            !selection_has_category(selection, detection->category)) {
            continue;
        }
        if (detection->score > summing->highest) summing->highest = detection->score;
        if (part->points[i].matched & 1 && !keep_hit(summing, detection->score, err)) return false;
    }
    return true;
}

static bool judge(struct summing *summing, struct part *part, struct err *err) {
    const struct evaluator *evaluator = summing->evaluator;
    const struct settings single = operations_settings(summing->settings);
    part->verdicts = verdicts_make(part->objects, summing->settings, summing->settings->area_count,
                                   evaluator->threads, evaluator->progress, err);
    if (!part->verdicts) return false;
    part->points =
        verdicts_make(part->objects, &single, 1, evaluator->threads, evaluator->progress, err);
    if (!part->points || !findings_find(&part->findings, part->objects, evaluator->threads,
                                        evaluator->progress, err)) {
        return false;
    }
    part->lists =
        repair_lists_new(part->objects, &summing->subject->selection, &part->findings, err);
    return part->lists != NULL;
}

static bool sum_part(struct summing *summing, struct part *part, struct err *err) {
    if (!judge(summing, part, err)) return false;
    part->judged = (struct judged){.objects = part->objects,
                                   .selection = &summing->subject->selection,
                                   .verdicts = part->verdicts,
                                   .points = part->points,
                                   .lists = part->lists};
    if (!records_add(summing->records, &part->judged, err)) return false;
    if (!summing->is_first) return true;
    numbers_count(summing->numbers, part->objects, summing->settings, &summing->subject->selection);
    sum_errors(summing, part);
    return sum_hits(summing, part, err) && sum_confusion(summing, part, err);
}

static void part_free(struct part *part) {
    free(part->verdicts);
    free(part->points);
    free(part->takes);
    repair_lists_free(part->lists);
    findings_free(&part->findings);
}

static bool add_part(struct summing *summing, const struct image_range *range, struct err *err) {
    struct subject *subject = summing->subject;
    if (!subject_load_part(subject, summing->evaluator, summing->request, range, &summing->rows,
                           err)) {
        return false;
    }
    if (!summing->numbers->class_truths &&
        !(numbers_init(summing->numbers, subject->objects, summing->settings, err) &&
          summing_init(summing, err))) {
        return false;
    }
    struct part part = {.objects = subject->objects, .settings = summing->settings};
    bool good = sum_part(summing, &part, err);
    part_free(&part);
    return good;
}

/* ---- what is made of the records --------------------------------------------------------- */

/* Calls `take` for each record of a class. */
static bool walk_class(const struct summing *summing, uint32_t k, struct share *share,
                       void (*take)(void *self, const struct record *record), void *self) {
    struct records_walk walk;
    struct record record;
    size_t taken = 0;
    bool good = records_open(&walk, summing->records, k, &share->err);
    while (good && records_next(&walk, &record)) {
        take(self, &record);
        if (++taken % RECORDS_BETWEEN_LOOKS == 0) good = share_go_on(share);
    }
    records_close(&walk);
    return good;
}

static bool is_selected(const struct summing *summing, uint32_t k) {
    return selection_has_category(&summing->subject->selection, k);
}

static void take_ranked(void *self, const struct record *record) {
    struct accumulation *accumulation = self;
    if (!record->is_ranked) return;
    accumulation_add(accumulation, record->verdicts, record->rank, record->score);
}

static bool accumulate_classes(struct summing *summing, struct share *share) {
    struct accumulation *accumulation = accumulation_new(summing->settings, &share->err);
    struct curves *curves = &summing->numbers->curves;
    bool good = accumulation != NULL;
    for (uint32_t k = summing->first; good && k < summing->end; k++) {
        if (!is_selected(summing, k)) continue;
        accumulation_begin(accumulation, curves, k);
        good = walk_class(summing, k, share, take_ranked, accumulation);
        if (good) accumulation_end(accumulation, curves, k);
    }
    accumulation_free(accumulation);
    return good;
}

static void take_looked_at(void *self, const struct record *record) {
    const struct summing *summing = self;
    if (record->counts) measurer_add(summing->measurer, record->score, record->hit);
    mender_add(summing->mender, record->score, record->code);
}

static bool measure_classes(struct summing *summing, struct share *share) {
    struct numbers *numbers = summing->numbers;
    for (uint32_t k = summing->first; k < summing->end; k++) {
        if (!is_selected(summing, k)) continue;
        measurer_begin(summing->measurer, numbers->curves.truths[k], &numbers->points.classes[k]);
        mender_begin(summing->mender, summing->truths[k], summing->missed[k]);
        if (!walk_class(summing, k, share, take_looked_at, summing)) return false;
        measurer_end(summing->measurer);
        mender_end(summing->mender);
    }
    return true;
}

/* Curves do not need the rest, nor the rest curves: one thread for each. */
static bool walk_share(void *self, struct share *share) {
    bool good = true;
    for (uint32_t i = share->first; good && i < share->end; i++) {
        good = i == 0 ? accumulate_classes(self, share) : measure_classes(self, share);
    }
    return good;
}

/* ---- passes ------------------------------------------------------------------------------ */

static bool make_measurer(struct summing *summing, struct err *err) {
    double *hits = summing->hits;
    summing->hits = NULL;
    summing->measurer = measurer_new(summing->settings->confidence, hits, summing->hit_count,
                                     summing->highest, err);
    return summing->measurer != NULL;
}

/* Reads all parts for the classes from summing->first on, as many as there is memory for. */
static bool make_pass(struct summing *summing, struct err *err) {
    static const uint32_t halves[] = {0, 0, 0};
    const struct evaluator *evaluator = summing->evaluator;
    records_begin(summing->records, summing->first);
    for (size_t i = 0; i < summing->parts->count; i++) {
        if (!add_part(summing, &summing->parts->ranges[i], err)) return false;
    }
    summing->end = records_end(summing->records);
    return (!summing->is_first || make_measurer(summing, err)) &&
           share_work(evaluator->threads, halves, 2, walk_share, summing, evaluator->progress, err);
}

static bool make_passes(struct summing *summing, struct err *err) {
    summing->is_first = true;
    do {
        if (!make_pass(summing, err)) return false;
        summing->is_first = false;
        summing->first = summing->end;
    } while (summing->first < summing->classes);
    return true;
}

bool parts_compute(struct numbers *numbers, const struct parts *parts, struct subject *subject,
                   const struct evaluator *evaluator, const struct evaluation_request *request,
                   const struct settings *settings, struct err *err) {
    struct summing summing = {.parts = parts,
                              .subject = subject,
                              .evaluator = evaluator,
                              .request = request,
                              .settings = settings,
                              .numbers = numbers,
                              .records =
                                  records_new(settings, evaluator->rows * PARTS_RECORD_BYTES, err)};
    *numbers = (struct numbers){0};
    bool good = summing.records && make_passes(&summing, err);
    if (good) measurer_finish(summing.measurer, &numbers->points.all);
    good = good && mender_finish(summing.mender, &numbers->repairs, err) &&
           numbers_measure(numbers, &subject->selection, err);
    summing_free(&summing);
    return good;
}

/* ---- matches ----------------------------------------------------------------------------- */

static bool add_matches(struct matches *matches, const struct subject *subject,
                        const struct evaluator *evaluator, struct err *err) {
    struct findings findings = {0};
    bool good =
        findings_find(&findings, subject->objects, evaluator->threads, evaluator->progress, err) &&
        matches_add(matches, subject->objects, &findings, err);
    findings_free(&findings);
    return good;
}

bool parts_publish_matches(const struct parts *parts, struct subject *subject,
                           const struct evaluator *evaluator,
                           const struct evaluation_request *request, struct db *into,
                           const struct matches_target *target, struct err *err) {
    struct matches matches;
    uint64_t rows = 0;
    bool good = matches_begin(&matches, into, target, evaluator->progress, err);
    for (size_t i = 0; good && !matches.made && i < parts->count; i++) {
        copy_wait(&matches.copy);
        good = subject_load_part(subject, evaluator, request, &parts->ranges[i], &rows, err);
        copy_go_on(&matches.copy);
        good = good && add_matches(&matches, subject, evaluator, err);
    }
    return matches_end(&matches, good, err);
}
