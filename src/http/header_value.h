/*
 * Values of header fields that carry parameters, as `form-data; name="file"` (RFC 2045 section
 * 5.1). Nothing is copied: what is found are pieces of the text.
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

/* Moves over white space, line ends among it: a header may be folded over several lines. */
void span_skip_blanks(struct span *s);

/* Takes all before the first white space or byte of stops. */
struct span span_take_until(struct span *s, const char *stops);

/* Whether it is this word, in any case. */
bool span_is_word(struct span s, const char *word);

struct header_param {
    struct span name;
    struct span value; /* without its quotes, with its escapes */
    bool quoted;
};

/* Takes one `; name=value`. *found is false when there is none left. False when it is malformed. */
bool header_next_param(struct span *s, struct header_param *param, bool *found);

/* The value with its escapes resolved, as a C string. False when it does not fit or holds a control
 * character. */
bool header_copy_value(const struct header_param *param, char *into, size_t room);

#endif
