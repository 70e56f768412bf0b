/* The name of an import in the history: given by the client, or random and not guessable. */
#ifndef PGCOCO_IMPORT_TOKEN_H
#define PGCOCO_IMPORT_TOKEN_H

#include <stdbool.h>

#include "base/err.h"

enum {
    TOKEN_MAX = 40
};

/* True for 1 to TOKEN_MAX letters, digits, dashes and underscores. */
bool token_is_valid(const char *text);

/* Makes a random name. into: room for TOKEN_MAX + 1 bytes. ERR_INTERNAL if there are no random
 * numbers. */
bool token_make(char *into, struct err *err);

#endif
