/* pgcoco gc: analyzes new leaves and drops replaced ones. */
#include <stdio.h>

#include "cli/command.h"
#include "store/maintenance.h"

static int run(const struct options *options, int count, char **operands) {
    (void)count;
    (void)operands;
    struct maintenance_done done;
    struct err err;
    if (!maintenance_run(options->conninfo, &options->maintenance, options->wait_s, &done, &err)) {
        fprintf(stderr, "pgcoco: %s %s\n", err.message, err.detail);
        return STATUS_FAILED;
    }
    printf("%u analyzed, %u dropped, %u postponed, %u removed from the history%s\n", done.analyzed,
           done.dropped, done.postponed, done.forgotten,
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
        "Analyzes the leaves of new imports, drops the leaves that no run needs any more, and "
        "removes old imports from the history. The workers do the same after each import.",
    .example = "pgcoco gc --db dbname=coco",
    .options = groups,
    .run = run,
};
