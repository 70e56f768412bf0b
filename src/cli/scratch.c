/* Keeps two files in the database for a while: see scratch.h. */
#include "cli/scratch.h"

#include <stdio.h>
#include <string.h>

#include "cli/report.h"
#include "store/rows.h"

/* Only names that end with what token_make makes: a dataset that somebody has named so is kept. */
static const char leftovers_sql[] =
    "select name from coco.datasets where name ~ '^" SCRATCH_PREFIX "[0-9a-f]{16}$' "
    "and created_at < now() - interval '1 day' order by created_at limit 10";
static const char delete_sql[] = "select coco.dataset_delete($1)";

/* Deletes what killed commands have left. A failure concerns nobody here: the next command tries
 * it again. */
static void delete_leftovers(struct importer *importer) {
    struct rows rows;
    struct err ignored;
    if (!rows_query(&rows, &importer->db, leftovers_sql, 0, NULL, &ignored)) return;
    for (int i = 0; i < rows.count; i++) {
        const char *name[] = {rows_text(&rows, i, 0)};
        if (!db_change(&importer->db, delete_sql, 1, name, &ignored)) continue;
        importer->has_begun = true;
        fprintf(stderr, "pgcoco: deleted %s, which a command that was killed had left\n", name[0]);
    }
    rows_free(&rows);
}

static bool import_file(struct scratch *scratch, const char *path, struct import_target *target) {
    struct importer *importer = scratch->importer;
    struct input input;
    struct err err;
    bool good = input_open(&input, path, false, &importer->options->json, &importer->watch, &err);
    if (!good) {
        importer_refuse(importer, input.label, &err);
    } else {
        scratch->is_made = true;
        good = importer_import(importer, target, &input, ERR_NONE);
    }
    input_close(&input);
    return good;
}

static bool import_both(struct scratch *scratch, const char *ground_truth, const char *results) {
    struct import_target truths = {.dataset = scratch->dataset, .create_only = true};
    struct import_target run = {.dataset = scratch->dataset, .run = scratch->run};
    return import_file(scratch, ground_truth, &truths) && import_file(scratch, results, &run);
}

bool scratch_import(struct scratch *scratch, struct importer *importer, const char *ground_truth,
                    const char *results) {
    char token[TOKEN_MAX + 1];
    struct err err;
    *scratch = (struct scratch){.importer = importer};
    delete_leftovers(importer);
    if (!token_make(token, &err)) {
        importer_refuse(importer, "evaluation", &err);
        return false;
    }
    snprintf(scratch->dataset, sizeof scratch->dataset, SCRATCH_PREFIX "%s", token);
    if (!run_name_from_file(results, scratch->run))
        snprintf(scratch->run, RUN_NAME_ROOM, "results");
    return import_both(scratch, ground_truth, results);
}

/* The connection may be lost, or its statement was cancelled. */
static bool delete (struct scratch *scratch, struct err *err) {
    struct db *db = &scratch->importer->db;
    const char *name[] = {scratch->dataset};
    db->progress = NULL;
    db_rollback(db);
    if (!db_is_usable(db) && !db_reconnect(db, err)) return false;
    return db_change(db, delete_sql, 1, name, err) || err->code == ERR_UNKNOWN_DATASET;
}

bool scratch_delete(struct scratch *scratch) {
    struct err err;
    if (!scratch->is_made || delete (scratch, &err)) return true;
    report_error(scratch->dataset, &err, "");
    fprintf(stderr,
            "  dataset %s is left; it is deleted by a pgcoco evaluate --ground-truth a day from "
            "now, or by: select coco.dataset_delete('%s')\n",
            scratch->dataset, scratch->dataset);
    return false;
}
