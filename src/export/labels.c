/* Writes labels for YOLO: see labels.h. */
#include "export/labels.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "store/columns.h"

static const char *const fates[LABELS_FATES] = {
    "rows have a line", "are left out: crowds",
    "are left out: boxes without an area inside of their image",
    "are left out: their image has no width or height (left_out_images.tsv)"};

struct piece {
    struct slice member; /* no data: of the same member as before */
    int64_t size;
    struct slice bytes; /* may be none */
    int32_t fate;       /* of a row; -1: this is none */
};

static struct slice text_or_none(struct columns *columns) {
    return columns_null(columns) ? (struct slice){NULL, 0} : columns_text(columns);
}

static bool read_piece(struct slice tuple, struct piece *piece, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 4);
    piece->member = text_or_none(&columns);
    piece->size = columns_null(&columns) ? 0 : columns_int8(&columns);
    piece->bytes = text_or_none(&columns);
    piece->fate = columns_null(&columns) ? -1 : columns_int4(&columns);
    return columns_finish(&columns, err);
}

uint64_t labels_rows(const struct labels *labels) {
    uint64_t rows = 0;
    for (int i = 0; i < LABELS_FATES; i++) rows += labels->rows[i];
    return rows;
}

bool labels_put(struct labels *labels, struct slice tuple, struct err *err) {
    struct piece piece;
    if (!read_piece(tuple, &piece, err)) return false;
    if (piece.fate >= 0 && piece.fate < LABELS_FATES) labels->rows[piece.fate]++;
    if (piece.member.data && !tar_begin(&labels->tar, piece.member, (uint64_t)piece.size, err)) {
        return false;
    }
    return tar_put(&labels->tar, piece.bytes, err);
}

bool labels_finish(struct labels *labels, struct err *err) {
    static const char name[] = "left_out.txt";
    struct buf text;
    buf_init(&text, 4096);
    for (int i = 0; i < LABELS_FATES; i++) {
        buf_printf(&text, "%" PRIu64 "\t%s\n", labels->rows[i], fates[i]);
    }
    struct slice bytes = buf_slice(&text);
    bool good = tar_begin(&labels->tar, (struct slice){name, strlen(name)}, bytes.len, err) &&
                tar_put(&labels->tar, bytes, err) && tar_finish(&labels->tar, err);
    buf_free(&text);
    return good;
}
