/* pgcoco evaluate: how a run did, by COCO's rules. */
#include "evaluation/evaluation.h"
#include "evaluation/kept_matches.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plain_number.h"
#include "cli/command.h"
#include "cli/import.h"
#include "cli/report.h"
#include "cli/scores.h"
#include "cli/scratch.h"
#include "evaluation/cache.h"

enum {
    CACHE_BYTES = 1 << 30
};

struct evaluate {
    const struct options *options;
    struct evaluation_request request;
    struct scores scores;
    struct bar bars[OPTION_TEXTS_MAX];
    struct importer importer; /* connection and watch; imports the files of --ground-truth */
    struct scratch scratch;
    struct buf document;
};

/* ---- options ----------------------------------------------------------------------------- */

static bool refuse(const char *message) {
    fprintf(stderr, "pgcoco evaluate: %s\n", message);
    return false;
}

static bool read_iou_type(struct evaluate *evaluate) {
    enum iou_type type;
    if (!iou_type_read(evaluate->options->iou_type, &type)) {
        return refuse("--iou-type takes bbox, segm or keypoints");
    }
    settings_init(&evaluate->request.settings, type);
    return true;
}

typedef bool read_list(struct settings *settings, const char *text, struct err *err);

/* Messages name a list as the HTTP interface does, with underscores. */
static bool read_one(struct evaluate *evaluate, const char *text, read_list *read) {
    struct err err;
    if (!text || read(&evaluate->request.settings, text, &err)) return true;
    char *end = err.message + strcspn(err.message, ":");
    for (char *at = err.message; at < end; at++) {
        if (*at == '_') *at = '-';
    }
    fputs("pgcoco evaluate: --", stderr);
    report_text(err.message, strlen(err.message), stderr);
    fputc('\n', stderr);
    return false;
}

static bool read_number(const char *text, double least, double most, double *value) {
    return !text || (plain_number_read(text, value) && *value >= least && *value <= most);
}

static bool read_settings(struct evaluate *evaluate) {
    const struct options *options = evaluate->options;
    struct settings *settings = &evaluate->request.settings;
    if (!read_iou_type(evaluate)) return false;
    settings->exact = !options->no_exact;
    if (options->sigmas && settings->iou_type != IOU_KEYPOINTS) {
        return refuse("--sigmas is for --iou-type keypoints");
    }
    if (!read_number(options->iou, .001, 1, &settings->iou)) {
        return refuse("--iou takes a number from 0.001 to 1");
    }
    if (!read_number(options->confidence, 0, 1e6, &settings->confidence)) {
        return refuse("--confidence takes a number from 0 to 1e6");
    }
    return read_one(evaluate, options->iou_thresholds, settings_read_thresholds) &&
           read_one(evaluate, options->max_dets, settings_read_max_dets) &&
           read_one(evaluate, options->areas, settings_read_areas) &&
           read_one(evaluate, options->sigmas, settings_read_sigmas);
}

static bool read_bars(struct evaluate *evaluate) {
    const struct option_texts *bars = &evaluate->options->fail_under;
    scores_init(&evaluate->scores, &evaluate->request.settings);
    for (unsigned i = 0; i < bars->count; i++) {
        if (!scores_read_bar(&evaluate->scores, bars->texts[i], &evaluate->bars[i])) return false;
    }
    return true;
}

static bool read_operands(struct evaluate *evaluate, int count, char **operands) {
    const struct options *options = evaluate->options;
    if (options->as_json && options->csv) return refuse("--json and --csv exclude each other");
    if (!options->ground_truth) {
        if (count != 2) return refuse("give DATASET and RUN, or --ground-truth FILE and RESULTS");
        evaluate->request.dataset = operands[0];
        evaluate->request.run = operands[1];
        return true;
    }
    if (count != 1) return refuse("--ground-truth FILE takes one more file, RESULTS");
    if (options->errors) return refuse("--errors is for datasets: of files nothing is kept");
    if (options->split || options->slice) {
        return refuse("--split and --slice are for datasets, not for files");
    }
    return true;
}

static bool read_options(struct evaluate *evaluate, int count, char **operands) {
    const struct options *options = evaluate->options;
    evaluate->request.categories = options->categories;
    evaluate->request.split = options->split;
    evaluate->request.slice = options->slice;
    return read_operands(evaluate, count, operands) && read_settings(evaluate) &&
           read_bars(evaluate);
}

/* ---- the evaluation ---------------------------------------------------------------------- */

static bool make_all(struct evaluate *evaluate, const struct evaluator *evaluator,
                     struct err *err) {
    const struct options *options = evaluate->options;
    unsigned include = options->interval ? INCLUDE_INTERVAL : 0;
    return evaluation_document(evaluator, &evaluate->request, include, &evaluate->document, err) &&
           (!options->errors || matches_keep(evaluator, &evaluate->request, err));
}

/* Reads over a second connection, too, if there is one to be had. The rows are read once, although
 * numbers and matches are made of them. */
static bool evaluate_run(void *self, struct err *err) {
    struct evaluate *evaluate = self;
    struct importer *importer = &evaluate->importer;
    struct db second;
    struct err ignored;
    struct cache *cache = cache_new(CACHE_BYTES);
    bool has_second = db_connect(&second, evaluate->options->conninfo, &ignored);
    const struct evaluator evaluator = {.db = &importer->db,
                                        .second = has_second ? &second : NULL,
                                        .cache = cache,
                                        .threads = evaluate->options->evaluation_threads,
                                        .rows = evaluate->options->evaluation_rows,
                                        .progress = &importer->watch.progress};
    bool good = make_all(evaluate, &evaluator, err);
    if (has_second) db_close(&second);
    if (cache) cache_free(cache);
    return good;
}

static bool make_document(struct evaluate *evaluate) {
    struct err err;
    struct watch *watch = &evaluate->importer.watch;
    watch_begin(watch, evaluate->request.run, 0, "rows");
    progress_enter(&watch->progress, PROGRESS_READ);
    bool good = watch_work(watch, &evaluate->importer.db, evaluate_run, evaluate, &err);
    watch_end(watch, false);
    if (!good) importer_refuse(&evaluate->importer, evaluate->request.run, &err);
    return good;
}

/* Evaluates two files, which are in the database only meanwhile. */
static bool evaluate_files(struct evaluate *evaluate, const char *results) {
    struct scratch *scratch = &evaluate->scratch;
    evaluate->importer.outcomes = stderr;
    evaluate->request.dataset = scratch->dataset;
    evaluate->request.run = scratch->run;
    bool good =
        scratch_import(scratch, &evaluate->importer, evaluate->options->ground_truth, results) &&
        make_document(evaluate);
    return scratch_delete(scratch) && good;
}

/* ---- the outcome ------------------------------------------------------------------------- */

static void print(const struct evaluate *evaluate, struct buf *document) {
    if (evaluate->options->as_json) {
        puts(buf_text(document));
    } else if (evaluate->options->csv) {
        scores_print_csv(&evaluate->scores);
    } else {
        scores_print(&evaluate->scores);
        if (evaluate->options->errors) scores_print_errors(&evaluate->scores);
    }
    fflush(stdout);
}

/* False if a number is below its bar. */
static bool report(struct evaluate *evaluate) {
    struct parsed parsed;
    bool good = parsed_open(&parsed, &evaluate->document);
    if (good) {
        evaluate->scores.value = &parsed.value;
        print(evaluate, &evaluate->document);
        scores_warn(&evaluate->scores);
        for (unsigned i = 0; i < evaluate->options->fail_under.count; i++) {
            if (!scores_reach(&evaluate->scores, &evaluate->bars[i])) good = false;
        }
    } else {
        refuse("the database has answered with something that is no evaluation");
    }
    parsed_close(&parsed);
    return good;
}

static int run_evaluate(struct evaluate *evaluate, char **operands) {
    struct importer *importer = &evaluate->importer;
    int status = importer_open(importer, command_evaluate.name, evaluate->options);
    if (status == STATUS_DONE) {
        bool good = evaluate->options->ground_truth ? evaluate_files(evaluate, operands[0])
                                                    : make_document(evaluate);
        if (!good || !report(evaluate)) status = STATUS_FAILED;
    }
    return importer_close(importer, status);
}

static int run(const struct options *options, int count, char **operands) {
    int status = STATUS_USAGE;
    struct evaluate *evaluate = calloc(1, sizeof *evaluate);
    if (!evaluate) {
        fputs("pgcoco evaluate: out of memory\n", stderr);
        return STATUS_FAILED;
    }
    evaluate->options = options;
    buf_init(&evaluate->document, DOCUMENT_MAX);
    if (read_options(evaluate, count, operands)) status = run_evaluate(evaluate, operands);
    buf_free(&evaluate->document);
    free(evaluate);
    return status;
}

static const struct option_spec *const groups[] = {
    options_database, options_evaluate, options_evaluation, options_progress, options_json, NULL};

const struct command command_evaluate = {
    .name = "evaluate",
    .operands = "DATASET RUN | --ground-truth FILE RESULTS",
    .summary = "say how a run did: COCO's numbers, by class",
    .description =
        "Evaluates RUN of DATASET by COCO's rules and prints the numbers of pycocotools, then "
        "those of each class. Numbers that are stored are not computed again. Warnings are on "
        "standard error. With --fail-under the exit status is 1 if a number is lower. With "
        "--ground-truth both files are imported into a dataset of a random name "
        "(pgcoco-evaluate-...), which is deleted at the end, also after Ctrl-C; one that a killed "
        "command has left is deleted by a later command, after a day.",
    .example = "pgcoco evaluate val2017 yolov8 --fail-under AP=0.40 --fail-under AP50=0.60",
    .options = groups,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
