/*
 * The options of the command line. Every option is declared once, in a group; a subcommand takes
 * the groups that it needs. Parsing and help both read the declarations.
 */
#ifndef PGCOCO_OPTIONS_H
#define PGCOCO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "http/body.h"
#include "json/tokens.h"

/* The values of all options of all subcommands. */
struct options {
    bool help;
    const char *conninfo;   /* NULL: libpq's environment */
    const char *socket;     /* NULL: file descriptor 0, or plain CGI */
    const char *import_dir; /* NULL: requests name no files of the server */
    unsigned backlog;
    unsigned threads;
    unsigned long_connections;
    unsigned short_connections;
    unsigned drain_s; /* how long running requests may take to end */
    unsigned grace_s; /* see struct maintenance_settings */
    unsigned keep_s;
    unsigned history_days;
    unsigned history_rows;
    unsigned wait_s;
    bool dry_run;             /* migrate, import */
    unsigned lock_timeout_ms; /* migrate */
    unsigned lock_wait_s;
    struct body_limits body;
    struct json_limits json;
    bool quiet; /* import, export */
    /* export */
    const char *output; /* NULL: standard output */
    bool gzip;
    /* import */
    bool as_json; /* the outcome as a document */
    bool no_gc;
    bool create;
    bool if_missing;
    const char *max_skipped;
    const char *token;
    const char *split;
    const char *name;
    const char *format;
    const char *match;
    int32_t category_offset;
};

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_UNSIGNED, /* unsigned */
    OPTION_SIGNED,   /* int32_t, from -max to max */
    OPTION_SIZE,     /* size_t, with K, M or G behind it */
    OPTION_BYTES     /* uint64_t, with K, M or G behind it */
};

/* One option. Its value lies `at` bytes into struct options; the default is in options_init. */
struct option_spec {
    const char *name;     /* without dashes; NULL ends a group */
    char letter;          /* a short form, or 0 */
    const char *argument; /* what the help calls the value; NULL for a flag */
    enum option_kind kind;
    size_t at;
    uint64_t min;
    uint64_t max;
    const char *help; /* the help adds the default of a number */
};

extern const struct option_spec options_database[];
extern const struct option_spec options_json[];
extern const struct option_spec options_body[];
extern const struct option_spec options_serve[];
extern const struct option_spec options_collect[]; /* of whatever collects */
extern const struct option_spec options_gc[];
extern const struct option_spec options_migrate[];
extern const struct option_spec options_progress[]; /* of what takes long */
extern const struct option_spec options_export[];
extern const struct option_spec options_import[];  /* of both imports */
extern const struct option_spec options_dataset[]; /* of import dataset */
extern const struct option_spec options_run[];     /* of import run */

/* Sets the defaults. */
void options_init(struct options *options);

/* Parses argv[1..argc-1] by the groups, which NULL ends; --help belongs to every subcommand.
 * Operands move to the end of argv: *operands is the index of the first. command: its words, for
 * messages. False, with a message on standard error, when the command line is wrong. */
bool options_parse(struct options *options, const struct option_spec *const *groups,
                   const char *command, int argc, char **argv, int *operands);

/* Prints the options of the groups with their defaults, wrapped to 80 columns. */
void options_print(const struct option_spec *const *groups, FILE *out);

/* Prints words, each line indented by `indent` columns and at most 80 columns wide. The first line
 * continues at column `at`. */
void options_print_wrapped(const char *words, unsigned at, unsigned indent, FILE *out);

#endif
