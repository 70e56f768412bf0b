/* pgcoco compare: two runs of a dataset side by side. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/report.h"
#include "cli/watch.h"
#include "evaluation/comparison.h"

enum {
    CLASSES_SHOWN = 10, /* in each direction */
    DOCUMENT_MAX = 64 * 1024 * 1024
};

struct comparer {
    const struct options *options;
    struct comparison_request request;
    struct comparison comparison;
    struct watch watch;
    struct db db;
};

/* ---- the table ----------------------------------------------------------------------------- */

static void print_value(double value) {
    if (value == -1) {
        printf("%10s", "-");
    } else {
        printf("%10.4f", value);
    }
}

static void print_difference(double a, double b) {
    if (a == -1 || b == -1) {
        printf("%10s", "-");
    } else {
        printf("%+10.4f", b - a);
    }
}

/* The rest of a line: what the bootstrap says. number: NULL if there are no resamples. */
static void print_bootstrap(const struct bootstrap_number *number) {
    if (number && number->resamples > 0) {
        printf("  %+.4f .. %+.4f  %6.1f %%  %s", number->difference.low, number->difference.high,
               100 * number->wins, compare_verdict(number));
    }
    putchar('\n');
}

/* Returns what the bootstrap says about a metric; NULL if it says nothing. */
static const struct bootstrap_number *find_number(const struct bootstrap *bootstrap,
                                                  const char *metric) {
    for (size_t i = 0; i < bootstrap->metric_count; i++) {
        if (strcmp(bootstrap->metrics[i].name, metric) == 0) return &bootstrap->numbers[i];
    }
    return NULL;
}

static void print_head(const char *what, const struct comparer *comparer) {
    printf("\n%-20s%10s%10s%10s", what, "A", "B", "B - A");
    if (comparer->request.resamples > 0) {
        printf("  %-18s  %8s", "95 % interval", "B wins");
    }
    putchar('\n');
}

static void print_metrics(const struct comparer *comparer) {
    const struct compared *compared = &comparer->comparison.compared;
    const struct numbers *a = &compared->numbers[0];
    const struct numbers *b = &compared->numbers[1];
    print_head("", comparer);
    for (size_t i = 0; i < a->metric_count; i++) {
        printf("%-20s", a->metrics[i].name);
        print_value(a->stats[i]);
        print_value(b->stats[i]);
        print_difference(a->stats[i], b->stats[i]);
        print_bootstrap(find_number(&compared->bootstrap, a->metrics[i].name));
    }
}

static void print_pair(const char *what, double a, double b) {
    printf("%-20s", what);
    print_value(a);
    print_value(b);
    print_difference(a, b);
    putchar('\n');
}

/* Of the operating point. */
static void print_points(const struct comparer *comparer) {
    const struct compared *compared = &comparer->comparison.compared;
    const struct point *a = &compared->numbers[0].points.all.at;
    const struct point *b = &compared->numbers[1].points.all.at;
    print_pair("precision", a->precision, b->precision);
    print_pair("recall", a->recall, b->recall);
    print_pair("F1", a->f1, b->f1);
}

static void print_class(const struct comparer *comparer, const struct changed_class *changed) {
    const struct comparison *comparison = &comparer->comparison;
    const struct compared *compared = &comparison->compared;
    int64_t id = comparison->compare.objects[0]->category_ids[changed->index];
    struct slice name = names_get(&comparison->categories, id);
    int width = 20;
    if (name.data) {
        report_text(name.data, name.len, stdout);
        width -= name.len < 19 ? (int)name.len : 19;
    } else {
        width -= printf("%" PRId64, id);
    }
    printf("%*s", width, "");
    for (size_t i = 0; i < COMPARE_RUNS; i++) {
        const struct numbers *numbers = &compared->numbers[i];
        print_value(numbers->class_stats[changed->index * numbers->metric_count]);
    }
    printf("%+10.4f", changed->difference);
    print_bootstrap(comparer->request.resamples > 0 ? &compared->bootstrap.classes[changed->index]
                                                    : NULL);
}

/* The most changed ones first. step: 1 from the front of the list, -1 from its end. */
static void print_classes(const struct comparer *comparer, const char *what, size_t count,
                          int step) {
    const struct compared *compared = &comparer->comparison.compared;
    const struct changed_class *at =
        step > 0 ? compared->changed : compared->changed + compared->changed_count - 1;
    if (count == 0) return;
    print_head(what, comparer);
    for (size_t i = 0; i < count && i < CLASSES_SHOWN; i++, at += step) print_class(comparer, at);
    if (count > CLASSES_SHOWN) printf("... and %zu more (--json)\n", count - CLASSES_SHOWN);
}

static void print_summary(const struct comparer *comparer) {
    const struct comparison *comparison = &comparer->comparison;
    const struct flips *flips = &comparison->compared.flips;
    const struct settings *settings = &comparer->request.evaluation.settings;
    printf("%s of %" PRIu64 " images\nA  %s (import %" PRId64 ")\nB  %s (import %" PRId64 ")\n",
           iou_type_name(settings->iou_type), flips->images, comparer->request.evaluation.run,
           comparison->subjects[0].imports.run, comparer->request.with,
           comparison->subjects[1].imports.run);
}

static void print_flips(const struct comparer *comparer) {
    const struct flips *flips = &comparer->comparison.compared.flips;
    const struct settings *settings = &comparer->request.evaluation.settings;
    printf("\nimages without a mistake (IoU %g, confidence %g)\n"
           "%10" PRIu64 " in both\n%10" PRIu64 " only in A\n%10" PRIu64 " only in B\n%10" PRIu64
           " in none\n",
           settings->iou, settings->confidence, flips->both, flips->worse.count,
           flips->better.count, flips->neither);
}

static void print_table(const struct comparer *comparer) {
    const struct compared *compared = &comparer->comparison.compared;
    print_summary(comparer);
    print_metrics(comparer);
    print_points(comparer);
    print_classes(comparer, "better in B", compared->better_count, 1);
    print_classes(comparer, "worse in B", compared->changed_count - compared->better_count, -1);
    print_flips(comparer);
}

static bool print_document(struct comparer *comparer, struct err *err) {
    struct buf document;
    buf_init(&document, DOCUMENT_MAX);
    bool good = comparison_write(&comparer->comparison, &comparer->db, &document, err);
    if (good && document.failed) good = err_set(err, ERR_BUSY, "out of memory for a comparison");
    if (good) {
        fwrite(document.data, 1, document.len, stdout);
        putchar('\n');
    }
    buf_free(&document);
    return good;
}

/* ---- --fail-if-worse ----------------------------------------------------------------------- */

/* False if B is worse in the metric of --fail-if-worse; says so. */
static bool passes(const struct comparer *comparer) {
    const char *metric = comparer->options->fail_if_worse;
    const struct bootstrap_number *number =
        metric ? find_number(&comparer->comparison.compared.bootstrap, metric) : NULL;
    if (!number || strcmp(compare_verdict(number), "worse") != 0) return true;
    fprintf(stderr,
            "pgcoco compare: %s is worse than %s in %s: the 95 %% interval of the difference is "
            "%+.4f .. %+.4f\n",
            comparer->request.with, comparer->request.evaluation.run, metric,
            number->difference.low, number->difference.high);
    return false;
}

/* ---- running it ---------------------------------------------------------------------------- */

static bool compare_runs(void *self, struct err *err) {
    struct comparer *comparer = self;
    const struct evaluator evaluator = {.db = &comparer->db,
                                        .threads = comparer->options->evaluation_threads,
                                        .progress = &comparer->watch.progress};
    watch_begin(&comparer->watch, comparer->request.evaluation.dataset, 0, "rows");
    bool good = comparison_make(&comparer->comparison, &evaluator, &comparer->request, err);
    watch_end(&comparer->watch, false);
    if (!good) return false;
    if (comparer->options->as_json) return print_document(comparer, err);
    print_table(comparer);
    return true;
}

static bool compare_connected(struct comparer *comparer, struct err *err) {
    if (!connection_open(&comparer->db, comparer->options->conninfo, err)) return false;
    bool good = watch_work(&comparer->watch, &comparer->db, compare_runs, comparer, err);
    db_close(&comparer->db);
    return good;
}

static int run_comparer(struct comparer *comparer) {
    struct err err;
    int number = 0;
    bool watched = watch_start(&comparer->watch, comparer->options->quiet, &err);
    bool good = watched && compare_connected(comparer, &err);
    bool passed = good && passes(comparer);
    comparison_close(&comparer->comparison);
    if (watched) {
        number = watch_signal(&comparer->watch);
        watch_stop(&comparer->watch);
    }
    if (good) return passed ? STATUS_DONE : STATUS_FAILED;
    report_error(comparer->request.evaluation.dataset, &err, "");
    return number ? 128 + number : STATUS_FAILED;
}

static bool check_bar(const struct options *options) {
    const char *metric = options->fail_if_worse;
    if (!metric) return true;
    if (strcmp(metric, "AP") != 0 && strcmp(metric, "AP50") != 0 && strcmp(metric, "AP75") != 0) {
        fputs("pgcoco compare: --fail-if-worse takes AP, AP50 or AP75\n", stderr);
        return false;
    }
    if (options->resamples > 0) return true;
    fputs("pgcoco compare: --fail-if-worse needs --resamples above 0\n", stderr);
    return false;
}

static int run(const struct options *options, int count, char **operands) {
    (void)count;
    enum iou_type iou_type;
    if (!iou_type_read(options->iou_type, &iou_type)) {
        fputs("pgcoco compare: --iou-type takes bbox, segm or keypoints\n", stderr);
        return STATUS_USAGE;
    }
    if (!check_bar(options)) return STATUS_USAGE;
    struct comparer *comparer = calloc(1, sizeof *comparer);
    if (!comparer) {
        fputs("pgcoco compare: out of memory\n", stderr);
        return STATUS_FAILED;
    }
    comparer->options = options;
    comparer->request = (struct comparison_request){
        .evaluation = {.dataset = operands[0], .run = operands[1], .slice = options->slice},
        .with = operands[2],
        .resamples = options->resamples,
        .seed = options->seed};
    settings_init(&comparer->request.evaluation.settings, iou_type);
    int status = run_comparer(comparer);
    free(comparer);
    return status;
}

static const struct option_spec *const groups[] = {options_database, options_compare,
                                                   options_evaluation, options_progress, NULL};

const struct command command_compare = {
    .name = "compare",
    .operands = "DATASET RUN_A RUN_B",
    .summary = "compare two runs: which is better, and how sure that is",
    .description = "Evaluates both runs and shows their numbers side by side, the classes that got "
                   "better and worse, and how many images only one of them gets right. A bootstrap "
                   "over images says how sure a difference is: B is better, or worse, if the 95 % "
                   "interval of the difference does not contain 0; otherwise it is unclear. With "
                   "--fail-if-worse the exit status is 1 if B is worse, for CI jobs.",
    .example = "pgcoco compare val2017 yolov8 yolov9 --fail-if-worse AP",
    .options = groups,
    .min_operands = 3,
    .max_operands = 3,
    .run = run,
};
