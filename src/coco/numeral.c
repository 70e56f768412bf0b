/* Numbers that were written as texts: see numeral.h. */
#include "coco/numeral.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/slice.h"
#include "json/lexical.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Drops white space at both ends, and zeros before other digits. */
static struct slice trim(struct slice text) {
    while (text.len > 0 && lexical_is_space(text.data[0])) text.data++, text.len--;
    while (text.len > 0 && lexical_is_space(text.data[text.len - 1])) text.len--;
    while (text.len > 1 && text.data[0] == '0' && is_digit(text.data[1])) text.data++, text.len--;
    return text;
}

static bool is_non_finite(struct slice text) {
    static const char *const words[] = {"nan", "inf", "infinity"};
    if (text.len > 0 && (text.data[0] == '-' || text.data[0] == '+')) text.data++, text.len--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == text.len && strncasecmp(text.data, words[i], text.len) == 0) {
            return true;
        }
    }
    return false;
}

/* Finds the number in a text. `plain` holds it if the text has escapes. A byte that cannot belong
 * to the number follows it, as number_double needs it: white space, the quote, or the NUL at the
 * end of `plain`. */
static enum number_result find_number(const struct json_value *value, uint32_t node,
                                      struct buf *plain, struct slice *number) {
    const struct json_node *n = &value->nodes[node];
    struct slice text = {value->text + n->start, n->end - n->start};
    if (n->escaped) {
        if (!json_unescape(value, node, plain)) return NUMBER_WRONG_TYPE;
        text = (struct slice){buf_text(plain), plain->len};
    }
    *number = trim(text);
    if (lexical_is_number(number->data, number->len, number->data + number->len)) return NUMBER_OK;
    return is_non_finite(*number) ? NUMBER_NON_FINITE : NUMBER_WRONG_TYPE;
}

/* A value that is this number. */
static struct json_value number_value(struct slice number, struct json_node *node) {
    *node = (struct json_node){.end = (uint32_t)number.len, .next = 1, .type = JSON_NUMBER};
    return (struct json_value){.text = number.data, .nodes = node, .count = 1};
}

/* Reads the text into *real, or into *whole if that is not NULL. */
static enum number_result read_text(const struct json_value *value, uint32_t node, double *real,
                                    int64_t *whole) {
    struct buf plain;
    struct slice number;
    struct json_node of_number;
    buf_init(&plain, value->nodes[node].end - value->nodes[node].start);
    enum number_result result = find_number(value, node, &plain, &number);
    if (result == NUMBER_OK) {
        struct json_value alone = number_value(number, &of_number);
        result = whole ? number_int64(&alone, 0, whole) : number_double(&alone, 0, real);
    }
    buf_free(&plain);
    return result;
}

enum number_result numeral_text_double(const struct json_value *value, uint32_t node, double *out) {
    return read_text(value, node, out, NULL);
}

enum number_result numeral_text_int64(const struct json_value *value, uint32_t node, int64_t *out) {
    return read_text(value, node, NULL, out);
}
