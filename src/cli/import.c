/* Shared by the import commands: see import.h. */
#include "cli/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/report.h"
#include "http/problem.h"
#include "store/maintenance.h"

/* ---- options ----------------------------------------------------------------------------- */

static bool wrong_value(const struct importer *importer, const char *option, const char *takes,
                        const char *value) {
    fprintf(stderr, "pgcoco %s: --%s takes %s, not \"%s\"\n", importer->command, option, takes,
            value);
    return false;
}

static bool read_match(struct importer *importer) {
    const char *text = importer->options->match;
    if (!text) return true;
    importer->conditions.match_name = strcmp(text, "name") == 0;
    importer->conditions.match_id = strcmp(text, "id") == 0;
    return importer->conditions.match_name || importer->conditions.match_id ||
           wrong_value(importer, "match", "id or name", text);
}

static bool read_max_skipped(struct importer *importer) {
    const char *text = importer->options->max_skipped;
    return !text || skip_limit_parse(text, &importer->conditions.max_skipped) ||
           wrong_value(importer, "max-skipped", "a number of rows, or a percentage such as 2.5%",
                       text);
}

/* Takes the user's token, or makes a random one. */
static bool find_token(struct importer *importer) {
    const char *given = importer->options->token;
    struct err err;
    if (given) {
        snprintf(importer->token, sizeof importer->token, "%s", given);
        return token_is_valid(given) ||
               wrong_value(importer, "token", "1 to 40 letters, digits, dashes and underscores",
                           given);
    }
    if (token_make(importer->token, &err)) return true;
    report_error("import", &err, "");
    return false;
}

static bool read_options(struct importer *importer) {
    importer->conditions.dry_run = importer->options->dry_run;
    importer->conditions.renumber = importer->options->renumber;
    importer->conditions.force = importer->options->force;
    importer->conditions.category_offset = importer->options->category_offset;
    return read_match(importer) && read_max_skipped(importer) && find_token(importer);
}

int importer_open(struct importer *importer, const char *command, const struct options *options) {
    struct err err;
    *importer = (struct importer){.command = command, .options = options};
    if (!read_options(importer)) return STATUS_USAGE;
    importer->is_watched = watch_start(&importer->watch, options->quiet, &err);
    importer->is_connected =
        importer->is_watched && connection_open(&importer->db, options->conninfo, &err);
    if (importer->is_connected) return STATUS_DONE;
    importer_refuse(importer, "database", &err);
    return STATUS_FAILED;
}

/* ---- the outcome ------------------------------------------------------------------------- */

static void report_done(const struct importer *importer, const struct import_target *target,
                        struct import_outcome *outcome) {
    bool dry_run = importer->conditions.dry_run;
    FILE *out = importer->outcomes ? importer->outcomes : stdout;
    if (importer->options->as_json && !importer->outcomes) {
        puts(buf_text(&outcome->document));
    } else if (target->run) {
        report_run(&outcome->document, dry_run, out);
    } else {
        report_dataset(&outcome->document, dry_run,
                       dry_run            ? NULL
                       : outcome->created ? "new"
                       : target->adds     ? "extended"
                                          : "replaced",
                       out);
    }
    fflush(out);
}

void importer_refuse(const struct importer *importer, const char *label, const struct err *err) {
    struct buf problem;
    report_error(label, err, "");
    if (!importer->options->as_json) return;
    buf_init(&problem, DOCUMENT_MAX);
    problem_write(err, NULL, NULL, &problem);
    puts(buf_text(&problem));
    buf_free(&problem);
}

/* Records the failure of an import that had begun, as uploads do. */
static void record_failure(struct importer *importer, const struct import_target *target,
                           const struct import_outcome *outcome, const char *problem) {
    struct err err;
    if (importer->conditions.dry_run || !outcome->import_id[0]) return;
    if (!import_record_failure(&importer->db, target, outcome, problem, &err)) {
        report_error("the failure is missing in the history", &err, "");
    }
}

static void report_failure(struct importer *importer, const struct import_target *target,
                           const struct input *input, struct import_outcome *outcome,
                           const struct err *err) {
    struct buf problem;
    const char *skips = buf_text(&outcome->document);
    report_error(input->label, err, skips);
    fputs("  nothing was changed\n", stderr);
    buf_init(&problem, DOCUMENT_MAX);
    problem_write(err, skips, NULL, &problem);
    if (importer->options->as_json) {
        puts(buf_text(&problem));
        fflush(stdout);
    }
    record_failure(importer, target, outcome, buf_text(&problem));
    buf_free(&problem);
}

/* ---- the import -------------------------------------------------------------------------- */

struct importing {
    struct importer *importer;
    const struct import_target *target;
    struct input *input;
    struct import_outcome *outcome;
};

static bool import(void *self, struct err *err) {
    struct importing *importing = self;
    struct importer *importer = importing->importer;
    return (importing->target->run ? import_run : import_ground_truth)(
        &importer->db, importing->target, input_reader(importing->input), &importer->options->json,
        importing->outcome, err);
}

bool importer_import(struct importer *importer, struct import_target *target, struct input *input,
                     enum err_code quiet_about) {
    struct err err;
    struct import_outcome outcome;
    struct watch *watch = &importer->watch;
    struct importing importing = {importer, target, input, &outcome};
    target->token = importer->token;
    target->continues = importer->has_begun;
    target->conditions = importer->conditions;
    target->directory = input->is_directory ? &input->directory : NULL;
    target->progress = &watch->progress;
    importer->work = (struct work){.received = input_received(input)};
    target->work = &importer->work;
    import_outcome_init(&outcome);
    watch_begin(watch, input->label, input->size, target->run ? "rows" : "annotations");
    bool good = watch_work(watch, &importer->db, import, &importing, &err);
    watch_end(watch, good);
    importer->has_begun |= good || outcome.import_id[0];
    if (good) {
        report_done(importer, target, &outcome);
    } else if (err.code != quiet_about) {
        report_failure(importer, target, input, &outcome, &err);
    }
    importer->code = good ? ERR_NONE : err.code;
    import_outcome_free(&outcome);
    return good;
}

/* ---- the end ----------------------------------------------------------------------------- */

/* Collects once, like the workers of a server after an upload, but leaves what takes long to these,
 * or to pgcoco gc. The outcome has been printed, so a signal ends the process at once. */
static void collect(struct importer *importer, int status) {
    const struct options *options = importer->options;
    struct maintenance_settings settings = options->maintenance;
    struct maintenance_done done;
    struct err err;
    if (!importer->has_begun || options->no_gc || options->dry_run) return;
    watch_last(&importer->watch, status);
    settings.no_preparations = true;
    if (!maintenance_run(options->conninfo, &settings, 0, &done, &err)) {
        report_error("replaced leaves could not be collected", &err, "");
    }
}

int importer_close(struct importer *importer, int status) {
    int number = importer->is_watched ? watch_signal(&importer->watch) : 0;
    if (number && status != STATUS_DONE) status = 128 + number;
    if (importer->is_connected) db_close(&importer->db);
    collect(importer, status);
    if (importer->is_watched) watch_stop(&importer->watch);
    return status;
}
