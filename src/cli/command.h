/* A subcommand: its words, its help, its options and the function that runs it. */
#ifndef PGCOCO_CLI_COMMAND_H
#define PGCOCO_CLI_COMMAND_H

#include "options.h"

/* What the program ends with. The help of every subcommand lists these. A subcommand that is ended
 * by INT or TERM returns 128 + the number of the signal, as a shell would. */
enum exit_status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2
};

struct command {
    const char *name;     /* one word or two: "gc", "import run" */
    const char *operands; /* for the line of usage: what comes behind the options; "" for none */
    const char *summary;  /* one line for the list of subcommands */
    const char *description;
    const char *example;                      /* whole command lines */
    const struct option_spec *const *options; /* groups of options; NULL ends them */
    int min_operands;
    int max_operands;
    /* Returns an exit status, and says on standard error why it is not STATUS_DONE. */
    int (*run)(const struct options *options, int count, char **operands);
};

extern const struct command command_export;
extern const struct command command_gc;
extern const struct command command_migrate;
extern const struct command command_import_dataset;
extern const struct command command_import_run;
extern const struct command command_serve;

#endif
