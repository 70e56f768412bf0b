/* Reads run lengths: see counts.h. */
#include "coco/counts.h"

#include <inttypes.h>

#include "coco/numeral.h"

/* A text has hundreds of runs of one or two bytes, so calls would cost more than the work. */
#define INLINED static inline __attribute__((always_inline))

static bool invalid(struct skip *skip, const char *problem) {
    return skip_row(skip, SKIP_INVALID_SEGMENTATION, "segmentation: %s", problem);
}

/* ---- a run ------------------------------------------------------------------------------- */

/* Takes a signed number (rleFrString): characters from '0' on hold six bits each, low group first.
 * Bit 5 says that another character follows; bit 4 of the last one is the sign. False if the text
 * is malformed. */
INLINED bool take_packed(struct counts *counts, int64_t *number) {
    uint64_t bits = 0;
    for (unsigned shift = 0; shift < 60 && counts->p < counts->end; shift += 5) {
        unsigned c = (unsigned)(unsigned char)*counts->p++ - '0';
        if (c > 0x3f) return false;
        bits |= (uint64_t)(c & 0x1f) << shift;
        if (c & 0x20) continue;
        if (c & 0x10) bits |= ~UINT64_C(0) << (shift + 5);
        *number = (int64_t)bits;
        return true;
    }
    return false;
}

static bool take_listed(struct counts *counts, int64_t *number) {
    uint32_t node = counts->node;
    counts->node = counts->object->nodes[node].next;
    return numeral_int64(counts->object, node, number) == NUMBER_OK;
}

/* Takes the next run; false if it is malformed, negative or greater than limit. */
INLINED bool take_run(struct counts *counts, int64_t limit, int64_t *run) {
    if (!(counts->p ? take_packed(counts, run) : take_listed(counts, run))) return false;
    if (counts->p && counts->index > 2) {
        if (*run > limit || *run < -limit) return false;
        *run += counts->last_but_one;
    }
    if (*run < 0 || *run > limit) return false;
    counts->index++;
    counts->last_but_one = counts->last;
    counts->last = *run;
    return true;
}

INLINED bool take_next(struct counts *counts, int64_t *run, struct skip *skip) {
    int64_t size = counts->height * counts->width;
    if (!take_run(counts, size, run)) {
        return invalid(skip, "counts holds a value that is not a valid run");
    }
    if (*run > size - counts->total) return invalid(skip, "counts covers more pixels than size");
    counts->total += *run;
    return true;
}

bool counts_next(struct counts *counts, int64_t *run, struct skip *skip) {
    return take_next(counts, run, skip);
}

bool counts_take_packed(struct counts *counts, uint32_t *ends, size_t *count, struct skip *skip) {
    struct counts local = *counts; /* a local copy stays in registers */
    size_t taken = 0;
    int64_t run;
    while (local.p < local.end) {
        if (!take_next(&local, &run, skip)) return false;
        ends[taken++] = (uint32_t)local.total;
    }
    *counts = local;
    *count = taken;
    return true;
}

bool counts_finish(const struct counts *counts, struct skip *skip) {
    int64_t size = counts->height * counts->width;
    return counts->total == size ||
           skip_row(skip, SKIP_INVALID_SEGMENTATION,
                    "segmentation: counts covers %" PRId64 " pixels, size %" PRId64, counts->total,
                    size);
}

/* ---- the object -------------------------------------------------------------------------- */

static bool read_side(const struct json_value *object, uint32_t node, int64_t *side) {
    return numeral_int64(object, node, side) == NUMBER_OK && *side >= 0 && *side <= SIDE_MAX;
}

static bool read_size(struct counts *counts, uint32_t node, const struct picture *picture,
                      struct skip *skip) {
    const struct json_value *object = counts->object;
    if (!node || object->nodes[node].type != JSON_ARRAY || json_child_count(object, node) != 2 ||
        !read_side(object, node + 1, &counts->height) ||
        !read_side(object, node + 2, &counts->width)) {
        return invalid(skip, "size is not [height, width]");
    }
    if ((picture->height > 0 && counts->height != picture->height) ||
        (picture->width > 0 && counts->width != picture->width)) {
        return skip_row(skip, SKIP_INVALID_SEGMENTATION,
                        "segmentation: size is %" PRId64 " x %" PRId64 ", the image %" PRId32
                        " x %" PRId32 " (height x width)",
                        counts->height, counts->width, picture->height, picture->width);
    }
    return true;
}

/* Finds the compressed text of the runs, unescaped. */
static bool packed_text(const struct json_value *object, uint32_t node, struct buf *scratch,
                        struct slice *text) {
    const struct json_node *n = &object->nodes[node];
    *text = (struct slice){object->text + n->start, n->end - n->start};
    if (!n->escaped) return true;
    buf_reset(scratch);
    if (!json_unescape(object, node, scratch)) return false;
    *text = (struct slice){scratch->data ? scratch->data : "", scratch->len};
    return true;
}

/* True for what str() makes of bytes. Neither quote can stand in runs. */
static bool is_bytes(const struct slice *text) {
    return text->len > 1 && text->data[0] == 'b' && (text->data[1] == '\'' || text->data[1] == '"');
}

static bool open_text(struct counts *counts, uint32_t node, struct buf *scratch,
                      struct skip *skip) {
    struct slice text;
    if (!packed_text(counts->object, node, scratch, &text)) {
        return invalid(skip, "counts holds a value that is not a valid run");
    }
    if (is_bytes(&text)) {
        return invalid(skip, "counts is the text of Python bytes, b'...'; write "
                             "counts.decode() with json.dump()");
    }
    counts->p = text.data;
    counts->end = text.data + text.len;
    return true;
}

bool counts_open(struct counts *counts, const struct json_value *object, uint32_t node,
                 const struct picture *picture, struct buf *scratch, struct skip *skip) {
    uint32_t list = json_member(object, node, "counts");
    *counts = (struct counts){.object = object};
    if (!read_size(counts, json_member(object, node, "size"), picture, skip)) return false;
    if (list && object->nodes[list].type == JSON_STRING) {
        return open_text(counts, list, scratch, skip);
    }
    if (!list || object->nodes[list].type != JSON_ARRAY) {
        return invalid(skip, "counts is neither a string nor an array");
    }
    counts->node = list + 1;
    counts->node_end = object->nodes[list].next;
    return true;
}
