/* pgcoco import run: results files, one run each. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/import.h"
#include "cli/report.h"
#include "import/load_directory.h"
#include "import/run_name.h"

/* The files to import, and the names of their runs. */
struct plan {
    const char *dataset;
    char **paths;
    int count;
    bool directories;             /* --format detection_annotation */
    const char *name;             /* run name given by the user; NULL: name runs after files */
    char (*names)[RUN_NAME_ROOM]; /* of all runs; a directory's files may change them */
};

/* ---- RUN or FILE? ------------------------------------------------------------------------ */

static bool is_standard_input(const char *path) {
    return strcmp(path, "-") == 0;
}

/* True for a path or a file name, even if the file does not exist, so that a misspelt file is not
 * taken for a run. */
static bool looks_like_file(const char *word) {
    size_t len = strlen(word);
    size_t ending = run_name_ending(word, len);
    return is_standard_input(word) || strchr(word, '/') || (ending > 0 && ending < len);
}

/* If exactly two operands follow DATASET, the first may be RUN. */
static bool find_run(struct plan *plan, const struct options *options) {
    const char *word = plan->paths[0];
    if (plan->count != 2 || looks_like_file(word)) return true;
    if (access(word, F_OK) == 0) {
        if (options->name) return true;
        fprintf(stderr,
                "pgcoco import run: \"%s\" may be a file here or the name of a run: write "
                "./%s for the file, or --name %s for the run\n",
                word, word, word);
        return false;
    }
    if (options->name) return true; /* a missing file, reported later */
    plan->name = word;
    plan->paths++;
    plan->count--;
    return true;
}

static bool read_format(struct plan *plan, const char *format) {
    plan->directories = format && strcmp(format, "detection_annotation") == 0;
    if (!format || plan->directories || strcmp(format, "coco") == 0) return true;
    fprintf(stderr, "pgcoco import run: --format takes coco or detection_annotation, not \"%s\"\n",
            format);
    return false;
}

static bool check_name(const struct plan *plan) {
    if (!plan->name) return true;
    if (plan->count > 1) {
        fputs("pgcoco import run: --name names one run, but there are several files\n", stderr);
        return false;
    }
    if (run_name_is_allowed(plan->name)) return true;
    fprintf(stderr, "pgcoco import run: \"%s\" is not a valid run name: %s\n", plan->name,
            run_name_rule);
    return false;
}

/* ---- names of runs ----------------------------------------------------------------------- */

/* Returns an earlier file with the same run name, because one run would replace the other. NULL if
 * there is none. */
static const char *same_name(const struct plan *plan, int at) {
    for (int i = 0; i < at; i++) {
        if (strcmp(plan->names[i], plan->names[at]) == 0) return plan->paths[i];
    }
    return NULL;
}

static bool name_file(struct plan *plan, int at) {
    if (plan->name) {
        snprintf(plan->names[at], RUN_NAME_ROOM, "%s", plan->name);
        return true;
    }
    if (is_standard_input(plan->paths[at])) {
        fputs("pgcoco import run: standard input has no name: give RUN or --name\n", stderr);
        return false;
    }
    if (!run_name_from_file(plan->paths[at], plan->names[at]) && !plan->directories) {
        fprintf(stderr, "pgcoco import run: the name of %s gives no name: give RUN or --name\n",
                plan->paths[at]);
        return false;
    }
    /* The files of a directory may name their run, so that is compared once they are read. */
    const char *other = plan->directories ? NULL : same_name(plan, at);
    if (!other) return true;
    fprintf(stderr, "pgcoco import run: %s and %s would both be the run %s\n", other,
            plan->paths[at], plan->names[at]);
    return false;
}

static bool name_files(struct plan *plan) {
    plan->names = calloc((size_t)plan->count, sizeof *plan->names);
    if (!plan->names) {
        fputs("pgcoco: out of memory\n", stderr);
        return false;
    }
    for (int i = 0; i < plan->count; i++) {
        if (!name_file(plan, i)) return false;
    }
    return true;
}

static bool make_plan(struct plan *plan, const struct options *options, int count,
                      char **operands) {
    *plan = (struct plan){
        .dataset = operands[0], .paths = operands + 1, .count = count - 1, .name = options->name};
    return read_format(plan, options->format) && find_run(plan, options) && check_name(plan) &&
           name_files(plan);
}

/* ---- the imports ------------------------------------------------------------------------- */

/* Names a run after what the files of its directory say, if they do, else after the directory. */
static bool name_directory(struct plan *plan, int at, struct input *input, struct err *err) {
    struct buf said;
    if (plan->name || !input->is_directory) return true;
    buf_init(&said, PATH_MAX);
    bool good = load_directory_run_name(&input->directory, &said, err);
    char name[RUN_NAME_ROOM];
    if (good && run_name_from_file(buf_text(&said), name)) {
        memcpy(plan->names[at], name, sizeof name);
    }
    buf_free(&said);
    return good && (plan->names[at][0] ||
                    err_set(err, ERR_BAD_REQUEST,
                            "the name of the directory gives no name for the run: give --name"));
}

static bool check_new_name(const struct plan *plan, int at, struct err *err) {
    const char *other = same_name(plan, at);
    return !other || err_set(err, ERR_BAD_REQUEST,
                             "this would be the run %s, like %s; import one of them with --name",
                             plan->names[at], other);
}

static bool import_file(struct importer *importer, struct plan *plan, int at) {
    struct err err;
    struct input input;
    struct import_target target = {.dataset = plan->dataset, .run = plan->names[at]};
    bool good = input_open(&input, plan->paths[at], plan->directories, &importer->options->json,
                           &importer->watch, &err) &&
                name_directory(plan, at, &input, &err) && check_new_name(plan, at, &err);
    if (!good) {
        importer_refuse(importer, input.label, &err);
    } else {
        good = importer_import(importer, &target, &input, ERR_NONE);
    }
    input_close(&input);
    return good;
}

/* Stops at the first failure, like a form with several files. */
static bool import_files(struct importer *importer, struct plan *plan) {
    int done = 0;
    while (done < plan->count && import_file(importer, plan, done)) done++;
    if (done < plan->count && plan->count > 1) {
        fputs("pgcoco: stopped at ", stderr);
        report_text(plan->paths[done], strlen(plan->paths[done]), stderr);
        fprintf(stderr, ": %d of %d files %s\n", done, plan->count,
                importer->options->dry_run ? "could be imported" : "are imported");
    }
    return done == plan->count;
}

static int run(const struct options *options, int count, char **operands) {
    struct importer importer;
    struct plan plan;
    int status = STATUS_USAGE;
    if (make_plan(&plan, options, count, operands)) {
        status = importer_open(&importer, command_import_run.name, options);
        if (status == STATUS_DONE && !import_files(&importer, &plan)) status = STATUS_FAILED;
        status = importer_close(&importer, status);
    }
    free(plan.names);
    return status;
}

static const struct option_spec *const groups[] = {
    options_database, options_run, options_import, options_progress, options_collect,
    options_json,     NULL};

const struct command command_import_run = {
    .name = "import run",
    .operands = "DATASET [RUN] FILE...",
    .summary = "import results of a detector",
    .description =
        "Imports results files as runs of DATASET (its name or id), straight into the database. "
        "Each FILE is a run of its own, named after the file, imported all or nothing; a run of "
        "that name is replaced. The first file that is refused ends the command; runs imported "
        "before it stay. FILE may be plain, gzip or zstd; - is standard input. RUN names the run "
        "of a single FILE: if two words follow DATASET, the first is RUN, unless it has a slash or "
        "the ending of a results file (.json, .jsonl, .ndjson, .gz, .zst) or is -. A RUN that is "
        "also the name of a file here is refused; --name RUN is never ambiguous.",
    .example = "pgcoco import run val2017 yolov8 results.json",
    .options = groups,
    .min_operands = 2,
    .max_operands = INT_MAX,
    .run = run,
};
