/*
 * Writes a file of a command to standard output or to FILE. FILE appears complete or not at all:
 * the bytes go to FILE.tmp, which is renamed at the end.
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
    OUTPUT_BLOCK = 64 * 1024 /* bytes */
};

struct output {
    const char *label;       /* for messages */
    const struct sink *sink; /* takes the bytes of the file */
    struct watch *watch;
    const char *path;
    char temporary[PATH_MAX]; /* FILE.tmp; "" if there is nothing to rename */
    int fd;                   /* -1: not open */
    bool can_wait;            /* not a regular file: a write may block */
    uint64_t written;         /* bytes */
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
