/* Reads lists of numbers: see number_lists.h. */
#include "json/number_lists.h"

#include <stdlib.h>

#include "json/lexical.h"
#include "json/number.h"

enum {
    FIRST_CAP = 64
};

void number_lists_init(struct number_lists *lists) {
    *lists = (struct number_lists){0};
}

void number_lists_free(struct number_lists *lists) {
    free(lists->numbers);
    free(lists->ends);
    number_lists_init(lists);
}

static bool add_number(struct number_lists *lists, double number) {
    if (lists->count == lists->cap) {
        size_t cap = lists->cap ? 2 * lists->cap : FIRST_CAP;
        double *grown = reallocarray(lists->numbers, cap, sizeof *grown);
        if (!grown) return false;
        lists->numbers = grown;
        lists->cap = cap;
    }
    lists->numbers[lists->count++] = number;
    return true;
}

static bool end_list(struct number_lists *lists) {
    if (lists->list_count == lists->list_cap) {
        size_t cap = lists->list_cap ? 2 * lists->list_cap : FIRST_CAP;
        size_t *grown = reallocarray(lists->ends, cap, sizeof *grown);
        if (!grown) return false;
        lists->ends = grown;
        lists->list_cap = cap;
    }
    lists->ends[lists->list_count++] = lists->count;
    return true;
}

/* The text that is left. It ends with a bracket, which follows any number. */
struct rest {
    const char *p;
    const char *end;
};

static void skip_space(struct rest *rest) {
    while (rest->p < rest->end && lexical_is_space(*rest->p)) rest->p++;
}

/* Moves past white space and this character; false if it is another one. */
static bool take(struct rest *rest, char c) {
    skip_space(rest);
    if (rest->p == rest->end || *rest->p != c) return false;
    rest->p++;
    return true;
}

/* Reads a list from behind its opening bracket. */
static bool read_list(struct number_lists *lists, struct rest *rest) {
    double number;
    if (take(rest, ']')) return end_list(lists);
    do {
        skip_space(rest);
        if (!number_take_double(&rest->p, rest->end, &number) || !add_number(lists, number)) {
            return false;
        }
    } while (take(rest, ','));
    return take(rest, ']') && end_list(lists);
}

/* Reads lists from behind the opening bracket of the first one. */
static bool read_lists(struct number_lists *lists, struct rest *rest) {
    do {
        if (!read_list(lists, rest)) return false;
        if (!take(rest, ',')) return take(rest, ']');
    } while (take(rest, '['));
    return false;
}

bool number_lists_read(struct number_lists *lists, struct slice text) {
    struct rest rest = {text.data, text.data + text.len};
    lists->count = lists->list_count = 0;
    while (rest.end > rest.p && lexical_is_space(rest.end[-1])) rest.end--;
    if (rest.end == rest.p || rest.end[-1] != ']' || !take(&rest, '[')) return false;
    lists->is_nested = take(&rest, '[');
    bool good = lists->is_nested ? read_lists(lists, &rest) : read_list(lists, &rest);
    return good && rest.p == rest.end;
}
