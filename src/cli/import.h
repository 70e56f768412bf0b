/* Shared by the import commands: a connection, a watch, and the import of one file with
 * its report. */
#ifndef PGCOCO_CLI_IMPORT_H
#define PGCOCO_CLI_IMPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/input.h"
#include "cli/watch.h"
#include "import/import.h"
#include "import/token.h"
#include "options.h"
#include "store/db.h"

struct importer {
    const char *command; /* "import run", for messages about its options */
    const struct options *options;
    struct import_conditions conditions;
    char token[TOKEN_MAX + 1];
    struct watch watch;
    struct db db;
    struct work work; /* of the current file */
    FILE *outcomes;   /* NULL: standard output */
    bool is_watched;
    bool is_connected;
    bool has_begun;     /* an import may have left something to analyze or collect */
    enum err_code code; /* error of the last import; ERR_NONE if it succeeded */
};

/* Reads the options, starts the watch and connects. command: the subcommand's name. Returns
 * STATUS_DONE, or another exit status after printing a message. Call importer_close in any case. */
int importer_open(struct importer *importer, const char *command, const struct options *options);

/* Imports one file and reports the outcome. target: dataset, run and what else the caller knows;
 * the rest is filled in. Returns false if the import was refused or interrupted. quiet_about: an
 * error that is not reported; ERR_NONE: report all. The caller closes the input. */
bool importer_import(struct importer *importer, struct import_target *target, struct input *input,
                     enum err_code quiet_about);

/* Reports an error that came before the import of a file began. */
void importer_refuse(const struct importer *importer, const char *label, const struct err *err);

/* Collects once if there may be something to collect, and releases everything. status: the exit
 * status so far. Returns the final exit status. */
int importer_close(struct importer *importer, int status);

#endif
