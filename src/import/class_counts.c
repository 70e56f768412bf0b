/* Counts rows and scores by class: see class_counts.h. */
#include "import/class_counts.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    FIRST_WRAPS = 64
};

bool class_counts_init(struct class_counts *counts, const struct idset *categories,
                       struct err *err) {
    *counts = (struct class_counts){0};
    /* One more than needed, so that an empty set needs no special case. */
    counts->bins = calloc(categories->count + 1, sizeof *counts->bins);
    return counts->bins || err_set(err, ERR_BUSY, "out of memory for the counts of classes");
}

void class_counts_free(struct class_counts *counts) {
    free(counts->bins);
    free(counts->wraps);
    *counts = (struct class_counts){0};
}

static size_t bin_of(double score) {
    if (!(score > 0)) return 0;
    double bin = score * SCORE_BINS;
    return bin < SCORE_BINS ? (size_t)bin : SCORE_BINS - 1;
}

static void note_wrap(struct class_counts *counts, size_t place) {
    if (counts->wrap_count == counts->wrap_cap) {
        size_t cap = counts->wrap_cap ? counts->wrap_cap * 2 : FIRST_WRAPS;
        uint32_t *wraps = realloc(counts->wraps, cap * sizeof *wraps);
        if (!wraps) {
            counts->failed = true;
            return;
        }
        counts->wraps = wraps;
        counts->wrap_cap = cap;
    }
    counts->wraps[counts->wrap_count++] = (uint32_t)place;
}

void class_counts_add(struct class_counts *counts, size_t category, double score) {
    size_t bin = bin_of(score);
    if (++counts->bins[category][bin] == 0) note_wrap(counts, category * SCORE_BINS + bin);
}

bool class_counts_has(const struct class_counts *counts, size_t category) {
    for (size_t bin = 0; bin < SCORE_BINS; bin++) {
        if (counts->bins[category][bin] > 0) return true;
    }
    for (size_t i = 0; i < counts->wrap_count; i++) {
        if (counts->wraps[i] / SCORE_BINS == category) return true;
    }
    return false;
}

/* ---- writing ------------------------------------------------------------------------------ */

static int compare_places(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Reads the counts of a class. *next: the first wrap that is not before this class; moved past it.
 * Returns the number of its rows. */
static uint64_t sum_up(const struct class_counts *counts, size_t category, size_t *next,
                       uint64_t scores[SCORE_BINS]) {
    uint64_t rows = 0;
    for (size_t bin = 0; bin < SCORE_BINS; bin++) {
        size_t place = category * SCORE_BINS + bin;
        scores[bin] = counts->bins[category][bin];
        for (; *next < counts->wrap_count && counts->wraps[*next] == place; ++*next) {
            scores[bin] += UINT16_MAX + 1;
        }
        rows += scores[bin];
    }
    return rows;
}

static void write_class(int64_t category_id, uint64_t rows, const uint64_t scores[SCORE_BINS],
                        struct buf *into) {
    buf_printf(into, "{\"category_id\":%" PRId64 ",\"n\":%" PRIu64 ",\"scores\":[", category_id,
               rows);
    for (size_t bin = 0; bin < SCORE_BINS; bin++) {
        buf_printf(into, "%s%" PRIu64, bin ? "," : "", scores[bin]);
    }
    buf_put_text(into, "]}");
}

void class_counts_write(struct class_counts *counts, const struct idset *categories,
                        struct buf *into) {
    bool first = true;
    size_t next = 0;
    if (counts->wrap_count > 0) {
        qsort(counts->wraps, counts->wrap_count, sizeof *counts->wraps, compare_places);
    }
    buf_put_char(into, '[');
    for (size_t i = 0; i < categories->count; i++) {
        uint64_t scores[SCORE_BINS];
        uint64_t rows = sum_up(counts, i, &next, scores);
        if (rows == 0) continue;
        if (!first) buf_put_char(into, ',');
        first = false;
        write_class(categories->ids[i], rows, scores, into);
    }
    buf_put_char(into, ']');
    if (counts->failed) into->failed = true;
}
