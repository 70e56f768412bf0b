/*
 * The numbers of COCO files. Some tools write them as texts ("0.9", "1"): a text is taken for the
 * JSON number that it holds, with white space around it or zeros before it ("007") or not.
 */
#ifndef PGCOCO_COCO_NUMERAL_H
#define PGCOCO_COCO_NUMERAL_H

#include <stdint.h>

#include "json/number.h"
#include "json/value.h"

/* For texts only. A text that says NaN or Infinity, as Python or JSON write them, is
 * NUMBER_NON_FINITE; any other text that is no number is NUMBER_WRONG_TYPE. */
enum number_result numeral_text_double(const struct json_value *value, uint32_t node, double *out);
enum number_result numeral_text_int64(const struct json_value *value, uint32_t node, int64_t *out);

/* Like number_double and number_int64, for numbers and texts. Inline because nearly all are
 * numbers. */
static inline enum number_result numeral_double(const struct json_value *value, uint32_t node,
                                                double *out) {
    return value->nodes[node].type == JSON_STRING ? numeral_text_double(value, node, out)
                                                  : number_double(value, node, out);
}

static inline enum number_result numeral_int64(const struct json_value *value, uint32_t node,
                                               int64_t *out) {
    return value->nodes[node].type == JSON_STRING ? numeral_text_int64(value, node, out)
                                                  : number_int64(value, node, out);
}

#endif
