/* Writes findings as rows and publishes them: see matches.h. */
#include "evaluation/matches.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation/memory.h"
#include "store/publication.h"
#include "store/rows.h"
#include "store/tuple.h"

enum {
    ROWS_BETWEEN_LOOKS = 4096,
    COUNTS_MAX = 256 * 1024 * 1024
};

/* ---- counts ------------------------------------------------------------------------------ */

/* Rows of a part, by class and outcome. */
struct tally {
    uint64_t detections[OUTCOMES];
    uint64_t truths[OUTCOMES];
    uint64_t claimed[OUTCOMES]; /* of truths */
};

static void write_count(struct buf *into, int64_t category_id, bool is_truth, enum outcome outcome,
                        uint64_t n, uint64_t claimed) {
    if (n == 0) return;
    buf_printf(into,
               "%s{\"category_id\":%" PRId64 ",\"is_truth\":%s,\"outcome\":\"%s\",\"n\":%" PRIu64
               ",\"claimed\":%" PRIu64 "}",
               into->len > 1 ? "," : "", category_id, is_truth ? "true" : "false",
               outcome_name(outcome), n, claimed);
}

static void write_tallies(struct buf *into, const struct objects *objects,
                          const struct tally *tallies) {
    for (size_t k = 0; k < objects->category_count; k++) {
        for (int o = 0; o < OUTCOMES; o++) {
            const struct tally *tally = &tallies[k];
            int64_t id = objects->category_ids[k];
            write_count(into, id, false, (enum outcome)o, tally->detections[o], 0);
            write_count(into, id, true, (enum outcome)o, tally->truths[o], tally->claimed[o]);
        }
    }
}

/* ---- rows -------------------------------------------------------------------------------- */

/* What the rows of the ground truths need of the detections. */
struct claim {
    uint32_t taker;  /* the detection that takes it in the confusion matrix, or FINDING_NONE */
    bool is_claimed; /* by an error of the kind `classification` */
};

struct part {
    struct matches *matches;
    const struct objects *objects;
    const struct findings *findings;
    struct claim *claims;  /* one for each ground truth */
    struct tally *tallies; /* one for each class */
    size_t rows;           /* since the start of the part */
};

/* Whether a detection takes a ground truth in the confusion matrix. */
static bool takes(const struct finding *finding) {
    return finding->confused != CONFUSION_BACKGROUND && finding->confused != CONFUSION_LEFT_OUT;
}

static bool part_open(struct part *part, struct err *err) {
    const struct objects *objects = part->objects;
    part->claims = malloc((objects->truth_count + 1) * sizeof *part->claims);
    part->tallies = calloc(objects->category_count + 1, sizeof *part->tallies);
    if (!part->claims || !part->tallies) {
        return memory_is_out(err);
    }
    for (size_t i = 0; i < objects->truth_count; i++) part->claims[i].taker = FINDING_NONE;
    for (size_t i = 0; i < objects->truth_count; i++) part->claims[i].is_claimed = false;
    for (size_t i = 0; i < objects->detection_count; i++) {
        const struct finding *finding = &part->findings->detections[i];
        if (takes(finding)) part->claims[finding->confused].taker = (uint32_t)i;
        if (finding->outcome == OUTCOME_CLASSIFICATION && finding->other != FINDING_NONE) {
            part->claims[finding->other].is_claimed = true;
        }
    }
    return true;
}

static void part_close(struct part *part) {
    free(part->claims);
    free(part->tallies);
}

/* Between two rows: may end the work, and ends a COPY that has been open for long. */
static bool look_around(struct part *part, struct err *err) {
    struct copy *copy = &part->matches->copy;
    if (++part->rows % ROWS_BETWEEN_LOOKS != 0) return true;
    copy_wait(copy);
    bool good = progress_go_on(part->matches->progress, err);
    copy_go_on(copy);
    if (!good || !copy_failed(copy)) return good;
    copy_finish(copy, err); /* tells why */
    return false;
}

static int32_t category_of(const struct objects *objects, uint32_t category) {
    return (int32_t)objects->category_ids[category];
}

static int64_t detection_id(const struct objects *objects, uint32_t detection) {
    return objects->detection_ids[objects->detections[detection].row];
}

static void put_detection(struct part *part, uint32_t index) {
    const struct objects *objects = part->objects;
    const struct detection *detection = &objects->detections[index];
    const struct finding *finding = &part->findings->detections[index];
    struct match_row row = {
        .id = detection_id(objects, index),
        .image_id = objects->image_ids[detection->image],
        .category_id = category_of(objects, detection->category),
        .confidence = detection->score,
        .outcome = outcome_name(finding->outcome),
        .has_other = finding->other != FINDING_NONE,
        .iou = finding->iou,
        .is_left_out = finding->confused == CONFUSION_LEFT_OUT,
        .is_confused = takes(finding),
    };
    if (row.has_other) {
        const struct truth *truth = &objects->truths[finding->other];
        row.other_id = truth->annotation_id;
        row.other_category_id = category_of(objects, truth->category);
    }
    if (row.is_confused) {
        uint32_t category = objects->truths[finding->confused].category;
        row.confused_category_id = category_of(objects, category);
    }
    part->tallies[detection->category].detections[finding->outcome]++;
    tuple_put_match(&part->matches->copy, &row);
}

static void put_truth(struct part *part, size_t index) {
    const struct objects *objects = part->objects;
    const struct truth *truth = &objects->truths[index];
    const struct finding *finding = &part->findings->truths[index];
    const struct claim *claim = &part->claims[index];
    struct match_row row = {
        .is_truth = true,
        .id = truth->annotation_id,
        .image_id = objects->image_ids[truth->image],
        .category_id = category_of(objects, truth->category),
        .outcome = outcome_name(finding->outcome),
        .has_other = finding->other != FINDING_NONE,
        .iou = finding->iou,
        .is_left_out = truth->is_ignored,
        .is_confused = claim->taker != FINDING_NONE,
    };
    if (row.has_other) row.other_id = detection_id(objects, finding->other);
    if (row.is_confused) {
        const struct detection *taker = &objects->detections[claim->taker];
        row.confused_category_id = category_of(objects, taker->category);
        row.confused_confidence = taker->score;
    }
    part->tallies[truth->category].truths[finding->outcome]++;
    if (claim->is_claimed) part->tallies[truth->category].claimed[finding->outcome]++;
    tuple_put_match(&part->matches->copy, &row);
}

/* By class, surest first: in the order of the index that most queries use. */
static bool put_rows(struct part *part, struct err *err) {
    const struct objects *objects = part->objects;
    for (size_t i = 0; i < objects->detection_count; i++) {
        put_detection(part, objects->by_class[i]);
        if (!look_around(part, err)) return false;
    }
    for (size_t i = 0; i < objects->truth_count; i++) {
        put_truth(part, i);
        if (!look_around(part, err)) return false;
    }
    return true;
}

/* ---- the set ----------------------------------------------------------------------------- */

static const struct publication publication = {
    .attach = "select coco.matches_attach($1)",
    .announce = "select coco.matches_announce($1)",
    .outcome = "select coco.matches_are_published($1)",
};

/* The target as parameters of a statement. */
struct target_texts {
    char dataset_id[MATCHES_NUMBER];
    char ground_truth[MATCHES_NUMBER];
    char import_id[MATCHES_NUMBER];
};

static void write_target(const struct matches_target *target, struct target_texts *texts) {
    snprintf(texts->dataset_id, MATCHES_NUMBER, "%" PRId64, target->dataset_id);
    snprintf(texts->ground_truth, MATCHES_NUMBER, "%" PRId64, target->ground_truth);
    snprintf(texts->import_id, MATCHES_NUMBER, "%" PRId64, target->import_id);
}

static bool make_leaf(struct matches *matches, struct err *err) {
    const struct matches_target *target = matches->target;
    struct target_texts texts;
    struct rows rows;
    write_target(target, &texts);
    const char *params[] = {texts.dataset_id, target->run, iou_type_name(target->iou_type),
                            texts.ground_truth, texts.import_id};
    bool good = rows_query(&rows, matches->db,
                           "select * from coco.matches_begin($1, $2, $3, $4, $5)", 5, params, err);
    matches->made = good && rows_is_null(&rows, 0, 0);
    snprintf(matches->id, sizeof matches->id, "%s", rows_text(&rows, 0, 0));
    snprintf(matches->leaf, sizeof matches->leaf, "%s", rows_text(&rows, 0, 1));
    rows_free(&rows);
    return good;
}

bool matches_begin(struct matches *matches, struct db *db, const struct matches_target *target,
                   struct progress *progress, struct err *err) {
    *matches =
        (struct matches){.db = db, .progress = progress, .former = db->progress, .target = target};
    copy_init(&matches->copy, db);
    buf_init(&matches->counts, COUNTS_MAX);
    buf_put_text(&matches->counts, "[");
    db->progress = progress;
    return db_begin(db, err) && make_leaf(matches, err) &&
           (matches->made ||
            copy_open(&matches->copy, matches->leaf, tuple_match_columns, true, err));
}

bool matches_add(struct matches *matches, const struct objects *objects,
                 const struct findings *findings, struct err *err) {
    struct part part = {.matches = matches, .objects = objects, .findings = findings};
    if (matches->made) return true;
    bool good = part_open(&part, err) && put_rows(&part, err);
    if (good) write_tallies(&matches->counts, objects, part.tallies);
    part_close(&part);
    if (!good || !matches->counts.failed) return good;
    return err_set(err, ERR_BUSY, "the dataset has too many classes to count matches by class");
}

static bool load(struct matches *matches, struct err *err) {
    const struct matches_target *target = matches->target;
    struct target_texts texts;
    write_target(target, &texts);
    const char *params[] = {matches->id,        texts.dataset_id,
                            target->run,        iou_type_name(target->iou_type),
                            texts.ground_truth, texts.import_id};
    return copy_finish(&matches->copy, err) && progress_go_on(matches->progress, err) &&
           db_execute(matches->db, "select coco.matches_loaded($1, $2, $3, $4, $5, $6)", 6, params,
                      err) &&
           progress_go_on(matches->progress, err) && db_commit(matches->db, err);
}

static bool publish(struct matches *matches, struct err *err) {
    struct db *db = matches->db;
    struct buf answer;
    buf_init(&answer, MATCHES_NUMBER);
    buf_put_text(&matches->counts, "]");
    const char *params[] = {matches->id, buf_text(&matches->counts)};
    bool good = publication_attach(&publication, db, matches->id, err) &&
                db_document(db, "select coco.matches_publish($1, $2)", 2, params, &answer, err) &&
                progress_go_on(matches->progress, err) &&
                publication_commit(&publication, db, matches->id, &answer, err);
    buf_free(&answer);
    return good;
}

/* Rolls back, and lets others begin who would wait for what was committed before. */
static void give_up(struct matches *matches) {
    struct err ignored; /* the collection ends it as well */
    struct db *db = matches->db;
    const char *params[] = {matches->id};
    db->progress = NULL; /* this must not be cancelled */
    copy_abort(&matches->copy);
    db_rollback(db);
    if (matches->id[0] && db_is_usable(db)) {
        db_change(db, "select coco.matches_failed($1)", 1, params, &ignored);
    }
}

bool matches_end(struct matches *matches, bool good, struct err *err) {
    if (good && matches->made) {
        db_rollback(matches->db); /* has only looked */
    } else {
        good = good && load(matches, err) && publish(matches, err);
        if (!good) give_up(matches);
    }
    matches->db->progress = matches->former;
    buf_free(&matches->counts);
    return good;
}

bool matches_publish(struct db *db, const struct matches_target *target,
                     const struct objects *objects, const struct findings *findings,
                     struct progress *progress, struct err *err) {
    struct matches matches;
    bool good = matches_begin(&matches, db, target, progress, err) &&
                matches_add(&matches, objects, findings, err);
    return matches_end(&matches, good, err);
}
