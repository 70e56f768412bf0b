/* Judges the rows of a file as a whole: see hints.h. */
#include "import/hints.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- counting ---------------------------------------------------------------------------- */

/* Detectors and annotators do not cut boxes exactly at the border of an image. */
static const double tolerance = .02;

static bool is_between(double least, double value, double most) {
    return value >= least && value <= most;
}

static bool is_whole(double value) {
    return value == 0 || value == 1;
}

/* A box of one pixel, or of none, stands for "no box" in some files. */
static bool is_share(const struct bbox *bbox) {
    return is_between(-.05, bbox->x, 1.05) && is_between(-.05, bbox->y, 1.05) &&
           is_between(0, bbox->w, 1.05) && is_between(0, bbox->h, 1.05) &&
           !(is_whole(bbox->x) && is_whole(bbox->y) && is_whole(bbox->w) && is_whole(bbox->h));
}

/* A box along one axis of an image. */
struct span {
    double start;
    double size;
    double side; /* of the image */
};

static bool ends_outside(struct span span, double by) {
    return span.start + span.size > (1 + by) * span.side;
}

/* False if start and size cannot be two edges in the image, in order. */
static bool may_be_edges(struct span span) {
    double slack = tolerance * span.side;
    return span.size >= span.start - slack && span.size <= span.side + slack;
}

/* False if start cannot be the middle. */
static bool may_be_middle(struct span span) {
    double slack = tolerance * span.side;
    return is_between(span.size / 2 - slack, span.start, span.side + slack - span.size / 2);
}

static void count_box(struct box_counts *counts, struct span x, struct span y) {
    counts->boxes++;
    counts->outside += ends_outside(x, tolerance) || ends_outside(y, tolerance);
    counts->far_out += ends_outside(x, .5) || ends_outside(y, .5);
    counts->no_corners += !may_be_edges(x) || !may_be_edges(y);
    counts->no_centre += !may_be_middle(x) || !may_be_middle(y);
}

void hints_count_box(struct hints *hints, const struct bbox *bbox, const struct picture *picture) {
    hints->boxes++;
    if (is_share(bbox)) {
        count_box(&hints->shares, (struct span){bbox->x, bbox->w, 1},
                  (struct span){bbox->y, bbox->h, 1});
    } else if (picture->width > 0 && picture->height > 0) {
        count_box(&hints->pixels, (struct span){bbox->x, bbox->w, picture->width},
                  (struct span){bbox->y, bbox->h, picture->height});
    }
}

/* ---- judging ----------------------------------------------------------------------------- */

struct text {
    char *data;
    size_t room;
    size_t len;
};

/* Appends a hint, if it fits. */
__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...) {
    va_list args;
    size_t separator = text->len > 0 ? 2 : 0;
    size_t left = text->room - text->len;
    if (left <= separator) return;
    va_start(args, format);
    int len = vsnprintf(text->data + text->len + separator, left - separator, format, args);
    va_end(args);
    bool fits = len >= 0 && (size_t)len < left - separator;
    if (fits && separator > 0) memcpy(text->data + text->len, "; ", separator);
    if (fits) text->len += separator + (size_t)len;
    text->data[text->len] = '\0';
}

/* Some detectors count classes from 0, others from 1; the hint is given only if an offset of 1
 * explains every unknown category, and leaves those known that are. */
static void judge_categories(const struct hints *hints, const struct hints_file *file,
                             struct text *text) {
    uint64_t unknown = file->skips->counts[SKIP_UNKNOWN_CATEGORY];
    for (int i = 0; unknown > 0 && i < 2; i++) {
        if (hints->off_by_one[i] != unknown || hints->loses_known[i]) continue;
        put(text, "category_offset=%" PRId64 " would make all unknown categories known",
            (int64_t)file->category_offset + (i == 0 ? -1 : 1));
    }
}

enum {
    FEW = 5 /* rows tell nothing */
};

enum reading {
    AS_BOX,
    AS_CORNERS,
    AS_CENTRE,
    AS_EITHER, /* of these two */
    AS_NOTHING
};

/* Tells what numbers are, from where they would lie as a box [x, y, width, height].
 * - Corners read as a box end outside wherever the middle of the true box is right of the middle of
 *   the image, or below it. Three in four boxes are; a quarter is enough, if all can be corners.
 * - A centre read as the top left corner ends outside if the true box is near the right border. A
 *   box near the left border, of which there are as many, would have no centre there: so if boxes
 *   end outside and none contradicts, they are centres. Boxes that an annotator has not cut at the
 *   border contradict.
 * - No detector puts 2 % of its boxes far outside. */
static enum reading read_boxes(const struct box_counts *counts) {
    uint64_t outside = counts->outside;
    bool corners =
        outside >= FEW && outside >= counts->boxes / 4 && counts->no_corners <= counts->boxes / 50;
    bool centre =
        outside >= FEW && outside >= counts->boxes / 100 && counts->no_centre <= outside / 50;
    if (corners || centre) return corners && centre ? AS_EITHER : corners ? AS_CORNERS : AS_CENTRE;
    return counts->far_out > counts->boxes / 50 ? AS_NOTHING : AS_BOX;
}

static const char *const readings[] = {
    [AS_CORNERS] = "corners [x1, y1, x2, y2]",
    [AS_CENTRE] = "[centre x, centre y, width, height]",
    [AS_EITHER] = "corners [x1, y1, x2, y2] or [centre x, centre y, width, height]",
};

/* In percent, rounded up, so that it is not 0. */
static unsigned share_of(uint64_t part, uint64_t all) {
    return (unsigned)((part * 100 + all - 1) / all);
}

static void judge_pixels(const struct box_counts *counts, struct text *text) {
    enum reading reading = read_boxes(counts);
    if (reading == AS_NOTHING) {
        put(text,
            "%u %% of the boxes end far outside of their image: is bbox [x, y, width, height] in "
            "its pixels?",
            share_of(counts->far_out, counts->boxes));
    } else if (reading != AS_BOX) {
        put(text,
            "bbox looks like %s, because %u %% of the boxes would end outside of their image: "
            "write [x, y, width, height]",
            readings[reading], share_of(counts->outside, counts->boxes));
    }
}

static void judge_shares(const struct hints *hints, struct text *text) {
    enum reading reading = read_boxes(&hints->shares);
    bool other = reading != AS_BOX && reading != AS_NOTHING;
    put(text, "%u %% of the boxes lie between 0 and 1%s%s: write [x, y, width, height] in pixels",
        share_of(hints->shares.boxes, hints->boxes), other ? " and look like " : "",
        other ? readings[reading] : "");
}

static void judge_images(const struct hints_file *file, struct text *text) {
    uint64_t unknown = file->skips->counts[SKIP_UNKNOWN_IMAGE];
    if (unknown < FEW || unknown < file->offered - unknown) return;
    put(text,
        "%" PRIu64 " of %" PRIu64 " rows are for images that are not there: are these the images "
        "of another split?",
        unknown, file->offered);
}

void hints_write(const struct hints *hints, const struct hints_file *file, char *into,
                 size_t room) {
    struct text text = {.data = into, .room = room};
    into[0] = '\0';
    judge_categories(hints, file, &text);
    if (hints->shares.boxes * 50 > hints->boxes * 49) {
        judge_shares(hints, &text);
    } else {
        judge_pixels(&hints->pixels, &text);
    }
    if (hints->unknown_are_numbers) {
        put(&text, "unknown image ids are numbers in file names of the dataset: match=name would "
                   "match these");
    } else {
        judge_images(file, &text);
    }
}
