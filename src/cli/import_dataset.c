/* pgcoco import dataset: a ground truth from a file. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/import.h"
#include "cli/report.h"
#include "import/run_name.h"

/* Makes a name from the file name; false if that gives none. A name of digits only would be taken
 * for an id. */
static bool name_after(const char *path, char *name) {
    char plain[RUN_NAME_ROOM];
    if (!run_name_from_file(path, plain)) return false;
    bool digits = plain[strspn(plain, "0123456789")] == '\0';
    snprintf(name, RUN_NAME_ROOM, "%s%.*s", digits ? "dataset-" : "",
             RUN_NAME_MAX - (digits ? 8 : 0), plain);
    return true;
}

/* Reports the existing dataset (--if-missing) like an imported one. */
static bool report_existing(struct importer *importer, const char *name) {
    struct err err;
    struct buf document;
    const char *params[] = {name};
    buf_init(&document, DOCUMENT_MAX);
    bool good =
        db_document(&importer->db, "select coco.dataset_document($1)", 1, params, &document, &err);
    if (!good) {
        importer_refuse(importer, name, &err);
    } else if (importer->options->as_json) {
        puts(buf_text(&document));
    } else {
        report_dataset(&document, false, "it existed before and was not changed", stdout);
    }
    buf_free(&document);
    return good;
}

static bool import_file(struct importer *importer, const char *path, const char *name) {
    const struct options *options = importer->options;
    struct err err;
    struct input input;
    struct import_target target = {
        .dataset = name,
        .split = options->split,
        .create_only = options->create || options->if_missing,
        .adds = options->add,
    };
    bool good = input_open(&input, path, false, &options->json, &importer->watch, &err);
    if (!good) {
        importer_refuse(importer, input.label, &err);
    } else {
        enum err_code expected = options->if_missing ? ERR_DATASET_EXISTS : ERR_NONE;
        good = importer_import(importer, &target, &input, expected);
        if (!good && importer->code == ERR_DATASET_EXISTS && options->if_missing) {
            good = report_existing(importer, name);
        }
    }
    input_close(&input);
    return good;
}

static int run(const struct options *options, int count, char **operands) {
    struct importer importer;
    char made[RUN_NAME_ROOM];
    const char *path = operands[count - 1];
    const char *name = count == 2 ? operands[0] : made;
    if (count == 1 && strcmp(path, "-") == 0) {
        fputs("pgcoco import dataset: standard input has no name: give NAME\n", stderr);
        return STATUS_USAGE;
    }
    if (count == 1 && !name_after(path, made)) {
        fprintf(stderr, "pgcoco import dataset: the name of %s gives no name: give NAME\n", path);
        return STATUS_USAGE;
    }
    if (options->add && (options->create || options->if_missing || options->force)) {
        fputs("pgcoco import dataset: --add does not go with --create, --if-missing or --force\n",
              stderr);
        return STATUS_USAGE;
    }
    int status = importer_open(&importer, command_import_dataset.name, options);
    if (status == STATUS_DONE && !import_file(&importer, path, name)) status = STATUS_FAILED;
    return importer_close(&importer, status);
}

static const struct option_spec *const groups[] = {options_database,
                                                   options_dataset,
                                                   options_import,
                                                   options_progress,
                                                   options_collect,
                                                   options_json,
                                                   NULL};

const struct command command_import_dataset = {
    .name = "import dataset",
    .operands = "[NAME] FILE",
    .summary = "import a ground truth",
    .description =
        "Imports a COCO ground-truth file as the dataset NAME, all or nothing, straight into the "
        "database. Without NAME the dataset is named after the file. A dataset that exists is "
        "replaced; its runs stay, if the file has the images and classes of their rows. FILE may "
        "be plain, gzip or zstd; - is standard input.",
    .example = "pgcoco import dataset val2017 instances_val2017.json --split val",
    .options = groups,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
