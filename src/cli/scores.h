/* Prints the document of an evaluation, as a table or as CSV, and compares numbers with bars. */
#ifndef PGCOCO_CLI_SCORES_H
#define PGCOCO_CLI_SCORES_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/parsed.h"
#include "evaluation/metrics.h"
#include "evaluation/settings.h"

/* What an evaluation with these settings is about. */
struct scores {
    const struct settings *settings;
    size_t metric_count;
    struct metric metrics[METRICS_MAX];
    const struct json_value *value; /* the document; NULL: not known yet */
};

void scores_init(struct scores *scores, const struct settings *settings);

/* Print on standard output: cocoeval's lines and a table of classes, or a line a class. */
void scores_print(const struct scores *scores);
void scores_print_csv(const struct scores *scores);

/* Prints a table of what went wrong, by kind (evaluation/findings). */
void scores_print_errors(const struct scores *scores);

/* Prints the warnings on standard error. */
void scores_warn(const struct scores *scores);

/* What a number must reach at least. */
struct bar {
    size_t metric; /* index */
    double least;
    const char *text; /* of the number, as given */
};

/* Reads "AP=0.40". False after a message on standard error. */
bool scores_read_bar(const struct scores *scores, const char *text, struct bar *bar);

/* False after a sentence on standard error if the number is below the bar. */
bool scores_reach(const struct scores *scores, const struct bar *bar);

#endif
