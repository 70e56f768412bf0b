/* pgcoco openapi: prints what the service tells about itself. */
#include "api/openapi.h"

#include <stdio.h>

#include "api/tables.h"
#include "cli/command.h"

enum {
    OPENAPI_MAX = 16 * 1024 * 1024 /* bytes */
};

static int run(const struct options *options, int count, char **operands) {
    (void)count;
    (void)operands;
    struct buf text;
    buf_init(&text, OPENAPI_MAX);
    if (options->markdown) {
        tables_write(&text);
    } else {
        openapi_write(&text);
        buf_put_char(&text, '\n');
    }
    bool good = !text.failed;
    if (good) {
        fwrite(text.data, 1, text.len, stdout);
    } else {
        fputs("pgcoco openapi: out of memory\n", stderr);
    }
    buf_free(&text);
    return good ? STATUS_DONE : STATUS_FAILED;
}

static const struct option_spec *const groups[] = {options_openapi, NULL};

const struct command command_openapi = {
    .name = "openapi",
    .operands = "",
    .summary = "print the description of the HTTP interface",
    .description =
        "Prints what GET /openapi.json answers: the routes, their parameters and answers as an "
        "OpenAPI 3.1 document. Needs no database.",
    .example = "pgcoco openapi >openapi.json",
    .options = groups,
    .run = run,
};
