/* Prints evaluations: see scores.h. */
#include "cli/scores.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/plain_number.h"
#include "cli/report.h"
#include "evaluation/findings.h"

enum {
    NAME_COLUMNS = 24, /* of a class at most */
    NUMBER_COLUMNS = 6,
    TEXT_MAX = 64 * 1024
};

void scores_init(struct scores *scores, const struct settings *settings) {
    scores->settings = settings;
    scores->metric_count = metrics_list(settings, scores->metrics);
    scores->value = NULL;
}

/* ---- the document ------------------------------------------------------------------------ */

static uint32_t member(const struct scores *scores, uint32_t object, const char *name) {
    return json_member(scores->value, object, name);
}

static double number_of(const struct scores *scores, uint32_t object, const char *name) {
    return parsed_number(scores->value, member(scores, object, name));
}

/* The first child of an array, and of each the next; the end is nodes[array].next. */
static uint32_t first_of(const struct scores *scores, uint32_t array, uint32_t *end) {
    bool is_array = array != 0 && scores->value->nodes[array].type == JSON_ARRAY;
    *end = is_array ? scores->value->nodes[array].next : 0;
    return is_array ? array + 1 : 0;
}

static uint32_t next_of(const struct scores *scores, uint32_t node) {
    return scores->value->nodes[node].next;
}

/* Appends the text of a string, or of another value verbatim. */
static void put_text(const struct scores *scores, uint32_t node, struct buf *into) {
    struct slice raw = json_raw(scores->value, node);
    if (scores->value->nodes[node].type != JSON_STRING) {
        buf_put(into, raw.data, raw.len);
    } else if (!json_unescape(scores->value, node, into)) {
        buf_put_char(into, '?');
    }
}

/* ---- cocoeval's lines -------------------------------------------------------------------- */

/* " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.211" */
static void print_metric(const struct scores *scores, const struct metric *metric) {
    const struct settings *settings = scores->settings;
    char iou[32];
    if (metric->threshold != ALL_THRESHOLDS) {
        snprintf(iou, sizeof iou, "%.2f", settings->thresholds[metric->threshold]);
    } else {
        snprintf(iou, sizeof iou, "%.2f:%.2f", settings->thresholds[0],
                 settings->thresholds[settings->threshold_count - 1]);
    }
    printf(" %-18s %s @[ IoU=%-9s | area=%6s | maxDets=%3u ] = %.3f\n",
           metric->is_recall ? "Average Recall" : "Average Precision",
           metric->is_recall ? "(AR)" : "(AP)", iou, settings->areas[metric->area].name,
           settings->max_dets[metric->cut],
           number_of(scores, member(scores, 0, "metrics"), metric->name));
}

static void print_point(const struct scores *scores) {
    uint32_t at = member(scores, 0, "operating_point");
    uint32_t best = member(scores, 0, "best_f1");
    if (at == 0 || scores->value->nodes[at].type != JSON_OBJECT) return;
    printf("\nAt IoU %g and confidence %g: precision %.3f, recall %.3f, F1 %.3f.",
           scores->settings->iou, scores->settings->confidence, number_of(scores, at, "precision"),
           number_of(scores, at, "recall"), number_of(scores, at, "f1"));
    if (best != 0 && number_of(scores, best, "f1") >= 0) {
        printf(" Best F1 %.3f, at confidence %.3f.", number_of(scores, best, "f1"),
               number_of(scores, best, "confidence"));
    }
    putchar('\n');
}

/* ---- the table of classes ---------------------------------------------------------------- */

static bool begins_character(char byte) {
    return ((unsigned char)byte & 0xc0) != 0x80;
}

/* Characters, which are as many columns in most scripts. */
static int columns_of(const char *text) {
    int columns = 0;
    for (; *text; text++) columns += begins_character(*text);
    return columns;
}

/* Prints the first `width` characters of a text, filled up with spaces. */
static void print_padded(const char *text, int width) {
    size_t len = 0;
    int columns = 0;
    while (text[len] && (columns < width || !begins_character(text[len]))) {
        columns += begins_character(text[len++]);
    }
    report_text(text, len, stdout);
    printf("%*s", width - columns, "");
}

static void get_name(const struct scores *scores, uint32_t class, struct buf *name) {
    uint32_t node = member(scores, class, "category");
    buf_reset(name);
    if (node != 0) put_text(scores, node, name);
    /* A class without a name is known by its id. */
    if (name->len == 0) put_text(scores, member(scores, class, "category_id"), name);
}

static int widest_name(const struct scores *scores, struct buf *name) {
    uint32_t end;
    int width = columns_of("class");
    uint32_t class = first_of(scores, member(scores, 0, "per_class"), &end);
    for (; class < end; class = next_of(scores, class)) {
        get_name(scores, class, name);
        int columns = columns_of(buf_text(name));
        if (columns > width) width = columns;
    }
    return width < NAME_COLUMNS ? width : NAME_COLUMNS;
}

static int width_of(const struct metric *metric) {
    int len = (int)strlen(metric->name);
    return len > NUMBER_COLUMNS ? len : NUMBER_COLUMNS;
}

/* A terminal has no room for all of them: precision, and the recall that AP's cut allows. */
static bool is_in_table(const struct scores *scores, size_t i) {
    const struct metric *metric = &scores->metrics[i];
    bool is_whole = metric->threshold == ALL_THRESHOLDS && metric->area == 0;
    return !metric->is_recall || (is_whole && metric->cut == scores->settings->max_det_count - 1);
}

static void print_head(const struct scores *scores, int width) {
    printf("\n%-*s  %7s  %10s", width, "class", "truths", "detections");
    for (size_t i = 0; i < scores->metric_count; i++) {
        const struct metric *metric = &scores->metrics[i];
        if (is_in_table(scores, i)) printf("  %*s", width_of(metric), metric->name);
    }
    putchar('\n');
}

static void print_class(const struct scores *scores, uint32_t class, const char *name, int width) {
    print_padded(name, width);
    printf("  %7.0f  %10.0f", number_of(scores, class, "truths"),
           number_of(scores, class, "detections"));
    for (size_t i = 0; i < scores->metric_count; i++) {
        if (!is_in_table(scores, i)) continue;
        printf("  %*.3f", width_of(&scores->metrics[i]),
               number_of(scores, class, scores->metrics[i].name));
    }
    putchar('\n');
}

static void print_classes(const struct scores *scores) {
    struct buf name;
    uint32_t end;
    uint32_t class = first_of(scores, member(scores, 0, "per_class"), &end);
    if (class == end) return;
    buf_init(&name, TEXT_MAX);
    int width = widest_name(scores, &name);
    print_head(scores, width);
    for (; class < end; class = next_of(scores, class)) {
        get_name(scores, class, &name);
        print_class(scores, class, buf_text(&name), width);
    }
    buf_free(&name);
}

static void print_interval(const struct scores *scores) {
    uint32_t interval = member(scores, 0, "interval");
    if (!interval || scores->value->nodes[interval].type != JSON_OBJECT) return;
    printf(" 95 %% interval of AP over images: %.3f .. %.3f\n", number_of(scores, interval, "low"),
           number_of(scores, interval, "high"));
}

void scores_print(const struct scores *scores) {
    for (size_t i = 0; i < scores->metric_count; i++) print_metric(scores, &scores->metrics[i]);
    print_interval(scores);
    print_point(scores);
    print_classes(scores);
}

void scores_print_errors(const struct scores *scores) {
    static const enum outcome kinds[] = {OUTCOME_LOCALISATION, OUTCOME_CLASSIFICATION,
                                         OUTCOME_BOTH,         OUTCOME_DUPLICATE,
                                         OUTCOME_BACKGROUND,   OUTCOME_MISSED};
    uint32_t errors = member(scores, 0, "errors");
    uint32_t counts = errors ? member(scores, errors, "counts") : 0;
    uint32_t costs = errors ? member(scores, errors, "dap") : 0;
    if (!counts || !costs) return;
    printf("\n%-14s %10s %8s\n", "error", "count", "dAP");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *name = outcome_name(kinds[i]);
        printf("%-14s %10.0f %8.3f\n", name, number_of(scores, counts, name),
               number_of(scores, costs, name));
    }
}

/* ---- CSV --------------------------------------------------------------------------------- */

/* RFC 4180: quotes around what holds a comma, a quote or a line break. */
static void print_quoted(const char *text) {
    bool is_plain = text[strcspn(text, ",\"\r\n")] == '\0';
    if (!is_plain) putchar('"');
    for (; *text; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    if (!is_plain) putchar('"');
}

/* A comma and the member verbatim, with all its digits. */
static void print_cell(const struct scores *scores, uint32_t object, const char *name) {
    uint32_t node = member(scores, object, name);
    struct slice raw = node != 0 ? json_raw(scores->value, node) : (struct slice){"", 0};
    printf(",%.*s", (int)raw.len, raw.data);
}

static void print_metric_cells(const struct scores *scores, uint32_t object) {
    for (size_t i = 0; i < scores->metric_count; i++) {
        print_cell(scores, object, scores->metrics[i].name);
    }
}

void scores_print_csv(const struct scores *scores) {
    struct buf name;
    uint32_t end;
    fputs("category_id,category,truths,detections", stdout);
    for (size_t i = 0; i < scores->metric_count; i++) printf(",%s", scores->metrics[i].name);
    fputs("\n,", stdout); /* all classes together: no id and no name */
    print_cell(scores, 0, "truths");
    print_cell(scores, 0, "detections");
    print_metric_cells(scores, member(scores, 0, "metrics"));
    putchar('\n');
    buf_init(&name, TEXT_MAX);
    uint32_t class = first_of(scores, member(scores, 0, "per_class"), &end);
    for (; class < end; class = next_of(scores, class)) {
        get_name(scores, class, &name);
        printf("%.0f,", number_of(scores, class, "category_id"));
        print_quoted(buf_text(&name));
        print_cell(scores, class, "truths");
        print_cell(scores, class, "detections");
        print_metric_cells(scores, class);
        putchar('\n');
    }
    buf_free(&name);
}

/* ---- warnings and bars ------------------------------------------------------------------- */

void scores_warn(const struct scores *scores) {
    struct buf text;
    uint32_t end;
    buf_init(&text, TEXT_MAX);
    uint32_t warning = first_of(scores, member(scores, 0, "warnings"), &end);
    for (; warning < end; warning = next_of(scores, warning)) {
        uint32_t message = member(scores, warning, "message");
        if (message == 0) continue;
        buf_reset(&text);
        put_text(scores, message, &text);
        fputs("pgcoco: warning: ", stderr);
        report_text(buf_text(&text), text.len, stderr);
        fputc('\n', stderr);
    }
    buf_free(&text);
}

static bool find_metric(const struct scores *scores, const char *name, size_t len, size_t *at) {
    for (*at = 0; *at < scores->metric_count; ++*at) {
        const char *known = scores->metrics[*at].name;
        if (strlen(known) == len && strncmp(known, name, len) == 0) return true;
    }
    return false;
}

bool scores_read_bar(const struct scores *scores, const char *text, struct bar *bar) {
    size_t len = strcspn(text, "=");
    bar->text = text[len] ? text + len + 1 : "";
    if (!find_metric(scores, text, len, &bar->metric)) {
        fputs("pgcoco evaluate: --fail-under: there is no number \"", stderr);
        report_text(text, len, stderr);
        fputs("\" here; there are", stderr);
        for (size_t i = 0; i < scores->metric_count; i++) {
            fprintf(stderr, "%s %s", i ? "," : "", scores->metrics[i].name);
        }
        fputc('\n', stderr);
        return false;
    }
    if (plain_number_read(bar->text, &bar->least) && bar->least <= 1) return true;
    fputs("pgcoco evaluate: --fail-under takes NAME=NUMBER with a number from 0 to 1, such as "
          "AP=0.40, not \"",
          stderr);
    report_text(text, strlen(text), stderr);
    fputs("\"\n", stderr);
    return false;
}

bool scores_reach(const struct scores *scores, const struct bar *bar) {
    const char *name = scores->metrics[bar->metric].name;
    uint32_t node = member(scores, member(scores, 0, "metrics"), name);
    double value = parsed_number(scores->value, node);
    if (value >= bar->least) return true;
    if (value < 0) {
        fprintf(stderr,
                "pgcoco: %s does not apply, because there is nothing to find: it does not reach %s "
                "(--fail-under)\n",
                name, bar->text);
    } else {
        struct slice raw = json_raw(scores->value, node);
        fprintf(stderr, "pgcoco: %s is %.*s, below %s (--fail-under)\n", name, (int)raw.len,
                raw.data, bar->text);
    }
    return false;
}
