/* Reads header, tuples and trailer of a binary COPY: see copy_frames.h. */
#include "store/copy_frames.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum {
    SIGNATURE = 11,
    FLAGS = 4,
    HEADER = SIGNATURE + FLAGS + 4, /* plus an extension; the last four bytes have its length */
    COUNT = 2                       /* bytes of the number of columns */
};

/* Flags 16 to 31 change the format; a reader must refuse those that it does not know. */
static const uint32_t critical_flags = 0xffff0000;

static uint32_t get32(const char *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return be32toh(v);
}

static bool pass_header(struct slice *rest) {
    if (rest->len < HEADER || memcmp(rest->data, "PGCOPY\n\377\r\n", SIGNATURE) != 0) return false;
    if (get32(rest->data + SIGNATURE) & critical_flags) return false;
    size_t extension = get32(rest->data + SIGNATURE + FLAGS);
    if (extension > rest->len - HEADER) return false;
    *rest = (struct slice){rest->data + HEADER + extension, rest->len - HEADER - extension};
    return true;
}

enum copy_frame copy_frames_take(struct copy_frames *frames, struct slice message,
                                 struct slice *tuple) {
    if (frames->ended) return COPY_FRAME_MALFORMED;
    if (!frames->begun) {
        if (!pass_header(&message)) return COPY_FRAME_MALFORMED;
        frames->begun = true;
        if (message.len == 0) return COPY_FRAME_NONE;
    }
    if (message.len < COUNT) return COPY_FRAME_MALFORMED;
    bool negative = (message.data[0] & 0x80) != 0;
    if (!negative) {
        *tuple = message;
        return COPY_FRAME_TUPLE;
    }
    frames->ended = message.len == COUNT && memcmp(message.data, "\377\377", COUNT) == 0;
    return frames->ended ? COPY_FRAME_END : COPY_FRAME_MALFORMED;
}
