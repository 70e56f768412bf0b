/*
 * Files of the server that a request may name: those below one directory (--import-dir,
 * --image-root), which is opened at the start. The kernel (openat2) ensures that no path leads out
 * of it.
 */
#ifndef PGCOCO_IMPORT_SERVER_PATH_H
#define PGCOCO_IMPORT_SERVER_PATH_H

#include <stdbool.h>

#include "base/err.h"

/* Opens such a directory. Returns a descriptor that the caller closes; -1 with *err filled,
 * whose `detail` has the reason. */
int server_directory_open(const char *path, struct err *err);

/* A file or a directory, open for reading. */
struct server_path {
    int fd; /* the caller closes it */
    bool is_directory;
};

/* Opens a regular file or a directory, and nothing else, without blocking: of anything else only
 * the kind is looked at, so the writer of a FIFO goes on waiting. name: a path relative to
 * `directory`, which it cannot leave. ERR_UNKNOWN_FILE if there is none; ERR_FORBIDDEN if the path
 * would leave the directory, contains a symbolic link, or is something else. Neither tells what
 * exists outside. */
bool server_path_open(struct server_path *path, int directory, const char *name, struct err *err);

/* True if a regular file has this path below `directory`. Opens nothing. */
bool server_path_has_file(int directory, const char *name);

#endif
