/* Counts the rows of each image: see image_counts.h. */
#include "import/image_counts.h"

#include <inttypes.h>

static size_t bin_of(uint32_t rows) {
    size_t bin = 0;
    for (; rows > 0 && bin < IMAGE_BINS - 1; rows >>= 1) bin++;
    return bin;
}

void image_counts_write(const struct catalog_image *images, size_t count, struct buf *into) {
    uint64_t bins[IMAGE_BINS] = {0};
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t rows = images[i].rows;
        bins[bin_of(rows)]++;
        if (rows > most) most = rows;
    }
    buf_printf(into, "\"most_per_image\":%" PRIu32 ",\"per_image\":[", most);
    for (size_t bin = 0; bin < IMAGE_BINS; bin++) {
        buf_printf(into, "%s%" PRIu64, bin ? "," : "", bins[bin]);
    }
    buf_put_char(into, ']');
}
