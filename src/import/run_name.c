/* Makes and checks names of runs: see run_name.h. */
#include "import/run_name.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/slice.h"

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

const char run_name_rule[] = "1 to 63 letters, digits, dots, dashes and underscores, beginning "
                             "with a letter or a digit";
const char run_name_pattern[] = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";

/* Not isalnum(), which depends on the locale. */
static bool may_begin(char c) {
    return c != '\0' && strchr(LETTERS_AND_DIGITS, c);
}

bool run_name_is_allowed(const char *name) {
    size_t len = strspn(name, LETTERS_AND_DIGITS "._-");
    return may_begin(name[0]) && name[len] == '\0' && len <= RUN_NAME_MAX;
}

/* Returns the last part of a path. Some browsers send a path, and a path may end with slashes. */
static struct slice last_part(const char *path) {
    size_t end = strlen(path);
    while (end > 0 && (path[end - 1] == '/' || path[end - 1] == '\\')) end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/' && path[start - 1] != '\\') start--;
    return (struct slice){path + start, end - start};
}

size_t run_name_ending(const char *name, size_t len) {
    static const char *const endings[] = {".json", ".jsonl", ".ndjson", ".gz", ".zst"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (len < ending) continue;
        if (strncasecmp(name + len - ending, endings[i], ending) == 0) return ending;
    }
    return 0;
}

static struct slice without_endings(struct slice name) {
    size_t ending;
    while ((ending = run_name_ending(name.data, name.len)) > 0) name.len -= ending;
    return name;
}

bool run_name_from_file(const char *filename, char *into) {
    struct slice name = without_endings(last_part(filename));
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < RUN_NAME_MAX; i++) {
        char c = name.data[i];
        if (may_begin(c) || (len > 0 && (c == '.' || c == '_'))) {
            into[len++] = c;
        } else if (len > 0 && into[len - 1] != '-') {
            into[len++] = '-';
        }
    }
    while (len > 0 && (into[len - 1] == '-' || into[len - 1] == '.')) len--;
    into[len] = '\0';
    return len > 0;
}
