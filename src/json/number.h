/* Converts text to numbers. The text must have passed lexical_is_number(). */
#ifndef PGCOCO_JSON_NUMBER_H
#define PGCOCO_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/value.h"

enum number_result {
    NUMBER_OK,
    NUMBER_WRONG_TYPE,  /* not a number, or not a whole number */
    NUMBER_NON_FINITE,  /* NaN, Infinity */
    NUMBER_OUT_OF_RANGE /* does not fit the type */
};

/* Reads the nearest double, ties to even: bit for bit Python's float(text). Out of range if it
 * rounds to infinity. */
enum number_result number_double(const struct json_value *value, uint32_t node, double *out);

/* Reads the number that begins at *p, which must pass as in lexical_is_number, and moves *p past
 * it. Before limit, a byte must follow that cannot belong to it. False for anything else, and out
 * of range; *p may then have moved. */
bool number_take_double(const char **p, const char *limit, double *out);

/* Reads a whole number in any notation: 42, 42.0, 4.2e1. Out of range if int64 cannot hold it. */
enum number_result number_int64(const struct json_value *value, uint32_t node, int64_t *out);

enum number_result number_int32(const struct json_value *value, uint32_t node, int32_t *out);

#endif
