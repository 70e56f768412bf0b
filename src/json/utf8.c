/* Validates UTF-8 piece by piece: see utf8.h. */
#include "json/utf8.h"

#include <stdbool.h>
#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_BITS UINT64_C(0x0101010101010101)

/* Returns the index of the first byte outside of 0x01..0x7f, or len; reads eight bytes at a
 * time. */
static size_t ascii_run(const unsigned char *bytes, size_t len) {
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        if ((word | (word - LOW_BITS)) & HIGH_BITS) break;
    }
    while (i < len && bytes[i] - 1U < 0x7fU) i++;
    return i;
}

/* Sets which bytes may follow this lead byte (RFC 3629 section 4). */
static bool begin_character(struct utf8 *state, unsigned char lead) {
    state->low = 0x80;
    state->high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        state->missing = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        state->missing = 2;
        if (lead == 0xe0) state->low = 0xa0;
        if (lead == 0xed) state->high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        state->missing = 3;
        if (lead == 0xf0) state->low = 0x90;
        if (lead == 0xf4) state->high = 0x8f;
    } else {
        return false;
    }
    state->multibyte = true;
    return true;
}

size_t utf8_check(struct utf8 *state, const char *bytes, size_t len) {
    const unsigned char *p = (const unsigned char *)bytes;
    size_t i = 0;
    while (i < len) {
        if (state->missing == 0) {
            i += ascii_run(p + i, len - i);
            if (i == len) break;
            if (!begin_character(state, p[i])) return i;
        } else {
            if (p[i] < state->low || p[i] > state->high) return i;
            state->missing--;
            state->low = 0x80;
            state->high = 0xbf;
        }
        i++;
    }
    return len;
}
