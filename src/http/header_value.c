/* Parses values of header fields: see header_value.h. */
#include "http/header_value.h"

#include <string.h>
#include <strings.h>

/* CR and LF count, too, because a header may be folded over several lines (RFC 5322
 * section 2.2.3). */
static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void span_skip_blanks(struct span *s) {
    while (s->p < s->end && is_blank(*s->p)) s->p++;
}

static bool is_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

struct span span_take_until(struct span *s, const char *stops) {
    const char *start = s->p;
    while (s->p < s->end && !is_blank(*s->p) && !is_one_of(*s->p, stops)) s->p++;
    return (struct span){start, s->p};
}

bool span_is_word(struct span s, const char *word) {
    size_t len = (size_t)(s.end - s.p);
    return len == strlen(word) && strncasecmp(s.p, word, len) == 0;
}

/* Browsers do not escape backslashes (C:\data\x.json); other clients escape quotes and backslashes.
 * So a backslash is an escape only before one of these two. */
static bool is_quoted_pair(struct span s) {
    return s.end - s.p >= 2 && s.p[0] == '\\' && (s.p[1] == '"' || s.p[1] == '\\');
}

static bool take_value(struct span *s, struct header_param *param) {
    param->quoted = s->p < s->end && *s->p == '"';
    if (!param->quoted) {
        param->value = span_take_until(s, ";");
        return true;
    }
    param->value.p = ++s->p;
    while (s->p < s->end && *s->p != '"') s->p += is_quoted_pair(*s) ? 2 : 1;
    if (s->p == s->end) return false; /* no closing quote */
    param->value.end = s->p++;
    return true;
}

bool header_next_param(struct span *s, struct header_param *param, bool *found) {
    *found = false;
    span_skip_blanks(s);
    if (s->p == s->end) return true;
    if (*s->p++ != ';') return false;
    span_skip_blanks(s);
    if (s->p == s->end) return true;
    param->name = span_take_until(s, "=;\"");
    span_skip_blanks(s);
    if (s->p == s->end || *s->p++ != '=') return false;
    span_skip_blanks(s);
    *found = true;
    return take_value(s, param);
}

bool header_copy_value(const struct header_param *param, char *into, size_t room) {
    struct span s = param->value;
    size_t len = 0;
    while (s.p < s.end) {
        if (param->quoted && is_quoted_pair(s)) s.p++;
        unsigned char c = (unsigned char)*s.p++;
        if (c < 0x20 || c == 0x7f || len + 1 >= room) return false;
        into[len++] = (char)c;
    }
    into[len] = '\0';
    return true;
}
