/* The lexical rules of RFC 8259 that jsmn does not check. */
#ifndef PGCOCO_JSON_LEXICAL_H
#define PGCOCO_JSON_LEXICAL_H

#include <stdbool.h>
#include <stddef.h>

/* True if text is a number (see decimal.h). Bytes up to limit >= text + len may be read, which is
 * faster. */
bool lexical_is_number(const char *text, size_t len, const char *limit);

/* True if text, which the end of the body cut off, may be the start of a string (with its quote), a
 * number or a literal. */
bool lexical_is_cut(const char *text, size_t len);

/* Returns the length of the NaN or Infinity (as Python writes them) at the start of text; 0 if
 * there is none, -1 if text is too short to tell. */
int lexical_non_finite(const char *text, size_t len);

/* Returns the index of the first control character (forbidden in strings by RFC 8259 section 7), or
 * len. *escaped tells whether a backslash comes before it. */
size_t lexical_string(const char *text, size_t len, bool *escaped);

static inline bool lexical_is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

#endif
