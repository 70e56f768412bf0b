/* Reads and checks parameters of requests: see parameters.h. */
#include "api/parameters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/plain_number.h"
#include "base/shown.h"
#include "http/query.h"
#include "import/run_name.h"
#include "import/token.h"

/* ---- messages ---------------------------------------------------------------------------- */

static void write_choices(const struct parameter *parameter, const char *between,
                          struct buf *into) {
    for (size_t i = 0; parameter->choices[i]; i++) {
        buf_printf(into, "%s%s", i ? between : "", parameter->choices[i]);
    }
}

static void write_list(const struct parameter *parameter, struct buf *into) {
    if (parameter->most_items > 0) {
        buf_printf(into, "up to %zu texts with commas between them", parameter->most_items);
    } else {
        buf_put_text(into, parameter->pattern ? "a list" : "a text");
    }
}

void parameter_write_allowed(const struct parameter *parameter, struct buf *into) {
    switch (parameter->type) {
    case PARAMETER_NAME:
        buf_put_text(into, run_name_rule);
        break;
    case PARAMETER_TOKEN:
        buf_printf(into, "1 to %d letters, digits, dashes and underscores", TOKEN_MAX);
        break;
    case PARAMETER_INTEGER:
        buf_printf(into, "a whole number from %" PRId64 " to %" PRId64, parameter->min,
                   parameter->max);
        break;
    case PARAMETER_BOOLEAN:
        buf_put_text(into, "0 or 1");
        break;
    case PARAMETER_SKIP_LIMIT:
        buf_put_text(into, "a number of rows, or a percentage such as 2.5%");
        break;
    case PARAMETER_CHOICE:
        write_choices(parameter, " or ", into);
        break;
    case PARAMETER_CHOICES:
        write_choices(parameter, ", ", into);
        buf_put_text(into, ": some of them, each once, with commas between them");
        break;
    case PARAMETER_NUMBER:
        buf_printf(into, "a number from %.10g to %.10g", parameter->least, parameter->most);
        break;
    case PARAMETER_IDS:
        buf_put_text(into, "ids with commas between them, such as 1,2,3");
        break;
    case PARAMETER_LIST:
        write_list(parameter, into);
        break;
    }
}

static bool refuse_value(const struct parameter *parameter, const char *text, struct err *err) {
    char sent[SHOWN_ROOM];
    struct buf allowed;
    buf_init(&allowed, sizeof err->message);
    parameter_write_allowed(parameter, &allowed);
    err_set(err, ERR_BAD_REQUEST, "%s must be %s, not \"%s\"", parameter->name, buf_text(&allowed),
            shown(text, sent));
    buf_free(&allowed);
    return false;
}

/* Refuses an unknown parameter and lists the known ones: a misspelt dryrun=1 must not
 * replace a run. */
static bool refuse_unknown(const enum parameter_id *takes, const char *name, struct err *err) {
    char sent[SHOWN_ROOM];
    struct buf known;
    buf_init(&known, sizeof err->message);
    for (; *takes; takes++) {
        if (parameter_table[*takes].in_path) continue;
        buf_printf(&known, "%s%s",
                   known.len ? ", " : "; this address takes: ", parameter_table[*takes].name);
    }
    err_set(err, ERR_BAD_REQUEST, "there is no parameter \"%s\" here%s", shown(name, sent),
            known.len ? buf_text(&known) : "; this address takes none");
    buf_free(&known);
    return false;
}

/* ---- values ------------------------------------------------------------------------------ */

static bool parse_integer(const struct parameter *parameter, const char *text, int64_t *value) {
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    /* strtoll also accepts a plus sign and leading white space. */
    bool is_number = strchr("-0123456789", text[0]) && end > text && *end == '\0' && errno == 0;
    return is_number && *value >= parameter->min && *value <= parameter->max;
}

static bool parse_boolean(const char *text, bool *value) {
    *value = strcmp(text, "1") == 0;
    return *value || strcmp(text, "0") == 0;
}

static bool parse_choice(const struct parameter *parameter, const char *text, int *value) {
    for (int i = 0; parameter->choices[i]; i++) {
        if (strcmp(text, parameter->choices[i]) != 0) continue;
        *value = i;
        return true;
    }
    return false;
}

static bool parse_number(const struct parameter *parameter, const char *text, double *value) {
    return plain_number_read(text, value) && *value >= parameter->least &&
           *value <= parameter->most;
}

/* Each may come once, so that the length is bounded. */
static bool parse_choices(const struct parameter *parameter, const char *text) {
    unsigned seen = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        int i = 0;
        while (parameter->choices[i] && (strlen(parameter->choices[i]) != len ||
                                         strncmp(parameter->choices[i], text, len) != 0)) {
            i++;
        }
        if (!parameter->choices[i] || seen & 1u << i) return false;
        seen |= 1u << i;
        if (text[len] == '\0') return true;
        text += len + 1;
    }
}

/* Ids of categories fit an integer of the database. */
static bool parse_ids(const char *text) {
    for (;;) {
        char *end;
        size_t len = strcspn(text, ",");
        long id = strtol(text, &end, 10);
        bool is_number = strchr("-0123456789", text[0]) && end == text + len && len > 0;
        if (!is_number || id < INT32_MIN || id > INT32_MAX) return false;
        if (text[len] == '\0') return true;
        text += len + 1;
    }
}

static bool parse(const struct parameter *parameter, const char *text,
                  struct parameter_value *value) {
    switch (parameter->type) {
    case PARAMETER_NAME:
        return run_name_is_allowed(text);
    case PARAMETER_TOKEN:
        return token_is_valid(text);
    case PARAMETER_INTEGER:
        return parse_integer(parameter, text, &value->integer);
    case PARAMETER_BOOLEAN:
        return parse_boolean(text, &value->flag);
    case PARAMETER_SKIP_LIMIT:
        return skip_limit_parse(text, &value->skip_limit);
    case PARAMETER_CHOICE:
        return parse_choice(parameter, text, &value->choice);
    case PARAMETER_CHOICES:
        return parse_choices(parameter, text);
    case PARAMETER_NUMBER:
        return parse_number(parameter, text, &value->number);
    case PARAMETER_IDS:
        return parse_ids(text);
    case PARAMETER_LIST:
        return true;
    }
    return false;
}

/* Browsers send all fields of a form; an empty one counts as not given. */
static bool may_be_empty(enum parameter_type type) {
    return type == PARAMETER_NAME || type == PARAMETER_CHOICES || type == PARAMETER_IDS ||
           type == PARAMETER_LIST;
}

bool parameter_parse(const struct parameter *parameter, const char *text,
                     struct parameter_value *value, struct err *err) {
    *value = (struct parameter_value){0};
    if (text[0] == '\0' && !parameter->in_path && may_be_empty(parameter->type)) return true;
    if (!parse(parameter, text, value)) return refuse_value(parameter, text, err);
    value->text = text;
    return true;
}

/* ---- a request --------------------------------------------------------------------------- */

bool parameters_read_path(struct parameters *parameters, enum parameter_id id, struct slice text,
                          struct err *err) {
    char *into = parameters->text + parameters->used;
    if (text.len >= sizeof parameters->text - parameters->used) {
        return err_set(err, ERR_BAD_REQUEST, "the address is too long");
    }
    memcpy(into, text.data, text.len);
    into[text.len] = '\0';
    parameters->used += text.len + 1;
    if (!parameter_parse(&parameter_table[id], into, &parameters->values[id], err)) return false;
    parameters->values[id].is_given = true;
    return true;
}

static enum parameter_id find(const enum parameter_id *takes, const char *name) {
    for (; *takes; takes++) {
        const struct parameter *parameter = &parameter_table[*takes];
        if (!parameter->in_path && strcmp(parameter->name, name) == 0) return *takes;
    }
    return PARAMETER_NONE;
}

static bool read_value(struct parameters *parameters, enum parameter_id id, struct slice value,
                       struct err *err) {
    const struct parameter *parameter = &parameter_table[id];
    char *into = parameters->text + parameters->used;
    if (parameters->values[id].is_given) {
        return err_set(err, ERR_BAD_REQUEST, "%s is given twice", parameter->name);
    }
    if (!query_decode(value, into, sizeof parameters->text - parameters->used)) {
        return err_set(err, ERR_BAD_REQUEST,
                       "the value of %s is too long or badly encoded (write %% as %%25; no NUL)",
                       parameter->name);
    }
    parameters->used += strlen(into) + 1;
    if (!parameter_parse(parameter, into, &parameters->values[id], err)) return false;
    parameters->values[id].is_given = true;
    return true;
}

static bool read_pair(struct parameters *parameters, const enum parameter_id *takes,
                      struct slice name, struct slice value, struct err *err) {
    char decoded[256];
    if (!query_decode(name, decoded, sizeof decoded)) {
        return err_set(err, ERR_BAD_REQUEST,
                       "the name of a parameter is too long or badly encoded");
    }
    enum parameter_id id = find(takes, decoded);
    return id ? read_value(parameters, id, value, err) : refuse_unknown(takes, decoded, err);
}

bool parameters_read_query(struct parameters *parameters, const enum parameter_id *takes,
                           const char *query, struct err *err) {
    struct slice name;
    struct slice value;
    while (query_next(&query, &name, &value)) {
        if (!read_pair(parameters, takes, name, value, err)) return false;
    }
    for (; *takes; takes++) {
        const struct parameter *parameter = &parameter_table[*takes];
        struct parameter_value *missing = &parameters->values[*takes];
        if (missing->is_given || !parameter->fallback) continue;
        if (!parameter_parse(parameter, parameter->fallback, missing, err)) return false;
    }
    return true;
}
