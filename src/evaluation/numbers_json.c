/* The numbers of an evaluation as JSON: see numbers_json.h. */
#include "evaluation/numbers_json.h"

#include <inttypes.h>

#include "json/writer.h"

static void member_double(struct buf *into, const char *name, double value) {
    buf_put_text(into, name);
    json_write_double(into, value);
}

static void member_count(struct buf *into, const char *name, uint64_t value) {
    buf_put_text(into, name);
    json_write_count(into, value);
}

void numbers_write_point(struct buf *into, double iou, const struct point *point) {
    member_double(into, "{\"iou\":", iou);
    member_double(into, ",\"confidence\":", point->confidence);
    member_double(into, ",\"precision\":", point->precision);
    member_double(into, ",\"recall\":", point->recall);
    member_double(into, ",\"f1\":", point->f1);
    member_count(into, ",\"true_positives\":", point->true_positives);
    member_count(into, ",\"false_positives\":", point->false_positives);
    member_count(into, ",\"false_negatives\":", point->false_negatives);
    buf_put_char(into, '}');
}

static void write_bin(struct buf *into, const struct calibration *calibration, unsigned i) {
    const struct calibration_bin *bin = &calibration->bins[i];
    member_double(into, "{\"low\":", calibration_edge(i));
    member_double(into, ",\"high\":", calibration_edge(i + 1));
    member_count(into, ",\"count\":", bin->count);
    member_double(into, ",\"confidence\":", bin->confidence);
    member_double(into, ",\"precision\":", bin->precision);
    buf_put_char(into, '}');
}

void numbers_write_calibration(struct buf *into, double iou,
                               const struct calibration *calibration) {
    member_double(into, "{\"iou\":", iou);
    buf_put_text(into, ",\"bins\":[");
    for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
        if (i > 0) buf_put_char(into, ',');
        write_bin(into, calibration, i);
    }
    member_double(into, "],\"ece\":", calibration->ece);
    member_double(into, ",\"mce\":", calibration->mce);
    buf_put_char(into, '}');
}

/* ---- confusion --------------------------------------------------------------------------- */

static void write_class(struct buf *into, const struct objects *objects, uint32_t k) {
    if (k == CONFUSION_BACKGROUND) {
        buf_put_text(into, "null");
    } else {
        buf_printf(into, "%" PRId64, objects->category_ids[k]);
    }
}

void numbers_write_matrix(struct buf *into, double iou, double confidence,
                          const struct objects *objects, const struct confusion *confusion) {
    member_double(into, "{\"iou\":", iou);
    member_double(into, ",\"confidence\":", confidence);
    buf_put_text(into, ",\"classes\":[");
    for (size_t i = 0; i < confusion->class_count; i++) {
        if (i > 0) buf_put_char(into, ',');
        write_class(into, objects, confusion->classes[i]);
    }
    buf_put_text(into, "],\"cells\":[");
    for (size_t i = 0; i < confusion->count; i++) {
        const struct confusion_cell *cell = &confusion->cells[i];
        buf_put_text(into, i > 0 ? ",[" : "[");
        write_class(into, objects, cell->truth);
        buf_put_char(into, ',');
        write_class(into, objects, cell->predicted);
        member_count(into, ",", cell->count);
        buf_put_char(into, ']');
    }
    buf_put_text(into, "]}");
}

/* ---- errors ------------------------------------------------------------------------------ */

/* Appends "name": with what stands before it. */
static void put_outcome(struct buf *into, bool is_first, enum outcome outcome) {
    buf_put_text(into, is_first ? "\"" : ",\"");
    buf_put_text(into, outcome_name(outcome));
    buf_put_text(into, "\":");
}

static void write_dap(struct buf *into, const struct repairs *repairs) {
    bool is_first = true;
    buf_put_text(into, ",\"dap\":{");
    for (int i = 0; i < OUTCOMES; i++) {
        if (i == OUTCOME_TRUE_POSITIVE || i == OUTCOME_IGNORED) continue;
        put_outcome(into, is_first, (enum outcome)i);
        json_write_double(into, repairs->dap[i]);
        is_first = false;
    }
    buf_put_char(into, '}');
}

void numbers_write_errors(struct buf *into, const struct error_counts *counts,
                          const struct repairs *repairs) {
    buf_put_text(into, "{\"counts\":{");
    for (int i = 0; i < OUTCOMES; i++) {
        put_outcome(into, i == 0, (enum outcome)i);
        json_write_count(into, counts->of[i]);
    }
    buf_put_char(into, '}');
    if (repairs) write_dap(into, repairs);
    buf_put_char(into, '}');
}
