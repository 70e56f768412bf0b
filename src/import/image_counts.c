/* Counts the rows of each image: see image_counts.h. */
#include "import/image_counts.h"

#include <inttypes.h>
#include <stdlib.h>

bool image_counts_init(struct image_counts *counts, size_t images, struct err *err) {
    /* One more than needed, so that no images need no special case. */
    counts->rows = calloc(images + 1, sizeof *counts->rows);
    counts->count = images;
    return counts->rows || err_set(err, ERR_BUSY, "out of memory for the counts of images");
}

void image_counts_free(struct image_counts *counts) {
    free(counts->rows);
    *counts = (struct image_counts){0};
}

static size_t bin_of(uint32_t rows) {
    size_t bin = 0;
    for (; rows > 0 && bin < IMAGE_BINS - 1; rows >>= 1) bin++;
    return bin;
}

void image_counts_write(const struct image_counts *counts, struct buf *into) {
    uint64_t images[IMAGE_BINS] = {0};
    uint32_t most = 0;
    for (size_t i = 0; i < counts->count; i++) {
        uint32_t rows = counts->rows[i];
        images[bin_of(rows)]++;
        if (rows > most) most = rows;
    }
    buf_printf(into, "\"most_per_image\":%" PRIu32 ",\"per_image\":[", most);
    for (size_t bin = 0; bin < IMAGE_BINS; bin++) {
        buf_printf(into, "%s%" PRIu64, bin ? "," : "", images[bin]);
    }
    buf_put_char(into, ']');
}
