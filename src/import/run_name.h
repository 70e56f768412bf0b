/*
 * What a run may be called, and what it is called when nobody says so. Names of datasets and splits
 * follow the same rule. PostgreSQL checks it again (coco.check_name).
 */
#ifndef PGCOCO_IMPORT_RUN_NAME_H
#define PGCOCO_IMPORT_RUN_NAME_H

#include <stdbool.h>

enum {
    RUN_NAME_MAX = 63,
    RUN_NAME_ROOM = RUN_NAME_MAX + 1
};

/* What a file that gives no name is called: of results, of ground truth. */
extern const char run_name_fallback[];
extern const char run_name_dataset_fallback[];

/* The rule for a message: "1 to 63 letters, …". */
extern const char run_name_rule[];

/* Whether it is [A-Za-z0-9][A-Za-z0-9._-]{0,62}. */
bool run_name_is_allowed(const char *name);

/* Makes a name of a file's name or path, as a browser, a shell or a request gives it: the last part
 * without its endings (.json, .jsonl, .ndjson, .gz, .zst, any number of them in any case), other
 * characters than the allowed ones as dashes. `yolo/yolov8 (1).json.gz` becomes `yolov8-1`.
 * into: RUN_NAME_ROOM bytes; an allowed name in any case. */
void run_name_from_file(const char *filename, const char *fallback, char *into);

#endif
