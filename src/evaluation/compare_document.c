/* Writes two runs side by side: see compare_document.h. */
#include "evaluation/compare_document.h"

#include <inttypes.h>

#include "evaluation/numbers_json.h"
#include "json/writer.h"

static const char run_names[COMPARE_RUNS] = {'a', 'b'};

/* ---- metrics ------------------------------------------------------------------------------- */

/* values: one for each metric. */
static void write_metrics(struct buf *into, const struct numbers *numbers, const double *values) {
    for (size_t i = 0; i < numbers->metric_count; i++) {
        buf_put_char(into, i ? ',' : '{');
        json_write_text(into, numbers->metrics[i].name);
        buf_put_char(into, ':');
        json_write_double(into, values[i]);
    }
    buf_put_char(into, '}');
}

static void write_difference(struct buf *into, double a, double b) {
    if (a == -1 || b == -1) {
        buf_put_text(into, "null");
    } else {
        json_write_double(into, b - a);
    }
}

static void write_differences(struct buf *into, const struct numbers *numbers, const double *a,
                              const double *b) {
    for (size_t i = 0; i < numbers->metric_count; i++) {
        buf_put_char(into, i ? ',' : '{');
        json_write_text(into, numbers->metrics[i].name);
        buf_put_char(into, ':');
        write_difference(into, a[i], b[i]);
    }
    buf_put_char(into, '}');
}

/* Members a, b and difference. a and b: one value for each metric. */
static void write_both(struct buf *into, const struct compared *compared, const double *a,
                       const double *b) {
    buf_put_text(into, "\"a\":");
    write_metrics(into, &compared->numbers[0], a);
    buf_put_text(into, ",\"b\":");
    write_metrics(into, &compared->numbers[1], b);
    buf_put_text(into, ",\"difference\":");
    write_differences(into, &compared->numbers[0], a, b);
}

/* ---- operating points, errors -------------------------------------------------------------- */

static void write_points(struct buf *into, double iou, const struct point *a,
                         const struct point *b) {
    buf_put_text(into, ",\"operating_point\":{\"a\":");
    numbers_write_point(into, iou, a);
    buf_put_text(into, ",\"b\":");
    numbers_write_point(into, iou, b);
    buf_put_char(into, '}');
}

static void write_errors(struct buf *into, const struct compared *compared) {
    buf_put_text(into, ",\"errors\":");
    for (size_t i = 0; i < COMPARE_RUNS; i++) {
        const struct numbers *numbers = &compared->numbers[i];
        buf_printf(into, "%c\"%c\":", i ? ',' : '{', run_names[i]);
        numbers_write_errors(into, &numbers->errors, &numbers->repairs);
    }
    buf_put_char(into, '}');
}

/* ---- the bootstrap ------------------------------------------------------------------------- */

static void write_interval(struct buf *into, const char *name, const struct interval *interval) {
    buf_printf(into, ",\"%s\":[", name);
    json_write_double(into, interval->low);
    buf_put_char(into, ',');
    json_write_double(into, interval->high);
    buf_put_char(into, ']');
}

static void write_number(struct buf *into, const struct bootstrap_number *number) {
    if (number->resamples == 0) {
        buf_put_text(into, "null");
        return;
    }
    buf_printf(into, "{\"resamples\":%" PRIu32, number->resamples);
    write_interval(into, "a", &number->runs[0]);
    write_interval(into, "b", &number->runs[1]);
    write_interval(into, "difference", &number->difference);
    buf_put_text(into, ",\"b_wins\":");
    json_write_double(into, number->wins);
    buf_printf(into, ",\"verdict\":\"%s\"}", compare_verdict(number));
}

static void write_bootstrap(struct buf *into, const struct bootstrap *bootstrap,
                            const struct compare_request *request) {
    if (request->resamples == 0) {
        buf_put_text(into, "null");
        return;
    }
    buf_printf(into, "{\"resamples\":%" PRIu32 ",\"seed\":%" PRIu64 ",\"metrics\":{",
               request->resamples, request->seed);
    for (size_t i = 0; i < bootstrap->metric_count; i++) {
        if (i) buf_put_char(into, ',');
        json_write_text(into, bootstrap->metrics[i].name);
        buf_put_char(into, ':');
        write_number(into, &bootstrap->numbers[i]);
    }
    buf_put_text(into, "}}");
}

/* ---- classes ------------------------------------------------------------------------------- */

/* What a class is written from. */
struct writing {
    struct buf *into;
    const struct compared *compared;
    const struct compare_request *request;
    const struct names *categories;
};

/* Begins an object with the id and the name of a class. */
static void begin_class(const struct writing *writing, size_t k) {
    int64_t id = writing->request->objects[0]->category_ids[k];
    struct slice name = names_get(writing->categories, id);
    buf_printf(writing->into, "{\"category_id\":%" PRId64 ",\"category\":", id);
    if (name.data) {
        json_write_string(writing->into, name.data, name.len);
    } else {
        buf_put_text(writing->into, "null");
    }
}

static void write_class(const struct writing *writing, size_t k) {
    struct buf *into = writing->into;
    const struct numbers *a = &writing->compared->numbers[0];
    const struct numbers *b = &writing->compared->numbers[1];
    begin_class(writing, k);
    buf_printf(into, ",\"truths\":%" PRIu64 ",", a->class_truths[k]);
    write_both(into, writing->compared, a->class_stats + k * a->metric_count,
               b->class_stats + k * b->metric_count);
    write_points(into, writing->request->settings->iou, &a->points.classes[k].at,
                 &b->points.classes[k].at);
    buf_put_text(into, ",\"bootstrap\":");
    if (writing->request->resamples == 0) {
        buf_put_text(into, "null");
    } else {
        write_number(into, &writing->compared->bootstrap.classes[k]);
    }
    buf_put_char(into, '}');
}

static void write_classes(const struct writing *writing) {
    const struct compare_request *request = writing->request;
    bool is_first = true;
    buf_put_text(writing->into, ",\"per_class\":[");
    for (uint32_t k = 0; k < request->objects[0]->category_count; k++) {
        if (!selection_has_category(request->selection, k)) continue;
        if (!is_first) buf_put_char(writing->into, ',');
        write_class(writing, k);
        is_first = false;
    }
    buf_put_char(writing->into, ']');
}

static void write_changed_class(const struct writing *writing,
                                const struct changed_class *changed) {
    begin_class(writing, changed->index);
    buf_put_text(writing->into, ",\"difference\":");
    json_write_double(writing->into, changed->difference);
    if (writing->request->resamples > 0) {
        buf_printf(writing->into, ",\"verdict\":\"%s\"",
                   compare_verdict(&writing->compared->bootstrap.classes[changed->index]));
    }
    buf_put_char(writing->into, '}');
}

/* The most changed ones first, in either direction. */
static void write_changed(const struct writing *writing) {
    const struct compared *compared = writing->compared;
    buf_put_text(writing->into, ",\"better\":[");
    for (size_t i = 0; i < compared->better_count; i++) {
        if (i > 0) buf_put_char(writing->into, ',');
        write_changed_class(writing, &compared->changed[i]);
    }
    buf_put_text(writing->into, "],\"worse\":[");
    for (size_t i = compared->changed_count; i > compared->better_count; i--) {
        if (i < compared->changed_count) buf_put_char(writing->into, ',');
        write_changed_class(writing, &compared->changed[i - 1]);
    }
    buf_printf(writing->into, "],\"equal\":%zu", compared->equal_count);
}

/* ---- flips --------------------------------------------------------------------------------- */

static void write_flip(struct buf *into, const struct flip *flip, const struct objects *objects) {
    buf_printf(into, "{\"image_id\":%" PRId64, objects->image_ids[flip->image]);
    for (size_t i = 0; i < FLIP_RUNS; i++) {
        const struct image_outcome *run = &flip->runs[i];
        buf_printf(into,
                   ",\"%c\":{\"true_positives\":%" PRIu32 ",\"false_positives\":%" PRIu32
                   ",\"false_negatives\":%" PRIu32 "}",
                   run_names[i], run->true_positives, run->false_positives, run->false_negatives);
    }
    buf_put_char(into, '}');
}

static void write_flip_list(struct buf *into, const char *name, const struct flip_list *list,
                            const struct objects *objects) {
    buf_printf(into, ",\"%s\":{\"count\":%" PRIu64 ",\"images\":[", name, list->count);
    for (size_t i = 0; i < list->listed; i++) {
        if (i) buf_put_char(into, ',');
        write_flip(into, &list->flips[i], objects);
    }
    buf_put_text(into, "]}");
}

static void write_flips(struct buf *into, const struct flips *flips,
                        const struct compare_request *request) {
    buf_put_text(into, ",\"flips\":{\"iou\":");
    json_write_double(into, request->settings->iou);
    buf_put_text(into, ",\"confidence\":");
    json_write_double(into, request->settings->confidence);
    buf_printf(into, ",\"images\":%" PRIu64 ",\"both\":%" PRIu64 ",\"neither\":%" PRIu64,
               flips->images, flips->both, flips->neither);
    write_flip_list(into, "better", &flips->better, request->objects[0]);
    write_flip_list(into, "worse", &flips->worse, request->objects[0]);
    buf_put_char(into, '}');
}

void compare_write(struct buf *into, const struct compared *compared,
                   const struct compare_request *request, const struct names *categories) {
    const struct writing writing = {into, compared, request, categories};
    buf_put_text(into, "{\"metrics\":{");
    write_both(into, compared, compared->numbers[0].stats, compared->numbers[1].stats);
    buf_put_char(into, '}');
    write_points(into, request->settings->iou, &compared->numbers[0].points.all.at,
                 &compared->numbers[1].points.all.at);
    write_errors(into, compared);
    buf_put_text(into, ",\"bootstrap\":");
    write_bootstrap(into, &compared->bootstrap, request);
    write_classes(&writing);
    write_changed(&writing);
    write_flips(into, &compared->flips, request);
    buf_put_char(into, '}');
}
