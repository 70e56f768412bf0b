/* Counts rows and scores by class: see class_counts.h. */
#include "import/class_counts.h"

#include <inttypes.h>
#include <stdlib.h>

bool class_counts_init(struct class_counts *counts, const struct idset *categories,
                       struct err *err) {
    /* One more than needed, so that an empty set needs no special case. */
    counts->counts = calloc(categories->count + 1, sizeof *counts->counts);
    return counts->counts || err_set(err, ERR_BUSY, "out of memory for the counts of classes");
}

void class_counts_free(struct class_counts *counts) {
    free(counts->counts);
    counts->counts = NULL;
}

static size_t bin_of(double score) {
    if (!(score > 0)) return 0;
    double bin = score * SCORE_BINS;
    return bin < SCORE_BINS ? (size_t)bin : SCORE_BINS - 1;
}

void class_counts_add(struct class_counts *counts, size_t category, double score) {
    struct class_count *count = &counts->counts[category];
    count->rows++;
    count->scores[bin_of(score)]++;
}

static void write_class(const struct class_count *count, int64_t category_id, struct buf *into) {
    buf_printf(into, "{\"category_id\": %" PRId64 ", \"n\": %" PRIu64 ", \"scores\": [",
               category_id, count->rows);
    for (size_t bin = 0; bin < SCORE_BINS; bin++) {
        buf_printf(into, "%s%" PRIu64, bin ? ", " : "", count->scores[bin]);
    }
    buf_put_text(into, "]}");
}

void class_counts_write(const struct class_counts *counts, const struct idset *categories,
                        struct buf *into) {
    bool first = true;
    buf_put_char(into, '[');
    for (size_t i = 0; i < categories->count; i++) {
        if (counts->counts[i].rows == 0) continue;
        if (!first) buf_put_text(into, ", ");
        first = false;
        write_class(&counts->counts[i], categories->ids[i], into);
    }
    buf_put_char(into, ']');
}
