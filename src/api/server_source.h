/*
 * An upload that is no upload: its body names a file or a directory of the server's own (import_request), which is
 * opened here, in the place of what a body would bring.
 */
#ifndef PGCOCO_API_SERVER_SOURCE_H
#define PGCOCO_API_SERVER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/import_request.h"
#include "api/service.h"
#include "http/body.h"
#include "import/directory.h"
#include "import/server_path.h"

struct server_source {
    struct import_request asked;
    struct server_path path;
    struct server_file file;
    struct directory directory;
    bool has_file; /* which of the two is open */
    bool has_directory;
};

/* Reads the beginning of the body, which is all of it or this is no request, and opens what it names. *found is
 * false when it is a file of results itself. Errors: import_request_read, server_path_open, directory_open;
 * ERR_FORBIDDEN where there is no import directory, ERR_BAD_REQUEST for a file where the format is one of
 * directories, or the other way round. source: all zero; server_source_close is due in any case. */
bool server_source_open(struct server_source *source, const struct service *service,
                        const struct body *body, bool *found, struct err *err);
void server_source_close(struct server_source *source);

/* The name of the run: `run`, which stays if it is not empty, or what the body says, or the directory's files;
 * or that of the path. run: room bytes, as many as the body's name has. ERR_BAD_REQUEST when two of them differ. */
bool server_source_name_run(struct server_source *source, char *run, size_t room, struct err *err);

#endif
