/* Writes the numbers of an evaluation: see document.h. */
#include "evaluation/document.h"

#include <inttypes.h>

#include "json/writer.h"

static void write_list(struct buf *into, const double *values, size_t count) {
    buf_put_char(into, '[');
    for (size_t i = 0; i < count; i++) {
        if (i) buf_put_char(into, ',');
        json_write_double(into, values[i]);
    }
    buf_put_char(into, ']');
}

static void write_names(struct buf *into, const struct numbers *numbers) {
    buf_put_text(into, "\"names\":[");
    for (size_t i = 0; i < numbers->metric_count; i++) {
        if (i) buf_put_char(into, ',');
        json_write_text(into, numbers->metrics[i].name);
    }
    buf_put_char(into, ']');
}

/* The curves of a class: a list of RECALL_POINTS numbers for each threshold. */
static void write_curves(struct buf *into, const char *name, const struct curves *curves, size_t k,
                         double *(*curve)(const struct curves *curves, size_t t, size_t k)) {
    buf_printf(into, ",\"%s\":[", name);
    for (size_t t = 0; t < curves->thresholds; t++) {
        if (t) buf_put_char(into, ',');
        write_list(into, curve(curves, t, k), RECALL_POINTS);
    }
    buf_put_char(into, ']');
}

static double *precision_of_first_area(const struct curves *curves, size_t t, size_t k) {
    return curves_precision(curves, 0, t, k);
}

static void write_class(struct buf *into, const struct numbers *numbers,
                        const struct objects *objects, size_t k) {
    buf_printf(into, "{\"category_id\":%" PRId64 ",\"values\":", objects->category_ids[k]);
    write_list(into, numbers->class_stats + k * numbers->metric_count, numbers->metric_count);
    buf_printf(into, ",\"truths\":%" PRIu64 ",\"detections\":%" PRIu64, numbers->class_truths[k],
               numbers->class_detections[k]);
    if (numbers->curves.truths[k] > 0) {
        write_curves(into, "precision", &numbers->curves, k, precision_of_first_area);
        write_curves(into, "scores", &numbers->curves, k, curves_scores);
    }
    buf_put_char(into, '}');
}

void document_write_numbers(struct buf *into, const struct numbers *numbers,
                            const struct objects *objects, const struct settings *settings) {
    (void)settings;
    buf_put_char(into, '{');
    write_names(into, numbers);
    buf_put_text(into, ",\"stats\":");
    write_list(into, numbers->stats, numbers->metric_count);
    buf_printf(into, ",\"images\":%" PRIu64 ",\"truths\":%" PRIu64 ",\"detections\":%" PRIu64,
               numbers->images, numbers->truths, numbers->detections);
    buf_put_text(into, ",\"classes\":[");
    for (size_t k = 0; k < objects->category_count; k++) {
        if (k) buf_put_char(into, ',');
        write_class(into, numbers, objects, k);
    }
    buf_put_text(into, "]}");
}
