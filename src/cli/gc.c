/* pgcoco gc: analyzes and indexes new leaves, and drops replaced ones. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/report.h"
#include "store/maintenance.h"

/* Checks the schema before it collects, so that a database without it is named as such. */
static bool collect(const struct options *options, struct maintenance_done *done, struct err *err) {
    struct db db;
    if (!connection_open(&db, options->conninfo, err)) return false;
    db_close(&db);
    return maintenance_run(options->conninfo, &options->maintenance, options->wait_s, done, err);
}

static int run(const struct options *options, int count, char **operands) {
    (void)count;
    (void)operands;
    struct maintenance_done done;
    struct err err;
    if (!collect(options, &done, &err)) {
        report_error("database", &err, "");
        return STATUS_FAILED;
    }
    printf("%u analyzed, %u dropped, %u prepared, %u postponed, %u removed from the history%s\n",
           done.analyzed, done.dropped, done.prepared, done.postponed, done.forgotten,
           done.elsewhere ? "; another process is collecting" : "");
    return STATUS_DONE;
}

static const struct option_spec *const groups[] = {options_database, options_collect, options_gc,
                                                   NULL};

const struct command command_gc = {
    .name = "gc",
    .operands = "",
    .summary = "analyze new leaves and drop replaced ones",
    .description =
        "Analyzes the leaves of new imports, builds indexes of large ones, drops the leaves that "
        "no "
        "run needs any more, and removes old imports from the history. The workers do the same "
        "after each import.",
    .example = "pgcoco gc --db dbname=coco",
    .options = groups,
    .run = run,
};
