/*
 * Writes a file of a command to standard output or to FILE. FILE appears complete or not at all:
 * the bytes go to a new file beside it, which is renamed at the end. A symbolic link is followed:
 * the file that it names is replaced. A FILE that is not a regular file, such as a FIFO or
 * /dev/stdout, is written directly, because no file can replace it.
 */
#ifndef PGCOCO_CLI_OUTPUT_H
#define PGCOCO_CLI_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/gzip_sink.h"
#include "base/sink.h"
#include "cli/watch.h"

enum {
    OUTPUT_BLOCK = 64 * 1024, /* bytes */
    OUTPUT_ENDING = 7         /* characters that a temporary file's name adds */
};

struct output {
    const char *label;       /* for messages */
    const struct sink *sink; /* takes the bytes of the file */
    struct watch *watch;
    const char *path;
    char target[PATH_MAX];                    /* the file to replace */
    char temporary[PATH_MAX + OUTPUT_ENDING]; /* "" if there is nothing to rename */
    int fd;                                   /* -1: not open */
    bool can_wait;                            /* not a regular file: a write may block */
    uint64_t written;                         /* bytes */
    struct gzip_sink gzip;
    struct sink blocks;
    size_t len;
    char block[OUTPUT_BLOCK];
};

/* path: NULL or "-" for standard output; it must outlive *output, which must not move. The watch
 * counts the bytes and can end a blocked write with ERR_INTERRUPTED. ERR_INTERNAL if the file
 * cannot be created. Call output_close in any case. */
bool output_open(struct output *output, const char *path, bool gzip, struct watch *watch,
                 struct err *err);

/* Writes the rest and renames the file. */
bool output_finish(struct output *output, struct err *err);

/* Closes the file, and removes it if it was not finished. */
void output_close(struct output *output);

#endif
