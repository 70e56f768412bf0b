/* The name of an import in the history: its client's, or one that nobody can guess. */
#ifndef PGCOCO_IMPORT_TOKEN_H
#define PGCOCO_IMPORT_TOKEN_H

#include <stdbool.h>

#include "base/err.h"

enum {
    TOKEN_MAX = 40
};

/* 1 to TOKEN_MAX letters, digits, dashes and underscores. */
bool token_is_valid(const char *text);

/* Makes one: `into` has room for TOKEN_MAX + 1 bytes. ERR_INTERNAL without random numbers. */
bool token_make(char *into, struct err *err);

#endif
