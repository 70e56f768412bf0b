/*
 * Where the files of an upload come from: the body itself, the parts of a form, or a file or
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
    UPLOAD_NAME_ROOM = 128 /* more than a name may have: the database says what is wrong with it */
};

/* What is imported as what; "" as long as it is not known. */
struct upload_names {
    char dataset[UPLOAD_NAME_ROOM];
    char run[UPLOAD_NAME_ROOM]; /* stays "" where runs are named after their files */
    char split[UPLOAD_NAME_ROOM];
};

/* What the files of an upload may be, and where they may come from. */
struct upload_kind {
    bool is_run;        /* else a ground truth */
    bool takes_several; /* the files of a form become a run each */
    bool takes_path;    /* the body may name a file of the server */
    bool creates_only;  /* a ground truth that exists is refused */
    /* Whether the answer leads to the page of the import. */
    enum {
        PAGE_NEVER,
        PAGE_FOR_BROWSERS,
        PAGE_ALWAYS
    } page;
};

struct upload_file {
    const char *filename;        /* as its client or the server calls it; "": the body itself */
    const char *run;             /* what it becomes; NULL: a ground truth */
    const struct reader *reader; /* its bytes, unpacked; NULL: it is a directory */
    struct directory *directory; /* else NULL */
};

struct upload_source {
    /* Sets filename, and reader or directory. False when there is no other file. */
    bool (*next)(struct upload_source *source, struct upload_file *file);
    const struct body *body;
    const struct reader *bytes; /* the body without its Content-Encoding */
    struct decoder transfer;    /* of the Content-Encoding */
    struct decoder file;        /* of a file that is compressed itself */
    bool body_is_taken;
    struct form form;
    struct server_source server;
    bool is_run;
    struct upload_runs runs;
};

/* Finds out what the body is and reads up to its first file. The body has been prefetched. Names
 * that are "" are filled where a field of the form, or the request for a file of the server, gives
 * them. source: all zero. body and names must outlive it; upload_source_close must be called in any
 * case. Errors: form_open, server_source_open, upload_runs_add. */
bool upload_source_open(struct upload_source *source, const struct service *service,
                        const struct upload_kind *kind, const struct body *body,
                        struct upload_names *names, struct err *err);
void upload_source_close(struct upload_source *source);

/* The next file. The one before must have been read to its end: if the rest of the body is not in
 * order, its reader said so. False when there is none. *file is valid until the next call, but run
 * as long as the source. */
bool upload_source_next(struct upload_source *source, struct upload_file *file);

#endif
