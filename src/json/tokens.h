/*
 * Takes values out of a window. jsmn tokenizes (tokenizer.h); the grammar checks what jsmn does not
 * (grammar.h). A slice of the window is tokenized at once, and its values are taken one by one. A
 * value that the end of the slice cuts is tokenized again when more of it has arrived.
 */
#ifndef PGCOCO_JSON_TOKENS_H
#define PGCOCO_JSON_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "json/value.h"
#include "json/window.h"

struct json_limits {
    size_t window;       /* initial size of the window, in bytes */
    size_t max_element;  /* largest value, in bytes */
    uint32_t max_tokens; /* largest value, in tokens */
    unsigned max_depth;  /* deepest nesting in a value */
};

/* 256 KiB, 16 MiB, 1,000,000, 64. */
extern const struct json_limits json_default_limits;

struct tokens;

/* Returns NULL if there is no memory. The window must outlive the tokens. */
struct tokens *tokens_new(struct window *window, const struct json_limits *limits);
void tokens_free(struct tokens *tokens);

/* Takes the value at the window's cursor (no white space before it) and moves the cursor past it.
 * *value is valid until the next call on tokens or window. Errors: ERR_NOT_JSON, ERR_TRUNCATED,
 * ERR_TOO_DEEP and ERR_ELEMENT_TOO_LARGE, with an offset; ERR_BUSY; or an error of the source. */
bool tokens_next(struct tokens *tokens, struct json_value *value, struct err *err);

/* True if the value at the cursor has been tokenized already, together with an earlier one. */
bool tokens_ready(const struct tokens *tokens);

/* Moves the cursor past the opening bracket it is at. Values inside can then be taken. */
void tokens_enter(struct tokens *tokens);

#endif
