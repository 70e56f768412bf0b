/*
 * Files of the server that a request may name: those below one directory (--import-dir), which is
 * opened at the start. The kernel (openat2) makes sure that no path leads out of it.
 */
#ifndef PGCOCO_IMPORT_SERVER_PATH_H
#define PGCOCO_IMPORT_SERVER_PATH_H

#include <stdbool.h>

#include "base/err.h"

/* Opens the directory itself; close() it. -1 with *err filled: its detail is the reason. */
int server_directory_open(const char *path, struct err *err);

/* What a path below it leads to: a file or a directory, open for reading. */
struct server_path {
    int fd; /* the caller's to close */
    bool is_directory;
};

/* Opens a regular file or a directory, and nothing else, without waiting. directory: where the path
 * begins, and which it cannot leave. ERR_UNKNOWN_FILE; ERR_FORBIDDEN for a path that would leave
 * the directory, follows a symbolic link, or ends at something else. Neither tells what exists
 * outside. */
bool server_path_open(struct server_path *path, int directory, const char *name, struct err *err);

#endif
