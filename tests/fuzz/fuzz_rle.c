/*
 * A run-length encoding is measured as its pixels say, and decoded to its runs, as a list and as
 * compressed text; and any text at all is taken exactly if it decodes to runs that cover the image.
 */
#include "masks.h"

#include "../unit/drawing.h"

enum {
    TEXT_MAX = 16 * 1024
};

/* Runs that fill the image: one byte each, cut at its end. */
static void take_runs(struct fuzz_input *input, struct runs *runs) {
    runs->height = 1 + fuzz_take(input) % SIDE;
    runs->width = 1 + fuzz_take(input) % SIDE;
    int left = runs->height * runs->width;
    for (runs->count = 0; input->size > 0 && runs->count < RUNS - 1; runs->count++) {
        int run = fuzz_take(input);
        if (run > left) run = left;
        runs->counts[runs->count] = run;
        left -= run;
    }
    if (left > 0 || runs->count == 0) runs->counts[runs->count++] = left;
}

static void begin(struct buf *text, int height, int width) {
    buf_reset(text);
    buf_printf(text, "{\"size\":[%d,%d],\"counts\":", height, width);
}

static void check_decoded(struct buf *text, const struct runs *runs) {
    struct run_ends ends;
    uint32_t end = 0;
    run_ends_init(&ends, NULL);
    fuzz_decode(text, (struct picture){0}, &ends, MASK_RLE);
    fuzz_require(ends.count == runs->count);
    for (size_t i = 0; i < runs->count; i++) {
        end += (uint32_t)runs->counts[i];
        fuzz_require(ends.list[i] == end);
    }
    run_ends_free(&ends);
}

static void check_runs(const struct runs *runs, void (*put)(struct buf *, const struct runs *),
                       struct buf *text) {
    struct picture picture = {.width = runs->width, .height = runs->height};
    struct mask mask;
    struct mask due;
    struct skip skip = {.reason = SKIP_REASONS};
    begin(text, runs->height, runs->width);
    put(text, runs);
    buf_put_char(text, '}');
    measure_runs(runs, &due);
    fuzz_require(fuzz_measure(text, picture, NULL, &mask, &skip));
    fuzz_require_measures(&mask, &due);
    check_decoded(text, runs);
}

/* ---- any text ------------------------------------------------------------------------------- */

/* rleFrString, for text whose runs are small; false where it is malformed or they are not. */
static bool decode(struct fuzz_input *input, int size, struct runs *runs) {
    int total = 0;
    for (runs->count = 0; input->size > 0; runs->count++) {
        long long run = 0;
        unsigned shift = 0;
        unsigned c;
        do {
            if (input->size == 0 || shift > 55) return false;
            c = (unsigned)fuzz_take(input) - '0';
            if (c > 0x3f) return false;
            run |= (long long)((unsigned long long)(c & 0x1f) << shift);
            shift += 5;
        } while (c & 0x20);
        if (c & 0x10) run -= 1LL << shift;
        if (runs->count > 2) run += runs->counts[runs->count - 2];
        if (run < 0 || run > size - total || runs->count == RUNS) return false;
        runs->counts[runs->count] = (int)run;
        total += (int)run;
    }
    return total == size;
}

static void put_text(struct buf *into, struct fuzz_input input) {
    buf_put_char(into, '"');
    while (input.size > 0) buf_printf(into, "\\u%04x", fuzz_take(&input));
    buf_put_char(into, '"');
}

/* Each byte is a character: those above U+007F, and NUL, are no runs either way. */
static void check_text(struct fuzz_input input, struct buf *text) {
    static struct runs runs;
    struct mask mask;
    struct mask due;
    struct skip skip = {.reason = SKIP_REASONS};
    runs.height = 1 + fuzz_take(&input) % SIDE;
    runs.width = 1 + fuzz_take(&input) % SIDE;
    struct picture picture = {.width = runs.width, .height = runs.height};
    begin(text, runs.height, runs.width);
    put_text(text, input);
    buf_put_char(text, '}');
    bool good = decode(&input, runs.height * runs.width, &runs);
    fuzz_require(fuzz_measure(text, picture, NULL, &mask, &skip) == good);
    if (!good) return;
    measure_runs(&runs, &due);
    fuzz_require_measures(&mask, &due);
    check_decoded(text, &runs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct runs runs;
    struct fuzz_input input = {data, size};
    struct buf text;
    if (size > RUNS) return 0;
    buf_init(&text, TEXT_MAX);
    check_text(input, &text);
    take_runs(&input, &runs);
    check_runs(&runs, put_list, &text);
    check_runs(&runs, put_packed, &text);
    buf_free(&text);
    return 0;
}
