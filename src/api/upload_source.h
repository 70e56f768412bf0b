/*
 * The source of the files of an upload: the body itself, the parts of a form, or a file or
 * directory of the server that the body names. All three give one file after the other.
 */
#ifndef PGCOCO_API_UPLOAD_SOURCE_H
#define PGCOCO_API_UPLOAD_SOURCE_H

#include <stdbool.h>

#include "api/form.h"
#include "api/server_source.h"
#include "api/service.h"
#include "api/upload_runs.h"
#include "base/decoder.h"
#include "base/err.h"
#include "base/reader.h"
#include "http/body.h"
#include "import/directory.h"

enum {
    UPLOAD_NAME_ROOM = 128 /* longer than names may be, so that the database reports those */
};

/* The names of an upload; "" if not known yet. */
struct upload_names {
    char dataset[UPLOAD_NAME_ROOM];
    char run[UPLOAD_NAME_ROOM]; /* stays "" if runs are named after their files */
    char split[UPLOAD_NAME_ROOM];
};

/* What the files of an upload may be, and where they may come from. */
struct upload_kind {
    bool is_run;        /* a run; otherwise a ground truth */
    bool takes_several; /* each file of a form becomes a run */
    bool takes_path;    /* the body may name a file of the server */
    bool creates_only;  /* refuses a dataset that exists */
    bool adds;          /* adds to a dataset that exists */
    /* When the answer leads to the page of the import. */
    enum {
        PAGE_NEVER,
        PAGE_FOR_BROWSERS,
        PAGE_ALWAYS
    } page;
};

struct upload_file {
    const char *filename;        /* from the client or the server; "": the body itself */
    const char *run;             /* name of its run; NULL: a ground truth */
    const struct reader *reader; /* decompressed bytes; NULL if it is a directory */
    struct directory *directory; /* otherwise NULL */
    const uint64_t *received;    /* bytes read so far, as sent, or as they lie on the server */
};

struct upload_source {
    /* Sets filename, and reader or directory. False if there are no more files. */
    bool (*next)(struct upload_source *source, struct upload_file *file);
    const struct body *body;
    const struct reader *bytes; /* the body, Content-Encoding decoded */
    struct decoder transfer;    /* decodes the Content-Encoding */
    struct decoder file;        /* decodes a compressed file */
    struct decoder plain;       /* refuses one that is compressed twice */
    bool body_is_taken;
    struct form form;
    struct server_source server;
    bool is_run;
    struct upload_runs runs;
};

/* Finds out what the body is and reads up to its first file. The body must have been prefetched.
 * Names that are "" are filled in from fields of the form, or from the request for a file of the
 * server. source: all zero. body and names must outlive it. Errors: those of form_open,
 * server_source_open and upload_runs_add. Call upload_source_close in any case. */
bool upload_source_open(struct upload_source *source, const struct service *service,
                        const struct upload_kind *kind, const struct body *body,
                        struct upload_names *names, struct err *err);
void upload_source_close(struct upload_source *source);

/* Gives the next file; false if there are no more. The file before must have been read to its end;
 * its reader has then checked what follows. *file is valid until the next call, file->run as long
 * as the source. */
bool upload_source_next(struct upload_source *source, struct upload_file *file);

#endif
