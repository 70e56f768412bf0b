/* dry_run, max_skipped, category_offset, match: see conditions.h. */
#include "api/conditions.h"

#include <stdlib.h>
#include <string.h>

enum {
    OFFSET_MAX = 1000000,
    VALUE_ROOM = 16
};

/* One that is misspelt must not be ignored: dryrun=1 would replace a run. */
static bool check_known(const struct request *request, bool is_run, struct err *err) {
    static const char *const of_run[] = {"import", "dry_run",  "max_skipped", "category_offset",
                                         "match",  "run_name", NULL};
    static const char *const of_dataset[] = {"import", "dry_run", "max_skipped",
                                             "name",   "split",   NULL};
    if (request_has_only(request, is_run ? of_run : of_dataset)) return true;
    return err_set(err, ERR_BAD_REQUEST, "the parameters here are import, dry_run, max_skipped, %s",
                   is_run ? "category_offset, match and run_name" : "name and split");
}

static bool read_dry_run(const struct request *request, bool *dry_run, struct err *err) {
    char text[VALUE_ROOM];
    int found = request_parameter(request, "dry_run", text, sizeof text);
    *dry_run = found == 1 && strcmp(text, "1") == 0;
    if (found == 0 || *dry_run || (found == 1 && strcmp(text, "0") == 0)) return true;
    return err_set(err, ERR_BAD_REQUEST, "dry_run is 0 or 1");
}

static bool read_offset(const struct request *request, int32_t *category_offset, struct err *err) {
    char text[VALUE_ROOM];
    char *end = text;
    int found = request_parameter(request, "category_offset", text, sizeof text);
    long offset = found == 1 ? strtol(text, &end, 10) : 0;
    *category_offset = (int32_t)offset;
    if (found == 0) return true;
    if (end > text && *end == '\0' && offset >= -OFFSET_MAX && offset <= OFFSET_MAX) return true;
    return err_set(err, ERR_BAD_REQUEST, "category_offset is a whole number from -%d to %d",
                   OFFSET_MAX, OFFSET_MAX);
}

static bool read_match(const struct request *request, bool *match_name, struct err *err) {
    char text[VALUE_ROOM];
    int found = request_parameter(request, "match", text, sizeof text);
    *match_name = found == 1 && strcmp(text, "name") == 0;
    if (found == 0 || *match_name || (found == 1 && strcmp(text, "id") == 0)) return true;
    return err_set(err, ERR_BAD_REQUEST, "match is id or name");
}

static bool read_max_skipped(const struct request *request, struct skip_limit *limit,
                             struct err *err) {
    char text[VALUE_ROOM];
    int found = request_parameter(request, "max_skipped", text, sizeof text);
    if (found == 0 || (found == 1 && skip_limit_parse(text, limit))) return true;
    return err_set(err, ERR_BAD_REQUEST,
                   "max_skipped is a number of rows, or a part of them like 2.5%%");
}

bool conditions_read(const struct request *request, bool is_run,
                     struct import_conditions *conditions, struct err *err) {
    return check_known(request, is_run, err) && read_dry_run(request, &conditions->dry_run, err) &&
           read_offset(request, &conditions->category_offset, err) &&
           read_match(request, &conditions->match_name, err) &&
           read_max_skipped(request, &conditions->max_skipped, err);
}
