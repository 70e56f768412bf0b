/* Numbers from their text. The text has passed lexical_is_number(). */
#ifndef PGCOCO_JSON_NUMBER_H
#define PGCOCO_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json/value.h"

enum number_result {
    NUMBER_OK,
    NUMBER_WRONG_TYPE,  /* not a number, or not a whole one */
    NUMBER_NON_FINITE,  /* NaN, Infinity */
    NUMBER_OUT_OF_RANGE /* does not fit */
};

/* The double nearest to a node's number, ties to even: bit for bit Python's float(text).
 * What rounds to infinity is out of range. */
enum number_result number_double(const struct json_value *value, uint32_t node, double *out);

/* A whole number, however it is written: 42, 42.0, 4.2e1. Out of range is what int64 cannot
 * hold. */
enum number_result number_int64(const struct json_value *value, uint32_t node, int64_t *out);

enum number_result number_int32(const struct json_value *value, uint32_t node, int32_t *out);

#endif
