/* Writes the numbers of an evaluation: see document.h. */
#include "evaluation/document.h"

#include <inttypes.h>

#include "evaluation/numbers_json.h"
#include "evaluation/warnings.h"
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

/* What a class, or all, have at the operating point, without the braces around it. */
static void write_operation(struct buf *into, const struct operation *operation, double iou) {
    buf_put_text(into, "\"operating_point\":");
    numbers_write_point(into, iou, &operation->at);
    buf_put_text(into, ",\"best_f1\":");
    numbers_write_point(into, iou, &operation->best);
    buf_put_text(into, ",\"ece\":");
    json_write_double(into, operation->calibration.ece);
    buf_put_text(into, ",\"mce\":");
    json_write_double(into, operation->calibration.mce);
}

static void write_class(struct buf *into, const struct numbers *numbers,
                        const struct objects *objects, const struct settings *settings, size_t k) {
    buf_printf(into, "{\"category_id\":%" PRId64 ",\"values\":", objects->category_ids[k]);
    write_list(into, numbers->class_stats + k * numbers->metric_count, numbers->metric_count);
    buf_printf(into, ",\"truths\":%" PRIu64 ",\"detections\":%" PRIu64, numbers->class_truths[k],
               numbers->class_detections[k]);
    buf_put_char(into, ',');
    write_operation(into, &numbers->points.classes[k], settings->iou);
    buf_put_text(into, ",\"errors\":");
    numbers_write_errors(into, &numbers->class_errors[k], NULL);
    buf_put_char(into, '}');
}

/* What all classes together have at the operating point, without the braces around it. */
static void write_point(struct buf *into, const struct points *points,
                        const struct objects *objects, const struct settings *settings) {
    write_operation(into, &points->all, settings->iou);
    buf_put_text(into, ",\"calibration\":");
    numbers_write_calibration(into, settings->iou, &points->all.calibration);
    buf_put_text(into, ",\"matrix\":");
    numbers_write_matrix(into, settings->iou, settings->confidence, objects, &points->confusion);
}

void document_write_numbers(struct buf *into, const struct numbers *numbers,
                            const struct objects *objects, const struct settings *settings,
                            const struct selection *selection) {
    bool first = true;
    buf_put_char(into, '{');
    write_names(into, numbers);
    buf_put_text(into, ",\"stats\":");
    write_list(into, numbers->stats, numbers->metric_count);
    buf_printf(into, ",\"images\":%" PRIu64 ",\"truths\":%" PRIu64 ",\"detections\":%" PRIu64 ",",
               numbers->images, numbers->truths, numbers->detections);
    write_point(into, &numbers->points, objects, settings);
    buf_put_text(into, ",\"errors\":");
    numbers_write_errors(into, &numbers->errors, &numbers->repairs);
    buf_put_text(into, ",\"warnings\":");
    warnings_write(into, numbers, objects, settings);
    buf_put_text(into, ",\"classes\":[");
    for (uint32_t k = 0; k < objects->category_count; k++) {
        if (!selection_has_category(selection, k)) continue;
        if (!first) buf_put_char(into, ',');
        first = false;
        write_class(into, numbers, objects, settings, k);
    }
    buf_put_text(into, "]}");
}

void document_write_points(struct buf *into, const struct points *points,
                           const struct objects *objects, const struct settings *settings,
                           const struct selection *selection) {
    bool first = true;
    buf_put_char(into, '{');
    write_point(into, points, objects, settings);
    buf_put_text(into, ",\"classes\":[");
    for (uint32_t k = 0; k < objects->category_count; k++) {
        if (!selection_has_category(selection, k)) continue;
        buf_printf(into, "%s{\"category_id\":%" PRId64 ",", first ? "" : ",",
                   objects->category_ids[k]);
        first = false;
        write_operation(into, &points->classes[k], settings->iou);
        buf_put_char(into, '}');
    }
    buf_put_text(into, "]}");
}
