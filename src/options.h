/* The command line. */
#ifndef PGCOCO_OPTIONS_H
#define PGCOCO_OPTIONS_H

#include <stdbool.h>

#include "http/body.h"
#include "json/tokens.h"

enum command {
    COMMAND_SERVE,
    COMMAND_GC,
    COMMAND_HELP,
    COMMAND_VERSION
};

struct options {
    enum command command;
    const char *socket;     /* NULL: file descriptor 0, or plain CGI */
    const char *conninfo;   /* NULL: libpq's environment */
    const char *import_dir; /* NULL: requests name no files of the server */
    unsigned backlog;
    unsigned threads;
    unsigned long_connections;
    unsigned short_connections;
    unsigned grace_s;
    unsigned wait_s; /* gc: for its turn */
    struct body_limits body;
    struct json_limits json;
};

/* False with a message on standard error when the command line is not understood. */
bool options_parse(struct options *options, int argc, char **argv);

/* What --help prints. */
extern const char options_help[];

#endif
