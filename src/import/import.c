/* One import, all or nothing, in four transactions: see import.h and doc/visibility.md. */
#include "import/import.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "import/finish_annotations.h"
#include "import/load.h"
#include "import/load_directory.h"
#include "import/notes.h"
#include "import/skips.h"
#include "store/publication.h"
#include "store/rows.h"

enum {
    SKIPS_MAX = 1024 * 1024,
    ID_ROOM = 24,
    NAME_ROOM = 80
};

/* The result of run_import_begin or dataset_import_begin. */
struct begun {
    char import_id[ID_ROOM];
    char dataset_id[ID_ROOM];
    char dataset[NAME_ROOM];
    char leaf[NAME_ROOM];
    char image_stage[NAME_ROOM];
    char category_stage[NAME_ROOM];
};

void import_outcome_init(struct import_outcome *outcome) {
    memset(outcome, 0, sizeof *outcome);
    buf_init(&outcome->document, DOCUMENT_MAX);
    buf_init(&outcome->losses, DOCUMENT_MAX);
    buf_init(&outcome->added, DOCUMENT_MAX);
}

void import_outcome_free(struct import_outcome *outcome) {
    buf_free(&outcome->document);
    buf_free(&outcome->losses);
    buf_free(&outcome->added);
}

/* Begins the import and reads what the database returned. A run has no stages; they stay empty. */
static bool read_begun(struct db *db, const char *sql, int count, const char *const *params,
                       struct begun *begun, struct err *err) {
    struct rows rows;
    bool good = rows_query(&rows, db, sql, count, params, err);
    snprintf(begun->import_id, ID_ROOM, "%s", rows_text(&rows, 0, 0));
    snprintf(begun->dataset_id, ID_ROOM, "%s", rows_text(&rows, 0, 1));
    snprintf(begun->dataset, NAME_ROOM, "%s", rows_text(&rows, 0, 2));
    snprintf(begun->leaf, NAME_ROOM, "%s", rows_text(&rows, 0, 3));
    snprintf(begun->image_stage, NAME_ROOM, "%s", rows_text(&rows, 0, 4));
    snprintf(begun->category_stage, NAME_ROOM, "%s", rows_text(&rows, 0, 5));
    rows_free(&rows);
    return good;
}

static const char *source_of(const struct import_target *target) {
    return target->run ? target->run : "ground_truth";
}

/* A token is free, or belongs to the request of this file. */
static const char *continues(const struct import_target *target) {
    return target->continues ? "true" : "false";
}

static bool begin(struct db *db, const struct import_target *target, struct err *err) {
    progress_enter(target->progress, PROGRESS_COPY);
    return db_begin(db, err) &&
           (!target->conditions.dry_run ||
            db_execute(db, "select set_config('pgcoco.dry_run', 'on', true)", 0, NULL, err));
}

/* In a ground truth, images and categories count as rows, too. */
static bool check_skips(const struct load *load, const struct import_target *target,
                        struct err *err) {
    uint64_t offered = load->offered + load->others;
    if (skips_are_within(&load->skips, &target->conditions.max_skipped, offered)) return true;
    return err_set(
        err, ERR_TOO_MANY_SKIPPED,
        "%" PRIu64 " of %" PRIu64 " %s were skipped, but max_skipped is %.15g%s", load->skips.total,
        offered, target->run ? "rows" : "images, categories and annotations",
        target->conditions.max_skipped.value, target->conditions.max_skipped.is_percent ? "%" : "");
}

static void leave_copy(struct load *load) {
    progress_set_rows(load->progress, load->offered);
    progress_enter(load->progress, PROGRESS_INDEX);
}

/* Refuses a ground truth that takes rows from runs, or with `force` makes the runs without them. */
static bool settle_runs(struct db *db, const struct import_target *target,
                        const struct begun *begun, struct import_outcome *outcome,
                        struct err *err) {
    const char *params[] = {begun->import_id, begun->dataset_id,
                            target->conditions.force ? "true" : "false",
                            outcome->added.len ? buf_text(&outcome->added) : NULL};
    struct rows rows;
    bool good =
        rows_query(&rows, db, "select refusal, runs from coco.dataset_settle_runs($1, $2, $3, $4)",
                   4, params, err);
    if (good && !rows_is_null(&rows, 0, 0)) {
        buf_put_text(&outcome->losses, rows_text(&rows, 0, 1));
        good = err_set(err, ERR_DATASET_HAS_RUNS, "%s", rows_text(&rows, 0, 0));
    }
    rows_free(&rows);
    return good;
}

/* Leads from the end of the copy to the start of transaction 4. A dry run stays in transaction
 * 1. */
static bool end_load(struct load *load, const struct import_target *target,
                     const struct begun *begun, struct import_outcome *outcome, struct err *err) {
    struct db *db = load->db;
    const char *params[] = {begun->import_id, target->token, begun->dataset_id, begun->dataset,
                            source_of(target)};
    if (!check_skips(load, target, err) || !progress_go_on(target->progress, err) ||
        !db_execute(db, "select coco.import_index($1, $2)", 2, params, err) ||
        !db_execute(db, "select coco.import_loaded($1, $2, $3, $4, $5)", 5, params, err) ||
        (!target->run && !settle_runs(db, target, begun, outcome, err)) ||
        !progress_go_on(target->progress, err)) {
        return false;
    }
    progress_enter(target->progress, PROGRESS_PUBLISH);
    return target->conditions.dry_run ||
           (db_commit(db, err) &&
            publication_attach(&publication_of_import, db, begun->import_id, err));
}

static bool commit_publication(struct db *db, const struct import_target *target,
                               const struct begun *begun, struct import_outcome *outcome,
                               struct err *err) {
    if (!progress_go_on(target->progress, err)) return false;
    if (target->conditions.dry_run) {
        db_rollback(db);
        return true;
    }
    return publication_commit(&publication_of_import, db, begun->import_id, &outcome->document,
                              err);
}

struct counts {
    char taken[ID_ROOM];
    char skipped[ID_ROOM];
    char bytes[ID_ROOM];
    struct buf skips;
};

static void counts_of(const struct load *load, struct counts *counts) {
    snprintf(counts->taken, sizeof counts->taken, "%" PRIu64, load->taken);
    snprintf(counts->skipped, sizeof counts->skipped, "%" PRIu64, load->skips.total);
    snprintf(counts->bytes, sizeof counts->bytes, "%" PRIu64,
             load->bytes + document_bytes(&load->document));
    buf_init(&counts->skips, SKIPS_MAX);
    skips_write(&load->skips, &counts->skips);
}

/* ---- a run ------------------------------------------------------------------------------- */

static bool publish_run(struct load *load, const struct import_target *target,
                        const struct begun *begun, struct import_outcome *outcome,
                        struct err *err) {
    struct db *db = load->db;
    struct counts counts = {0};
    char hint[HINT_ROOM];
    counts_of(load, &counts);
    load_hint(load, hint, sizeof hint);
    const char *params[] = {begun->import_id,        counts.taken, counts.skipped,
                            buf_text(&counts.skips), counts.bytes, buf_text(&load->counts),
                            hint[0] ? hint : NULL};
    bool good = db_document(db, "select coco.run_publish($1, $2, $3, $4, $5, $6, $7)", 7, params,
                            &outcome->document, err) &&
                commit_publication(db, target, begun, outcome, err);
    buf_free(&counts.skips);
    return good;
}

static bool load_run(struct load *load, const struct import_target *target,
                     const struct begun *begun, struct err *err) {
    bool good = target->directory
                    ? load_directory(load, begun->leaf, begun->dataset_id, target->directory, err)
                    : load_results(load, begun->leaf, begun->dataset_id, err);
    if (good) leave_copy(load);
    return good;
}

static bool try_run(struct load *load, const struct import_target *target, struct begun *begun,
                    struct import_outcome *outcome, struct err *err) {
    struct db *db = load->db;
    const char *params[] = {target->dataset, target->run, target->token, continues(target)};
    return begin(db, target, err) &&
           read_begun(db, "select * from coco.run_import_begin($1, $2, $3, $4)", 4, params, begun,
                      err) &&
           load_run(load, target, begun, err) && end_load(load, target, begun, outcome, err) &&
           publish_run(load, target, begun, outcome, err);
}

/* ---- a ground truth ---------------------------------------------------------------------- */

/* Counts again what was made up, without the rows that were dropped after reading. */
static bool count_made_up(struct load *load, struct dataset_facts *facts, const char *leaf,
                          struct err *err) {
    char greatest[ID_ROOM];
    const char *params[] = {leaf, greatest};
    struct rows rows;
    snprintf(greatest, sizeof greatest, "%" PRId64, facts->greatest_id);
    bool good =
        rows_query(&rows, load->db, "select * from coco.count_made_up($1, $2)", 2, params, err);
    if (facts->without_id > 0) facts->without_id = (uint64_t)rows_int64(&rows, 0, 0);
    facts->without_area = (uint64_t)rows_int64(&rows, 0, 1);
    facts->without_box = (uint64_t)rows_int64(&rows, 0, 2);
    rows_free(&rows);
    return good;
}

/* Drops rows that can be judged only when the whole file is there, and counts them as skipped. */
static bool check_ground_truth(struct load *load, struct dataset_facts *facts,
                               const struct begun *begun, struct err *err) {
    const char *params[] = {begun->import_id, begun->dataset_id};
    uint64_t before = load->taken;
    leave_copy(load);
    return load_check(load, LOAD_CHECK("coco.dataset_stage_check($1, $2)"), 2, params, err) &&
           (!facts->unfinished || finish_annotations(load, facts, begun->import_id, err)) &&
           load_check(load, LOAD_CHECK("coco.dataset_import_check($1)"), 1, params, err) &&
           load_check_taken(load, "annotations", err) &&
           (load->taken == before || count_made_up(load, facts, begun->leaf, err)) &&
           load_count_boxes(load, begun->leaf, begun->image_stage, begun->dataset_id, err);
}

static const char *text_or_null(struct buf *buf) {
    return buf->len ? buf_text(buf) : NULL;
}

static bool publish_ground_truth(struct load *load, const struct import_target *target,
                                 const struct begun *begun, struct dataset_facts *facts,
                                 struct import_outcome *outcome, struct err *err) {
    struct counts counts = {0};
    struct buf notes;
    buf_init(&notes, NOTES_MAX);
    notes_write(load, facts, &notes);
    char hint[HINT_ROOM];
    counts_of(load, &counts);
    load_hint(load, hint, sizeof hint);
    const char *params[] = {begun->import_id,
                            target->split,
                            text_or_null(&facts->info),
                            text_or_null(&facts->licenses),
                            text_or_null(&facts->extra),
                            counts.taken,
                            counts.skipped,
                            buf_text(&counts.skips),
                            counts.bytes,
                            buf_text(&facts->not_kept),
                            buf_text(&notes),
                            hint[0] ? hint : NULL};
    struct rows rows;
    bool good =
        rows_query(&rows, load->db,
                   "select created, document from "
                   "coco.dataset_publish($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                   12, params, err);
    buf_free(&counts.skips);
    buf_free(&notes);
    outcome->created = rows_bool(&rows, 0, 0);
    buf_put_text(&outcome->document, rows_text(&rows, 0, 1));
    rows_free(&rows);
    return good && commit_publication(load->db, target, begun, outcome, err);
}

/* Puts what is published in front of the loaded rows. */
static bool merge(struct load *load, const struct import_target *target, const struct begun *begun,
                  struct import_outcome *outcome, struct err *err) {
    const char *params[] = {begun->import_id, begun->dataset_id,
                            target->conditions.renumber ? "true" : "false"};
    return !target->adds || db_document(load->db, "select coco.dataset_merge($1, $2, $3)", 3,
                                        params, &outcome->added, err);
}

/* How dataset_import_begin calls what becomes of the file. */
static const char *mode_of(const struct import_target *target) {
    return target->adds ? "add" : target->create_only ? "create" : "put";
}

static bool try_ground_truth(struct load *load, const struct import_target *target,
                             struct begun *begun, struct dataset_facts *facts,
                             struct import_outcome *outcome, struct err *err) {
    struct db *db = load->db;
    const char *params[] = {target->dataset, mode_of(target), target->split, target->token,
                            continues(target)};
    return begin(db, target, err) &&
           read_begun(db, "select * from coco.dataset_import_begin($1, $2, $3, $4, $5)", 5, params,
                      begun, err) &&
           load_ground_truth(load, begun->leaf, begun->image_stage, begun->category_stage, facts,
                             err) &&
           check_ground_truth(load, facts, begun, err) &&
           merge(load, target, begun, outcome, err) &&
           end_load(load, target, begun, outcome, err) &&
           publish_ground_truth(load, target, begun, facts, outcome, err);
}

/* ---- both -------------------------------------------------------------------------------- */

/* Notes the figures for the log, for failed imports, too. */
static void note_figures(const struct load *load, int64_t begun_ms,
                         struct import_outcome *outcome) {
    outcome->rows = load->taken;
    outcome->skipped = load->skips.total;
    outcome->bytes = load->bytes + document_bytes(&load->document);
    outcome->duration_ms = (uint64_t)(clock_ms() - begun_ms);
}

/* Rolls back, and writes the skips for the answer. */
static bool fail(struct load *load, const struct begun *begun, struct import_outcome *outcome) {
    load->db->progress = NULL; /* the roll-back must not be cancelled */
    copy_abort(&load->copy);
    db_rollback(load->db);
    snprintf(outcome->import_id, sizeof outcome->import_id, "%s", begun->import_id);
    buf_reset(&outcome->document);
    if (load->skips.total > 0) skips_write(&load->skips, &outcome->document);
    return false;
}

/* Refuses what would have no effect on the files of a directory. */
static bool check_conditions(const struct import_target *target, struct err *err) {
    const struct import_conditions *conditions = &target->conditions;
    const char *useless = conditions->category_offset != 0                 ? "category_offset"
                          : conditions->match_id || conditions->match_name ? "match"
                                                                           : NULL;
    return !target->directory || !useless ||
           err_set(err, ERR_BAD_REQUEST,
                   "%s is for ids, but detection_annotation files have names; remove it", useless);
}

static bool open_load(struct load *load, struct db *db, const struct import_target *target,
                      const struct reader *body, const struct json_limits *limits,
                      struct err *err) {
    db->progress = target->progress;
    bool good = load_open(load, db, body, limits, target->progress, err);
    load->work = load->document.work = target->work;
    load->category_offset = target->conditions.category_offset;
    load->match_name = target->conditions.match_name;
    load->match_id = target->conditions.match_id;
    load->renumber = target->conditions.renumber && !target->adds;
    return good;
}

static void close_load(struct load *load, int64_t begun_ms, struct import_outcome *outcome) {
    load->db->progress = NULL;
    note_figures(load, begun_ms, outcome);
    load_close(load);
}

bool import_run(struct db *db, const struct import_target *target, const struct reader *body,
                const struct json_limits *limits, struct import_outcome *outcome, struct err *err) {
    struct load load;
    struct begun begun = {0};
    int64_t begun_ms = clock_ms();
    bool good = open_load(&load, db, target, body, limits, err) && check_conditions(target, err);
    load.of_a_run = true;
    good = good && try_run(&load, target, &begun, outcome, err);
    if (!good) fail(&load, &begun, outcome);
    close_load(&load, begun_ms, outcome);
    return good;
}

bool import_ground_truth(struct db *db, const struct import_target *target,
                         const struct reader *body, const struct json_limits *limits,
                         struct import_outcome *outcome, struct err *err) {
    struct load load;
    struct begun begun = {0};
    struct dataset_facts facts;
    int64_t begun_ms = clock_ms();
    dataset_facts_init(&facts);
    bool good = open_load(&load, db, target, body, limits, err) &&
                try_ground_truth(&load, target, &begun, &facts, outcome, err);
    if (!good) fail(&load, &begun, outcome);
    dataset_facts_free(&facts);
    close_load(&load, begun_ms, outcome);
    return good;
}

bool import_record_failure(struct db *db, const struct import_target *target,
                           const struct import_outcome *outcome, const char *problem,
                           struct err *err) {
    char duration[ID_ROOM];
    const char *params[] = {outcome->import_id[0] ? outcome->import_id : NULL,
                            target->token,
                            target->dataset,
                            source_of(target),
                            problem,
                            duration};
    snprintf(duration, sizeof duration, "%" PRIu64, outcome->duration_ms);
    if (!db_is_usable(db) && !db_reconnect(db, err)) return false;
    return db_change(db, "select coco.import_failed($1, $2, $3, $4, $5, $6)", 6, params, err);
}
