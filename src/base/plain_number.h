/* Numbers as people write them in addresses and on command lines: 0.5, .5, 10, 1e-3. */
#ifndef PGCOCO_BASE_PLAIN_NUMBER_H
#define PGCOCO_BASE_PLAIN_NUMBER_H

#include <stdbool.h>

/* Takes a number that *at begins with and moves *at behind it. No sign, no white space, nothing
 * hexadecimal, no "nan" or "inf", all of which strtod takes. False if there is none, or it is too
 * large or too close to 0 for a double; *at then stays. */
bool plain_number_take(const char **at, double *value);

/* True if the whole text is such a number. */
bool plain_number_read(const char *text, double *value);

#endif
