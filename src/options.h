/*
 * The options of the command line. Each is declared once, in a group; a subcommand takes the groups
 * that it needs. Parser and help use the same declarations.
 */
#ifndef PGCOCO_OPTIONS_H
#define PGCOCO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "http/body.h"
#include "store/maintenance.h"
#include "json/tokens.h"

enum {
    OPTION_TEXTS_MAX = 32
};

/* The values of an option that may be given several times. */
struct option_texts {
    unsigned count;
    const char *texts[OPTION_TEXTS_MAX];
};

/* The values of all options of all subcommands. */
struct options {
    bool help;
    const char *conninfo;   /* NULL: libpq's environment variables */
    const char *socket;     /* NULL: file descriptor 0, or plain CGI */
    const char *import_dir; /* NULL: requests cannot name files of the server */
    const char *image_root; /* NULL: pictures cannot be in a directory of the server */
    unsigned backlog;
    bool respawn;
    char *const *arguments; /* all of the subcommand; ends with NULL */
    unsigned threads;
    unsigned waiting; /* connections whose requests are not ready */
    unsigned long_connections;
    unsigned short_connections;
    unsigned evaluation_connections;
    size_t evaluation_cache;     /* bytes */
    unsigned evaluation_threads; /* of one evaluation */
    size_t evaluation_rows;      /* more are evaluated in parts; 0: no limit */
    unsigned drain_s;            /* time for running requests to end */
    struct maintenance_settings maintenance;
    unsigned wait_s;          /* gc: time for another process to end its collection */
    bool markdown;            /* openapi */
    bool dry_run;             /* migrate, import */
    unsigned lock_timeout_ms; /* migrate */
    unsigned lock_wait_s;
    struct body_limits body;
    unsigned max_duration_s; /* of an upload; 0: no limit */
    struct json_limits json;
    bool quiet; /* import, export */
    /* export */
    const char *output; /* NULL: standard output */
    bool gzip;
    /* import */
    bool as_json; /* print the outcome as JSON */
    bool no_gc;
    bool create;
    bool if_missing;
    bool renumber;
    bool force;
    bool add;
    const char *max_skipped;
    const char *token;
    const char *split;
    const char *name;
    const char *format;
    const char *match;
    int32_t category_offset;
    /* evaluate; NULL: the default */
    const char *ground_truth;
    const char *iou_type;
    const char *iou_thresholds;
    const char *max_dets;
    const char *areas;
    const char *categories;
    const char *slice;
    const char *sigmas;
    const char *iou;
    const char *confidence;
    bool no_exact;
    bool csv;
    bool errors;
    bool interval;
    struct option_texts fail_under;
    /* compare */
    unsigned resamples;
    unsigned seed;
    const char *fail_if_worse; /* a metric; NULL: none */
};

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_TEXTS,    /* struct option_texts */
    OPTION_UNSIGNED, /* unsigned */
    OPTION_SIGNED,   /* int32_t, from -max to max */
    OPTION_SIZE,     /* size_t, may end with K, M or G */
    OPTION_BYTES     /* uint64_t, may end with K, M or G */
};

/* One option. The value lies `at` bytes into struct options; options_init sets the default. */
struct option_spec {
    const char *name;     /* without dashes; NULL ends a group */
    char letter;          /* a short form, or 0 */
    const char *argument; /* name of the value in the help; NULL for a flag */
    enum option_kind kind;
    size_t at;
    uint64_t min;
    uint64_t max;
    const char *help; /* for numbers, the default is appended */
};

extern const struct option_spec options_database[];
extern const struct option_spec options_json[];
extern const struct option_spec options_body[];
extern const struct option_spec options_serve[];
extern const struct option_spec options_evaluation[]; /* for commands that evaluate */
extern const struct option_spec options_collect[];    /* for commands that collect */
extern const struct option_spec options_gc[];
extern const struct option_spec options_migrate[];
extern const struct option_spec options_openapi[];
extern const struct option_spec options_progress[]; /* for commands that take long */
extern const struct option_spec options_export[];
extern const struct option_spec options_compare[];
extern const struct option_spec options_import[];  /* for both imports */
extern const struct option_spec options_dataset[]; /* for import dataset */
extern const struct option_spec options_run[];     /* for import run */
extern const struct option_spec options_evaluate[];

/* Sets the defaults. */
void options_init(struct options *options);

/* Parses argv[1..argc-1] with the groups (ends with NULL) and --help. Operands move to the end of
 * argv; *operands is the index of the first. command: its name, for messages. Returns false after a
 * message on standard error if the command line is wrong. */
bool options_parse(struct options *options, const struct option_spec *const *groups,
                   const char *command, int argc, char **argv, int *operands);

/* Prints the options of the groups with their defaults, wrapped to 80 columns. */
void options_print(const struct option_spec *const *groups, FILE *out);

/* Prints words in lines of at most 80 columns, each indented by `indent` columns. The first line
 * continues at column `at`. */
void options_print_wrapped(const char *words, unsigned at, unsigned indent, FILE *out);

#endif
