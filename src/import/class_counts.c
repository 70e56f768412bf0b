/* Counts rows and scores by class: see class_counts.h. */
#include "import/class_counts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_WRAPS = 64
};

bool class_counts_init(struct class_counts *counts, const struct idset *categories,
                       struct err *err) {
    *counts = (struct class_counts){0};
    /* One more than needed, so that an empty set needs no special case. */
    size_t size = (categories->count + 1) * sizeof *counts->classes;
    counts->classes = aligned_alloc(_Alignof(struct class_bins), size);
    if (!counts->classes) return err_set(err, ERR_BUSY, "out of memory for the counts of classes");
    memset(counts->classes, 0, size);
    return true;
}

void class_counts_free(struct class_counts *counts) {
    free(counts->classes);
    free(counts->wraps);
    *counts = (struct class_counts){0};
}

static size_t score_bin(double score) {
    if (!(score > 0)) return 0;
    double bin = score * SCORE_BINS;
    return bin < SCORE_BINS ? (size_t)bin : SCORE_BINS - 1;
}

/* Two powers of 2 of the area are one of the side, and a bin. */
static size_t size_bin(double area) {
    uint64_t bits;
    if (!(area >= 16)) return 0;
    memcpy(&bits, &area, sizeof bits);
    size_t power = (size_t)(bits >> 52) - 1023; /* the area is at least 2^power */
    size_t bin = power / 2 - 1 + (area >= 9216);
    return bin < SIZE_BINS ? bin : SIZE_BINS - 1;
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

static void count(struct class_counts *counts, size_t category, size_t bin) {
    if (++counts->classes[category].bins[bin] == 0) note_wrap(counts, category * CLASS_BINS + bin);
}

void class_counts_add(struct class_counts *counts, size_t category, double score, double area) {
    count(counts, category, score_bin(score));
    count(counts, category, SCORE_BINS + size_bin(area));
}

bool class_counts_has(const struct class_counts *counts, size_t category) {
    for (size_t bin = 0; bin < SCORE_BINS; bin++) {
        if (counts->classes[category].bins[bin] > 0) return true;
    }
    for (size_t i = 0; i < counts->wrap_count; i++) {
        if (counts->wraps[i] / CLASS_BINS == category) return true;
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
                       uint64_t bins[CLASS_BINS]) {
    uint64_t rows = 0;
    for (size_t bin = 0; bin < CLASS_BINS; bin++) {
        size_t place = category * CLASS_BINS + bin;
        bins[bin] = counts->classes[category].bins[bin];
        for (; *next < counts->wrap_count && counts->wraps[*next] == place; ++*next) {
            bins[bin] += UINT16_MAX + 1;
        }
        if (bin < SCORE_BINS) rows += bins[bin];
    }
    return rows;
}

static void write_numbers(const uint64_t *numbers, size_t count, struct buf *into) {
    for (size_t i = 0; i < count; i++) {
        buf_printf(into, "%s%" PRIu64, i ? "," : "", numbers[i]);
    }
}

static void write_bins(const uint64_t bins[CLASS_BINS], struct buf *into) {
    buf_put_text(into, "\"scores\":[");
    write_numbers(bins, SCORE_BINS, into);
    buf_put_text(into, "],\"sizes\":[");
    write_numbers(bins + SCORE_BINS, SIZE_BINS, into);
    buf_put_char(into, ']');
}

static void write_class(int64_t category_id, uint64_t rows, const uint64_t bins[CLASS_BINS],
                        struct buf *into) {
    buf_printf(into, "{\"category_id\":%" PRId64 ",\"n\":%" PRIu64 ",", category_id, rows);
    write_bins(bins, into);
    buf_put_char(into, '}');
}

void class_counts_write(struct class_counts *counts, const struct idset *categories,
                        struct buf *into) {
    uint64_t totals[CLASS_BINS] = {0};
    bool first = true;
    size_t next = 0;
    if (counts->wrap_count > 0) {
        qsort(counts->wraps, counts->wrap_count, sizeof *counts->wraps, compare_places);
    }
    buf_put_text(into, "\"classes\":[");
    for (size_t i = 0; i < categories->count; i++) {
        uint64_t bins[CLASS_BINS];
        uint64_t rows = sum_up(counts, i, &next, bins);
        if (rows == 0) continue;
        if (!first) buf_put_char(into, ',');
        first = false;
        for (size_t bin = 0; bin < CLASS_BINS; bin++) totals[bin] += bins[bin];
        write_class(categories->ids[i], rows, bins, into);
    }
    buf_put_text(into, "],");
    write_bins(totals, into);
    if (counts->failed) into->failed = true;
}
