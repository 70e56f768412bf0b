/* What bodies of requests may be, as clients are told. */
#ifndef PGCOCO_API_BODIES_H
#define PGCOCO_API_BODIES_H

#include <stdbool.h>

enum {
    BODY_CONTENTS = 4
};

struct body_content {
    const char *type;   /* content type */
    const char *schema; /* a name in the files of schemas/; NULL: bytes */
};

struct request_body {
    const char *description;
    struct body_content contents[BODY_CONTENTS + 1]; /* ends with NULL */
    bool is_file;                                    /* is imported */
    const char *example;                             /* options of curl */
};

extern const struct request_body body_dataset;
extern const struct request_body body_new_dataset;
extern const struct request_body body_run;
extern const struct request_body body_predictions;
extern const struct request_body body_page;
extern const struct request_body body_slice;
extern const struct request_body body_addition;
extern const struct request_body body_pictures;
extern const struct request_body body_change_dataset;
extern const struct request_body body_change_run;

#endif
