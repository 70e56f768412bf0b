/* A file or a directory of the server, which the body names (import_request). */
#ifndef PGCOCO_API_SERVER_SOURCE_H
#define PGCOCO_API_SERVER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/import_request.h"
#include "api/service.h"
#include "base/buf.h"
#include "base/file_source.h"
#include "http/body.h"
#include "import/directory.h"
#include "import/server_path.h"

struct server_source {
    struct import_request asked; /* the request in the body */
    struct server_path path;
    struct file_source file;
    struct directory directory;
    struct buf name; /* run name from the files of the directory */
    bool has_file;   /* which one is open */
    bool has_directory;
    bool is_taken; /* server_source_next has given it */
};

/* Reads the prefetched start of the body, which is a request only if it is the whole body, and
 * opens the file that it names. *found is false if the body is a results file itself. source: all
 * zero. Errors: those of import_request_read, server_path_open and directory_open; ERR_FORBIDDEN
 * without an import directory; ERR_BAD_REQUEST if the format needs a file and the path is a
 * directory, or the other way round. Call server_source_close in any case. */
bool server_source_open(struct server_source *source, const struct service *service,
                        const struct body *body, bool *found, struct err *err);
void server_source_close(struct server_source *source);

/* Copies the run name of the request, if it has one, into `run` (room bytes). ERR_BAD_REQUEST if
 * `run` has another name. If there is no name at all, looks for one in the files of the
 * directory. */
bool server_source_name_run(struct server_source *source, char *run, size_t room, struct err *err);

/* Returns what to name a run after: the name from the files of the directory, or the path. */
const char *server_source_filename(struct server_source *source);

/* True on the first call, because there is only one file or directory. */
bool server_source_next(struct server_source *source);

#endif
