/* A subcommand: name, help, options and the function that runs it. */
#ifndef PGCOCO_CLI_COMMAND_H
#define PGCOCO_CLI_COMMAND_H

#include "options.h"

/* The exit statuses, which every subcommand's help lists. A subcommand that INT or TERM ends
 * returns 128 + the number of the signal, like a shell. */
enum exit_status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2
};

struct command {
    const char *name;     /* one or two words: "gc", "import run" */
    const char *operands; /* for the usage line, after the options; "" if there are none */
    const char *summary;  /* one line for the list of subcommands */
    const char *description;
    const char *example;                      /* complete command lines */
    const struct option_spec *const *options; /* groups of options; ends with NULL */
    int min_operands;
    int max_operands;
    /* Returns an exit status. If it is not STATUS_DONE, standard error says why. */
    int (*run)(const struct options *options, int count, char **operands);
};

extern const struct command command_evaluate;
extern const struct command command_compare;
extern const struct command command_export;
extern const struct command command_gc;
extern const struct command command_migrate;
extern const struct command command_openapi;
extern const struct command command_import_dataset;
extern const struct command command_import_run;
extern const struct command command_serve;

#endif
