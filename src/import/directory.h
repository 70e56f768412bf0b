/*
 * A directory of JSON files, read one after the other in the order of their names (strcmp), each as
 * one value. It keeps the names in memory (at most a million of them, 64 MiB together) and one file.
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
    struct buf names; /* one behind the other, each with its NUL */
    const char **sorted;
    size_t count;
    size_t next;        /* of the files */
    uint64_t max_bytes; /* of all files together; 0: no limit */
    uint64_t bytes;     /* read since the beginning */
    struct json_limits limits;
    struct buf text; /* of the present file */
    struct text_source source;
    struct document document;
    bool document_is_open;
};

/* A file as a value, or why it is none. Both are valid until the next is read. */
struct directory_file {
    const char *name;
    bool is_json;
    struct json_value value;
    struct skip skip; /* invalid_file */
};

/* Takes over fd, a directory open for reading, and lists what ends in .json and is no directory.
 * ERR_WRONG_SHAPE when there is nothing, ERR_BODY_TOO_LARGE when there is too much. Call
 * directory_close in any case. */
bool directory_open(struct directory *directory, int fd, const struct json_limits *limits,
                    uint64_t max_bytes, struct err *err);
void directory_close(struct directory *directory);

/* The next file; *more is false when there is none. False when reading has failed, not when the file
 * is bad. */
bool directory_next_file(struct directory *directory, struct directory_file *file, bool *more,
                         struct err *err);

/* Begins anew with the first file. */
void directory_rewind(struct directory *directory);

#endif
