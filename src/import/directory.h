/*
 * Reads a directory of JSON files one by one, in the order of their names (strcmp), each as one
 * value. Memory holds the names (at most a million, 64 MiB together) and one file.
 */
#ifndef PGCOCO_IMPORT_DIRECTORY_H
#define PGCOCO_IMPORT_DIRECTORY_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text_source.h"
#include "coco/skip.h"
#include "json/document.h"
#include "json/tokens.h"

enum {
    DIRECTORY_FILES_MAX = 1000000,
    DIRECTORY_NAMES_MAX = 64 * 1024 * 1024
};

struct directory {
    DIR *dir;
    struct buf names; /* all names, each with its NUL */
    const char **sorted;
    size_t count;
    size_t next;        /* index of the next file */
    uint64_t max_bytes; /* limit for all files together; 0: no limit */
    uint64_t bytes;     /* read so far */
    struct json_limits limits;
    struct buf text; /* of the current file */
    struct text_source source;
    struct document document;
    bool document_is_open;
};

/* A file as a JSON value, or the reason why it is not one. Valid until the next file is read. */
struct directory_file {
    const char *name;
    bool is_json;
    struct json_value value;
    struct skip skip; /* set if !is_json: invalid_file */
};

/* Takes ownership of fd, a directory open for reading, and lists the files that end in .json.
 * max_bytes: limit for all files together; 0: none. ERR_WRONG_SHAPE if there are no files,
 * ERR_BODY_TOO_LARGE if there are too many. Call directory_close in any case. */
bool directory_open(struct directory *directory, int fd, const struct json_limits *limits,
                    uint64_t max_bytes, struct err *err);
void directory_close(struct directory *directory);

/* Reads the next file; *more is false at the end. A malformed file is not a failure (file->is_json
 * is false). Returns false if reading fails. */
bool directory_next_file(struct directory *directory, struct directory_file *file, bool *more,
                         struct err *err);

/* Starts again at the first file. */
void directory_rewind(struct directory *directory);

#endif
