/* pgcoco export: a run, or a ground truth, as a file. */
#include "export/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/watch.h"

struct exporter {
    const struct options *options;
    const char *dataset;
    const char *run; /* NULL for the ground truth */
    enum export_format format;
    struct watch watch;
    struct db db;
    struct export export;
    struct output output;
};

/* Creates the output only after the export was opened, so that an unknown run leaves no file. */
static bool write_file(struct exporter *exporter, struct err *err) {
    const struct options *options = exporter->options;
    struct progress *progress = &exporter->watch.progress;
    bool good =
        output_open(&exporter->output, options->output, options->gzip, &exporter->watch, err);
    if (good) {
        watch_begin(&exporter->watch, exporter->output.label, 0, "rows");
        good = export_write(&exporter->export, exporter->output.sink, progress, err) &&
               output_finish(&exporter->output, err);
        watch_end(&exporter->watch, good);
    }
    output_close(&exporter->output);
    return good;
}

/* Sets the parameters of the statement for a run, or a ground truth. Returns their number. */
static int set_params(const struct exporter *exporter, const char **params) {
    int count = 0;
    params[count++] = exporter->dataset;
    if (exporter->run) params[count++] = exporter->run;
    params[count++] = export_format_names[exporter->format];
    params[count] = exporter->options->split;
    params[count + 1] = exporter->options->slice;
    return count + EXPORT_FILTERS;
}

static bool export_file(void *self, struct err *err) {
    struct exporter *exporter = self;
    const char *params[3 + EXPORT_FILTERS] = {NULL};
    int count = set_params(exporter, params);
    bool good =
        export_open(&exporter->export, &exporter->db, exporter->format,
                    exporter->run ? export_run_sql : export_ground_truth_sql, count, params, err) &&
        write_file(exporter, err);
    export_close(&exporter->export);
    return good;
}

static bool export_connected(struct exporter *exporter, struct err *err) {
    if (!connection_open(&exporter->db, exporter->options->conninfo, err)) return false;
    bool good = watch_work(&exporter->watch, &exporter->db, export_file, exporter, err);
    db_close(&exporter->db);
    return good;
}

static int run_exporter(struct exporter *exporter) {
    struct err err;
    int number = 0;
    bool watched = watch_start(&exporter->watch, exporter->options->quiet, &err);
    bool good = watched && export_connected(exporter, &err);
    if (watched) {
        number = watch_signal(&exporter->watch);
        watch_stop(&exporter->watch);
    }
    if (good) return STATUS_DONE;
    report_error(exporter->run ? exporter->run : exporter->dataset, &err, "");
    return number ? 128 + number : STATUS_FAILED;
}

static bool read_format(const char *name, enum export_format *format) {
    *format = EXPORT_COCO;
    if (!name) return true;
    for (int i = 0; i < EXPORT_FORMATS; i++) {
        if (strcmp(name, export_format_names[i]) != 0) continue;
        *format = (enum export_format)i;
        return true;
    }
    fprintf(stderr, "pgcoco export: --format takes coco, csv, jsonl or yolo, not \"%s\"\n", name);
    return false;
}

static int run(const struct options *options, int count, char **operands) {
    enum export_format format;
    if (!read_format(options->format, &format)) return STATUS_USAGE;
    if (options->output && !options->output[0]) {
        fputs("pgcoco export: --output takes the name of a file, or - for standard output, not "
              "\"\"\n",
              stderr);
        return STATUS_USAGE;
    }
    struct exporter *exporter = calloc(1, sizeof *exporter);
    if (!exporter) {
        fputs("pgcoco export: out of memory\n", stderr);
        return STATUS_FAILED;
    }
    exporter->options = options;
    exporter->format = format;
    exporter->dataset = operands[0];
    exporter->run = count > 1 ? operands[1] : NULL;
    int status = run_exporter(exporter);
    free(exporter);
    return status;
}

static const struct option_spec *const groups[] = {options_database, options_export,
                                                   options_progress, NULL};

const struct command command_export = {
    .name = "export",
    .operands = "DATASET [RUN]",
    .summary = "write a run or a ground truth as a file",
    .description = "Writes the predictions of RUN, or without RUN the ground truth of DATASET, as "
                   "a COCO file or in another format, the same bytes as over HTTP. All rows come "
                   "from one snapshot: a run that is replaced meanwhile is written as it was. With "
                   "--output the file "
                   "appears when it is complete: it is written under a temporary name beside FILE "
                   "and renamed. A symbolic link is followed, and the file that it names is "
                   "replaced. A FIFO or a device, such as /dev/stdout, is written directly.",
    .example = "pgcoco export val2017 yolov8 --gzip -o yolov8.json.gz",
    .options = groups,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
