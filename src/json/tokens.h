/*
 * Values out of a window: jsmn tokenizes (tokenizer.h), the grammar checks what jsmn lets pass
 * (grammar.h). A slice of the window is tokenized in one go and handed out value by value. A value
 * that the slice cuts is tokenized again when more of it has come.
 */
#ifndef PGCOCO_JSON_TOKENS_H
#define PGCOCO_JSON_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "json/value.h"
#include "json/window.h"

struct json_limits {
    size_t window;       /* bytes the window starts with */
    size_t max_element;  /* bytes of one value at the most */
    uint32_t max_tokens; /* tokens of one value at the most */
    unsigned max_depth;  /* nesting of one value at the most */
};

/* 256 KiB, 16 MiB, 1,000,000, 64. */
extern const struct json_limits json_default_limits;

struct tokens;

/* NULL when out of memory. The window must outlive it. */
struct tokens *tokens_new(struct window *window, const struct json_limits *limits);
void tokens_free(struct tokens *tokens);

/* Takes the value that starts at the window's cursor (no white space before it) and moves the
 * cursor behind it. What *value points to is valid until the next call on tokens or window.
 * Errors: ERR_NOT_JSON, ERR_TRUNCATED, ERR_TOO_DEEP, ERR_ELEMENT_TOO_LARGE with their offset, or
 * what the source said. */
bool tokens_next(struct tokens *tokens, struct json_value *value, struct err *err);

/* Whether the value at the cursor has been tokenized already, along with one before it. */
bool tokens_ready(const struct tokens *tokens);

/* Moves the cursor behind the bracket it is at: values are taken from inside now. */
void tokens_enter(struct tokens *tokens);

#endif
