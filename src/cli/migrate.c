/* pgcoco migrate: brings the schema of a database to that of this program. */
#include "store/migrate.h"

#include <stdio.h>

#include "cli/command.h"
#include "store/schema.h"

static void print_line(void *self, const char *text) {
    (void)self;
    puts(text);
}

static int run(const struct options *options, int count, char **operands) {
    (void)count;
    (void)operands;
    struct db db;
    struct err err;
    struct migrate migrate = {
        .db = &db,
        .dry_run = options->dry_run,
        .lock_timeout_ms = options->lock_timeout_ms,
        .wait_s = options->lock_wait_s,
        .print = print_line,
    };
    bool good = db_connect(&db, options->conninfo, &err);
    if (good) {
        good = migrate_run(&migrate, &err);
        db_close(&db);
    }
    if (!good) {
        fprintf(stderr, "pgcoco migrate: %s %s\n", err.message, err.detail);
        return STATUS_FAILED;
    }
    if (!migrate.has_changed) {
        printf("%snothing to do: the schema has version %d\n", options->dry_run ? "-- " : "",
               schema_version());
    }
    return STATUS_DONE;
}

static const struct option_spec *const groups[] = {options_database, options_migrate, NULL};

const struct command command_migrate = {
    .name = "migrate",
    .operands = "",
    .summary = "create the schema in a database, or bring it up to date",
    .description =
        "Applies the migrations that a database lacks, each in a transaction, and replaces "
        "functions, views and grants that differ from those of this program. Does nothing if "
        "nothing is missing. Connects as the role pgcoco and as no other; the role comes from "
        "roles.sql, which a superuser applies once.",
    .example = "pgcoco migrate --db 'dbname=coco user=pgcoco'",
    .options = groups,
    .run = run,
};
