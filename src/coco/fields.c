/* The fields of one COCO object: see fields.h. */
#include "coco/fields.h"

#include <string.h>
#include <strings.h>

#include "coco/members.h"
#include "coco/numeral.h"
#include "json/lexical.h"

/* Returns the index of the name that equals this key; `count` if none does. */
static size_t find_name(const struct json_value *object, uint32_t key,
                        const struct field_name *names, size_t count) {
    const struct json_node *node = &object->nodes[key];
    size_t len = node->end - node->start;
    const char *text = object->text + node->start;
    for (size_t i = 0; i < count; i++) {
        if (names[i].len == len && memcmp(names[i].text, text, len) == 0) return i;
        if (node->escaped && json_equals(object, key, names[i].text)) return i;
    }
    return count;
}

static void put_raw(struct buf *into, const struct json_value *object, uint32_t node) {
    struct slice raw = json_raw(object, node);
    buf_put(into, raw.data, raw.len);
}

bool fields_read(struct fields *fields, const struct json_value *object,
                 const struct field_name *names, size_t count, struct buf *extra,
                 struct skip *skip) {
    const struct json_node *nodes = object->nodes;
    if (nodes[0].type != JSON_OBJECT) {
        return skip_row(skip, SKIP_WRONG_TYPE, "the row is %s, not an object",
                        json_type_name(nodes[0].type));
    }
    if (object->non_finite) return skip_row(skip, SKIP_NON_FINITE, "the row holds NaN or Infinity");
    fields->object = object;
    fields->names = names;
    memset(fields->node, 0, count * sizeof *fields->node);
    size_t before = extra->len;
    for (uint32_t key = 1; key < nodes[0].next; key = nodes[key + 1].next) {
        size_t field = find_name(object, key, names, count);
        if (field < count) {
            fields->node[field] = key + 1;
            if (!names[field].kept) continue;
        }
        buf_put_char(extra, extra->len == before ? '{' : ',');
        put_raw(extra, object, key);
        buf_put_char(extra, ':');
        put_raw(extra, object, key + 1);
    }
    if (extra->len > before) buf_put_char(extra, '}');
    return true;
}

static enum json_type type_of(const struct fields *fields, size_t field) {
    return fields->object->nodes[fields->node[field]].type;
}

bool fields_has_content(const struct fields *fields, size_t field) {
    if (!fields_has(fields, field)) return false;
    const struct json_node *node = &fields->object->nodes[fields->node[field]];
    return node->type != JSON_ARRAY || node->next > fields->node[field] + 1;
}

struct slice fields_raw(const struct fields *fields, size_t field) {
    if (!fields_has(fields, field)) return (struct slice){NULL, 0};
    return json_raw(fields->object, fields->node[field]);
}

bool fields_missing(const struct fields *fields, size_t field, struct skip *skip) {
    const char *name = fields->names[field].text;
    if (fields->node[field] != 0) {
        bool null = type_of(fields, field) == JSON_NULL;
        return skip_row(skip, SKIP_MISSING_FIELD, "%s is %s", name, null ? "null" : "empty");
    }
    struct members members = members_of(fields->object);
    return skip_row(skip, SKIP_MISSING_FIELD, "%s is missing; the row has %s", name,
                    members_text(&members));
}

/* Turns the result of number_*() into a reason. `target` names the type in messages. */
static bool number_read(const struct fields *fields, size_t field, enum number_result result,
                        const char *target, struct skip *skip) {
    const char *name = fields->names[field].text;
    enum json_type type = type_of(fields, field);
    switch (result) {
    case NUMBER_OK:
        return true;
    case NUMBER_OUT_OF_RANGE:
        return skip_row(skip, SKIP_OUT_OF_RANGE, "%s does not fit %s", name, target);
    case NUMBER_NON_FINITE:
        return skip_row(skip, SKIP_NON_FINITE, "%s is not finite", name);
    default:
        if (type == JSON_NUMBER) {
            return skip_row(skip, SKIP_WRONG_TYPE, "%s is not a whole number", name);
        }
        return skip_row(skip, SKIP_WRONG_TYPE, "%s is %s, not a number", name,
                        json_type_name(type));
    }
}

bool fields_int64(const struct fields *fields, size_t field, int64_t *out, struct skip *skip) {
    if (!fields_has(fields, field)) return fields_missing(fields, field, skip);
    enum number_result result = numeral_int64(fields->object, fields->node[field], out);
    return number_read(fields, field, result, "64 bits", skip);
}

bool fields_int32(const struct fields *fields, size_t field, int32_t *out, struct skip *skip) {
    int64_t wide = 0;
    if (!fields_int64(fields, field, &wide, skip)) return false;
    if (wide < INT32_MIN || wide > INT32_MAX) {
        return number_read(fields, field, NUMBER_OUT_OF_RANGE, "32 bits", skip);
    }
    *out = (int32_t)wide;
    return true;
}

bool fields_name_fits(struct slice name, size_t max, const char *what, struct skip *skip) {
    return name.len <= max ||
           skip_row(skip, SKIP_NAME_TOO_LONG, "%s is longer than %zu bytes", what, max);
}

bool fields_double(const struct fields *fields, size_t field, double *out, struct skip *skip) {
    if (!fields_has(fields, field)) return fields_missing(fields, field, skip);
    enum number_result result = numeral_double(fields->object, fields->node[field], out);
    return number_read(fields, field, result, "a double", skip);
}

bool fields_is_text(const struct fields *fields, size_t field) {
    return type_of(fields, field) == JSON_STRING;
}

/* True for digits that fit 64 bits, with white space around them or not. */
static bool is_whole_number(struct slice text) {
    int64_t number = 0;
    while (text.len > 0 && lexical_is_space(text.data[0])) text.data++, text.len--;
    while (text.len > 0 && lexical_is_space(text.data[text.len - 1])) text.len--;
    for (size_t i = 0; i < text.len; i++) {
        int digit = text.data[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digit, &number)) {
            return false;
        }
    }
    return text.len > 0;
}

/* Digits and white space may be written as escapes. */
static bool is_escaped_number(const struct json_value *value, uint32_t node) {
    struct buf plain;
    buf_init(&plain, value->nodes[node].end - value->nodes[node].start);
    bool is =
        json_unescape(value, node, &plain) && !plain.failed && is_whole_number(buf_slice(&plain));
    buf_free(&plain);
    return is;
}

bool fields_is_name(const struct fields *fields, size_t field) {
    const struct json_value *object = fields->object;
    const struct json_node *node = &object->nodes[fields->node[field]];
    if (node->type != JSON_STRING) return false;
    if (node->escaped) return !is_escaped_number(object, fields->node[field]);
    return !is_whole_number((struct slice){object->text + node->start, node->end - node->start});
}

/* True for the literal, and for the word as a text. */
static bool is_word(const struct fields *fields, size_t field, enum json_type type,
                    const char *word) {
    const struct json_node *node = &fields->object->nodes[fields->node[field]];
    size_t len = strlen(word);
    return node->type == type || (node->type == JSON_STRING && node->end - node->start == len &&
                                  strncasecmp(fields->object->text + node->start, word, len) == 0);
}

bool fields_flag(const struct fields *fields, size_t field, bool *out, struct skip *skip) {
    int64_t flag = 0;
    *out = is_word(fields, field, JSON_TRUE, "true");
    if (*out || !fields_has(fields, field) || is_word(fields, field, JSON_FALSE, "false")) {
        return true;
    }
    if (!fields_int64(fields, field, &flag, skip)) return false;
    *out = flag == 1;
    return flag == 0 || flag == 1 ||
           skip_row(skip, SKIP_OUT_OF_RANGE, "%s is not 0 or 1", fields->names[field].text);
}

bool fields_text(const struct fields *fields, size_t field, struct buf *into, struct skip *skip) {
    if (!fields_has(fields, field)) return fields_missing(fields, field, skip);
    const char *name = fields->names[field].text;
    if (!fields_is_text(fields, field)) {
        return skip_row(skip, SKIP_WRONG_TYPE, "%s is %s, not a string", name,
                        json_type_name(type_of(fields, field)));
    }
    if (json_unescape(fields->object, fields->node[field], into)) return true;
    return skip_row(skip, SKIP_WRONG_TYPE, "%s holds U+0000 or a lone surrogate", name);
}
