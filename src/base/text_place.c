/* Counts lines and columns: see text_place.h. */
#include "base/text_place.h"

#include <string.h>

typedef unsigned char bytes __attribute__((vector_size(16)));

enum {
    ROUNDS = 255 /* the largest count in one byte */
};

/* Counts the bytes that have these bits under the mask. Fast, because every byte of an upload
 * passes here once. */
static size_t count_bytes(const char *text, size_t len, unsigned char mask, unsigned char bits) {
    size_t count = 0;
    size_t i = 0;
    while (len - i >= sizeof(bytes)) {
        bytes counts = {0};
        size_t rounds = (len - i) / sizeof(bytes);
        if (rounds > ROUNDS) rounds = ROUNDS;
        for (size_t round = 0; round < rounds; round++, i += sizeof(bytes)) {
            bytes piece;
            memcpy(&piece, text + i, sizeof piece);
            counts -= (bytes)((piece & mask) == bits); /* true is -1 */
        }
        for (size_t k = 0; k < sizeof(bytes); k++) count += counts[k];
    }
    for (; i < len; i++) count += ((unsigned char)text[i] & mask) == bits;
    return count;
}

static size_t count_characters(const char *text, size_t len) {
    return len - count_bytes(text, len, 0xc0, 0x80); /* all but continuation bytes */
}

void text_place_advance(struct text_place *place, const char *text, size_t len, bool ascii) {
    const char *newline = memrchr(text, '\n', len);
    if (newline) {
        size_t lines = (size_t)(newline + 1 - text);
        place->line += count_bytes(text, lines, 0xff, '\n');
        place->column = 1;
        text += lines;
        len -= lines;
    }
    place->column += ascii ? len : count_characters(text, len);
}
