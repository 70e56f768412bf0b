/* Polygons cover the pixels that a walk along every edge and a look at every pixel find, and are
 * decoded to their runs. */
#include "masks.h"

#include "../unit/drawing.h"

enum {
    TEXT_MAX = 64 * 1024
};

/* Steps of 1/2 pixel (between fifths), 1/5, 1/32 or 1/100: fifths, and what rounds to them. Most
 * corners lie near the image, because the slow way walks to them. */
static double take_coordinate(struct fuzz_input *input, uint8_t manner) {
    static const double steps[] = {2, 5, 32, 100};
    int number = fuzz_take_int16(input);
    bool far = (manner & 0x1c) == 0x1c;
    return (far ? number : number / 64) / steps[manner % 4];
}

static void take_outline(struct fuzz_input *input, struct outline *outline) {
    uint8_t manner = fuzz_take(input);
    outline->corners = 3 + fuzz_take(input) % (CORNERS - 2);
    for (size_t i = 0; i < outline->corners; i++) {
        outline->at[i][0] = take_coordinate(input, manner);
        outline->at[i][1] = take_coordinate(input, manner);
    }
}

static void take_drawing(struct fuzz_input *input, struct drawing *drawing) {
    drawing->height = 1 + fuzz_take(input) % CANVAS;
    drawing->width = 1 + fuzz_take(input) % CANVAS;
    drawing->count = 1 + fuzz_take(input) % POLYGONS;
    for (size_t i = 0; i < drawing->count; i++) take_outline(input, &drawing->outlines[i]);
}

static void check_runs(struct buf *text, const struct drawing *drawing) {
    static uint32_t due[CANVAS * CANVAS + 1];
    struct canvas canvas;
    struct run_ends ends;
    run_ends_init(&ends, NULL);
    paint_drawing(drawing, &canvas);
    size_t count = find_ends(canvas.pixels, (uint32_t)(drawing->height * drawing->width), due);
    fuzz_decode(text, (struct picture){.width = drawing->width, .height = drawing->height}, &ends,
                MASK_POLYGONS);
    fuzz_require(ends.count == count);
    fuzz_require(memcmp(ends.list, due, count * sizeof *due) == 0);
    run_ends_free(&ends);
}

/* Without the size of the image there is no slow way: it is as large as the corners ask. */
static void check_unknown_size(struct buf *text, struct crossings *crossings) {
    struct mask mask;
    struct skip skip = {.reason = SKIP_REASONS};
    if (!fuzz_measure(text, (struct picture){0}, crossings, &mask, &skip)) return;
    fuzz_require(mask.area >= 0 && mask.area <= mask.bbox.w * mask.bbox.h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input input = {data, size};
    struct drawing drawing = {0};
    struct buf text;
    struct crossings crossings;
    struct mask mask;
    struct mask due;
    struct skip skip = {.reason = SKIP_REASONS};
    take_drawing(&input, &drawing);
    buf_init(&text, TEXT_MAX);
    crossings_init(&crossings, NULL);
    put_drawing(&text, &drawing);
    measure_drawing(&drawing, &due);
    struct picture picture = {.width = drawing.width, .height = drawing.height};
    fuzz_require(fuzz_measure(&text, picture, &crossings, &mask, &skip));
    fuzz_require_measures(&mask, &due);
    check_runs(&text, &drawing);
    check_unknown_size(&text, &crossings);
    buf_free(&text);
    crossings_free(&crossings);
    return 0;
}
