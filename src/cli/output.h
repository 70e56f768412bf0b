/*
 * Where a command writes a file: standard output, or FILE. FILE appears whole or not at all: the
 * bytes go to FILE.tmp, which gets its name when all is written.
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
    OUTPUT_BLOCK = 64 * 1024
};

struct output {
    const char *label;       /* for messages */
    const struct sink *sink; /* where to put the file */
    struct watch *watch;
    const char *path;
    char temporary[PATH_MAX]; /* FILE.tmp; "": nothing to rename */
    int fd;                   /* -1: not open */
    bool can_wait;
    uint64_t written;
    struct gzip_sink gzip;
    struct sink blocks;
    size_t len;
    char block[OUTPUT_BLOCK];
};

/* path: NULL or "-" for standard output; it must outlive *output, which must stay where it is.
 * The watch counts the bytes, and a signal ends a write to a pipe that nobody reads with
 * ERR_INTERRUPTED. ERR_INTERNAL when the file cannot be made. The caller closes it in any case. */
bool output_open(struct output *output, const char *path, bool gzip, struct watch *watch,
                 struct err *err);

/* Writes what is left and gives the file its name. */
bool output_finish(struct output *output, struct err *err);

/* Removes what was not finished. */
void output_close(struct output *output);

#endif
