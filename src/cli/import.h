/* What the import commands share: a connection, a watch, and the import of one file with its
 * report. */
#ifndef PGCOCO_CLI_IMPORT_H
#define PGCOCO_CLI_IMPORT_H

#include <stdbool.h>

#include "cli/input.h"
#include "cli/watch.h"
#include "import/import.h"
#include "import/token.h"
#include "options.h"
#include "store/db.h"

enum {
    DOCUMENT_MAX = 64 * 1024 * 1024
};

struct importer {
    const struct options *options;
    struct import_conditions conditions;
    char token[TOKEN_MAX + 1];
    struct watch watch;
    struct db db;
    bool is_watched;
    bool is_connected;
    bool has_begun;     /* an import got as far as to leave something to analyze or to collect */
    enum err_code code; /* of the last import that failed */
};

/* Understands the options, starts the watch and connects. Returns STATUS_DONE, or another exit
 * status after a message. The caller ends with importer_close in any case. */
int importer_open(struct importer *importer, const struct options *options);

/* Imports one file and reports. target: dataset, run and so on; what the importer knows is filled
 * in. False when it was refused or interrupted; quiet_about: an error that is not reported,
 * ERR_NONE for none. The input stays the caller's. */
bool importer_import(struct importer *importer, struct import_target *target, struct input *input,
                     enum err_code quiet_about);

/* Reports an error of a file that did not get as far. */
void importer_refuse(const struct importer *importer, const char *label, const struct err *err);

/* Collects once if there is something to collect, and releases everything. status: the exit
 * status so far; returns the final one. */
int importer_close(struct importer *importer, int status);

#endif
