/*
 * Parses values of header fields with parameters, such as `form-data; name="file"` (RFC 2045
 * section 5.1). Copies nothing; results point into the text.
 */
#ifndef PGCOCO_HTTP_HEADER_VALUE_H
#define PGCOCO_HTTP_HEADER_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of text; functions that take from it move p. */
struct span {
    const char *p;
    const char *end;
};

/* Skips white space and line ends, because a header may be folded over several lines. */
void span_skip_blanks(struct span *s);

/* Takes everything before the first white space or the first of the bytes in `stops`. */
struct span span_take_until(struct span *s, const char *stops);

/* True if the text is this word, ignoring case. */
bool span_is_word(struct span s, const char *word);

struct header_param {
    struct span name;
    struct span value; /* without quotes, escapes not resolved */
    bool quoted;
};

/* Takes one `; name=value`. *found is false if there are no more. Returns false if it is
 * malformed. */
bool header_next_param(struct span *s, struct header_param *param, bool *found);

/* Copies the value, escapes resolved, as a C string. False if it does not fit `room` bytes or holds
 * a control character. */
bool header_copy_value(const struct header_param *param, char *into, size_t room);

#endif
