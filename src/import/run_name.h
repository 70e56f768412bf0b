/*
 * The rule for names of runs, and the names of runs that are given none. Names of datasets and
 * splits follow the same rule. PostgreSQL checks it again (coco.check_name).
 */
#ifndef PGCOCO_IMPORT_RUN_NAME_H
#define PGCOCO_IMPORT_RUN_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum {
    RUN_NAME_MAX = 63,
    RUN_NAME_ROOM = RUN_NAME_MAX + 1 /* bytes, with the NUL */
};

/* The rule in words, for messages: "1 to 63 letters, …". */
extern const char run_name_rule[];

/* The same as a regular expression. */
extern const char run_name_pattern[];

/* True if the name matches [A-Za-z0-9][A-Za-z0-9._-]{0,62}. */
bool run_name_is_allowed(const char *name);

/* Returns the length of the last ending of a results file in `name`, which has len bytes: .json,
 * .jsonl, .ndjson, .gz or .zst, in upper or lower case. 0 if it has none. */
size_t run_name_ending(const char *name, size_t len);

/* Makes a name from a file name or path as given by a browser, a shell or a request: the last part
 * without its endings (run_name_ending; any number), with dashes for characters that are not
 * allowed. `yolo/yolov8 (1).json.gz` becomes `yolov8-1`. into: RUN_NAME_ROOM bytes; gets an allowed
 * name, or "" if nothing is left, and the result is then false. */
bool run_name_from_file(const char *filename, char *into);

#endif
