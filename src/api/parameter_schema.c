/* Describes a parameter as JSON Schema: see parameter_schema.h. */
#include "api/parameter_schema.h"

#include <inttypes.h>
#include <string.h>

#include "import/run_name.h"
#include "import/token.h"
#include "json/writer.h"

/* A bound that is no bound is left out: readers of JSON with doubles only could not hold it. */
static void write_integer(const struct parameter *parameter, struct buf *into) {
    bool is_small = parameter->min >= INT32_MIN && parameter->max <= INT32_MAX;
    buf_printf(into, "\"type\": \"integer\", \"format\": \"%s\"", is_small ? "int32" : "int64");
    if (parameter->min > INT64_MIN) buf_printf(into, ", \"minimum\": %" PRId64, parameter->min);
    if (parameter->max < INT64_MAX) buf_printf(into, ", \"maximum\": %" PRId64, parameter->max);
}

static void write_number(const struct parameter *parameter, struct buf *into) {
    buf_put_text(into, "\"type\": \"number\", \"minimum\": ");
    json_write_double(into, parameter->least);
    buf_put_text(into, ", \"maximum\": ");
    json_write_double(into, parameter->most);
}

static void write_choices(const struct parameter *parameter, struct buf *into) {
    buf_put_text(into, "\"type\": \"string\", \"enum\": [");
    for (size_t i = 0; parameter->choices[i]; i++) {
        if (i > 0) buf_put_text(into, ", ");
        json_write_text(into, parameter->choices[i]);
    }
    buf_put_char(into, ']');
}

static void write_text(const struct parameter *parameter, struct buf *into) {
    if (parameter->most_items > 0) {
        buf_printf(into,
                   "\"type\": \"array\", \"minItems\": 1, \"maxItems\": %zu, \"items\": "
                   "{\"type\": \"string\", \"pattern\": \"^[^,]+$\"}",
                   parameter->most_items);
        return;
    }
    buf_printf(into, "\"type\": \"string\", \"minLength\": 1, \"maxLength\": %d",
               PARAMETERS_TEXT - 1);
    if (parameter->pattern) buf_printf(into, ", \"pattern\": \"^%s$\"", parameter->pattern);
    if (parameter->in_path) buf_put_text(into, ", \"pattern\": \"^[^/]+$\"");
}

static void write_type(const struct parameter *parameter, struct buf *into) {
    switch (parameter->type) {
    case PARAMETER_NAME:
        buf_printf(into, "\"type\": \"string\", \"pattern\": \"%s\"", run_name_pattern);
        break;
    case PARAMETER_TOKEN:
        buf_printf(into, "\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9_-]{1,%d}$\"", TOKEN_MAX);
        break;
    case PARAMETER_INTEGER:
        write_integer(parameter, into);
        break;
    case PARAMETER_BOOLEAN:
        buf_put_text(into, "\"type\": \"integer\", \"enum\": [0, 1]");
        break;
    case PARAMETER_SKIP_LIMIT:
        buf_put_text(into, "\"type\": \"string\", \"pattern\": "
                           "\"^([0-9]{1,9}|(100|[0-9]{1,2}([.][0-9]{1,9})?)%)$\"");
        break;
    case PARAMETER_CHOICE:
        write_choices(parameter, into);
        break;
    case PARAMETER_CHOICES:
        buf_put_text(into, "\"type\": \"array\", \"uniqueItems\": true, \"minItems\": 1, "
                           "\"items\": {");
        write_choices(parameter, into);
        buf_put_char(into, '}');
        break;
    case PARAMETER_NUMBER:
        write_number(parameter, into);
        break;
    case PARAMETER_IDS:
        buf_put_text(into, "\"type\": \"array\", \"minItems\": 1, \"items\": "
                           "{\"type\": \"integer\", \"format\": \"int32\"}");
        break;
    case PARAMETER_LIST:
        write_text(parameter, into);
        break;
    }
}

static bool is_numeric(enum parameter_type type) {
    return type == PARAMETER_INTEGER || type == PARAMETER_NUMBER || type == PARAMETER_BOOLEAN;
}

void parameter_write_schema(const struct parameter *parameter, struct buf *into) {
    buf_put_char(into, '{');
    write_type(parameter, into);
    if (parameter->fallback) {
        buf_put_text(into, ", \"default\": ");
        if (is_numeric(parameter->type)) {
            buf_put_text(into, parameter->fallback);
        } else {
            json_write_text(into, parameter->fallback);
        }
    }
    buf_put_char(into, '}');
}

bool parameter_is_list(const struct parameter *parameter) {
    return parameter->type == PARAMETER_CHOICES || parameter->type == PARAMETER_IDS ||
           parameter->most_items > 0;
}
