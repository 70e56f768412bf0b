/* The lexical rules of RFC 8259 that jsmn leaves to its caller, and its literals. */
#ifndef PGCOCO_JSON_LEXICAL_H
#define PGCOCO_JSON_LEXICAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether text is a number (see decimal.h). Up to limit >= text + len there are bytes that may be
 * looked at, which is faster. */
bool lexical_is_number(const char *text, size_t len, const char *limit);

/* Whether text, which the end of the body cut, may be the beginning of a string (with its quote), a
 * number or a literal. */
bool lexical_is_cut(const char *text, size_t len);

/* Length of a non-finite literal as Python writes them (NaN, Infinity) at the start of text, 0 if
 * there is none; -1 if text ends before it can be told. */
int lexical_non_finite(const char *text, size_t len);

/* Index of the first control character (RFC 8259 section 7 forbids them in strings), or len.
 * *escaped says whether a backslash was seen before it. */
size_t lexical_string(const char *text, size_t len, bool *escaped);

static inline bool lexical_is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

#endif
