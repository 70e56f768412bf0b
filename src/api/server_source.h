/*
 * A file or a directory of the server that the body names (import_request) instead of being a file.
 */
#ifndef PGCOCO_API_SERVER_SOURCE_H
#define PGCOCO_API_SERVER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/import_request.h"
#include "api/service.h"
#include "base/buf.h"
#include "base/file_source.h"
#include "http/body.h"
#include "import/directory.h"
#include "import/server_path.h"

struct server_source {
    struct import_request asked;
    struct server_path path;
    struct file_source file;
    struct directory directory;
    struct buf name; /* what the directory's files say that they are */
    bool has_file;   /* which of the two is open */
    bool has_directory;
    bool is_taken;
};

/* Reads the prefetched beginning of the body: it is a request only if it is all of the body. Opens
 * what the request names. *found is false when the body is a file of results itself. source: all
 * zero; server_source_close must be called in any case. Errors: import_request_read,
 * server_path_open, directory_open; ERR_FORBIDDEN without an import directory, ERR_BAD_REQUEST when
 * the format asks for a file and there is a directory, or the other way round. */
bool server_source_open(struct server_source *source, const struct service *service,
                        const struct body *body, bool *found, struct err *err);
void server_source_close(struct server_source *source);

/* Copies the run's name from the request into `run`, room bytes, if it has one. ERR_BAD_REQUEST
 * when `run` is another name. If nobody names the run, asks the files of a directory. */
bool server_source_name_run(struct server_source *source, char *run, size_t room, struct err *err);

/* What a run without a name is called after: what the directory's files say, or the path. */
const char *server_source_filename(struct server_source *source);

/* True the first time: there is one file, or one directory. */
bool server_source_next(struct server_source *source);

#endif
