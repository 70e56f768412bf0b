/* The command line: see options.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
    "pgcoco takes COCO files over HTTP into PostgreSQL.\n"
    "\n"
    "usage: pgcoco --socket PATH [OPTIONS]   serve FastCGI on a unix socket\n"
    "       pgcoco [OPTIONS]                 serve FastCGI on file descriptor 0 (spawn-fcgi), or\n"
    "                                        answer one request as plain CGI (REQUEST_METHOD is "
    "set)\n"
    "       pgcoco gc [OPTIONS]              analyze fresh leaves and drop replaced ones, then "
    "exit\n"
    "\n"
    "  --db CONNINFO            libpq connection string or URI; else PGHOST, PGSERVICE and so on\n"
    "  --socket PATH            where to listen; a socket left there is replaced\n"
    "  --backlog N              connections that may wait to be accepted (1024)\n"
    "  --threads N              requests read at the same time (64)\n"
    "  --long-connections N     imports and exports that use the database at the same time (4)\n"
    "  --short-connections N    reads that use the database at the same time (4)\n"
    "  --max-body BYTES         largest body or file, unpacked too, with K, M or G if you like; 0: "
    "no\n"
    "                           limit (0)\n"
    "  --max-element BYTES      largest element of an array in a file (16M)\n"
    "  --max-tokens N           JSON tokens of one element at the most (1000000)\n"
    "  --max-depth N            nesting of one element at the most (64)\n"
    "  --window BYTES           size the window over a body starts with (256K)\n"
    "  --body-timeout SECONDS   silence after which a body, or an export, is given up (30); nginx' "
    "own\n"
    "                           client_body_timeout, 60, comes first if it is shorter\n"
    "  --min-rate BYTES         bytes a second below which a body, or an export, is given up; 0: "
    "none\n"
    "                           (1024)\n"
    "  --import-dir DIR         where requests may name files to import; else they may not\n"
    "  --grace SECONDS          how long an import that seems abandoned is left alone (10)\n"
    "  --wait SECONDS           how long gc waits while another process collects (30)\n"
    "  --help, --version\n";

enum option_id {
    OPT_DB = 256,
    OPT_SOCKET,
    OPT_BACKLOG,
    OPT_THREADS,
    OPT_LONG,
    OPT_SHORT,
    OPT_MAX_BODY,
    OPT_MAX_ELEMENT,
    OPT_MAX_TOKENS,
    OPT_MAX_DEPTH,
    OPT_WINDOW,
    OPT_BODY_TIMEOUT,
    OPT_MIN_RATE,
    OPT_IMPORT_DIR,
    OPT_GRACE,
    OPT_WAIT,
    OPT_HELP,
    OPT_VERSION
};

static const struct option long_options[] = {
    {"db", required_argument, NULL, OPT_DB},
    {"socket", required_argument, NULL, OPT_SOCKET},
    {"backlog", required_argument, NULL, OPT_BACKLOG},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"long-connections", required_argument, NULL, OPT_LONG},
    {"short-connections", required_argument, NULL, OPT_SHORT},
    {"max-body", required_argument, NULL, OPT_MAX_BODY},
    {"max-element", required_argument, NULL, OPT_MAX_ELEMENT},
    {"max-tokens", required_argument, NULL, OPT_MAX_TOKENS},
    {"max-depth", required_argument, NULL, OPT_MAX_DEPTH},
    {"window", required_argument, NULL, OPT_WINDOW},
    {"body-timeout", required_argument, NULL, OPT_BODY_TIMEOUT},
    {"min-rate", required_argument, NULL, OPT_MIN_RATE},
    {"import-dir", required_argument, NULL, OPT_IMPORT_DIR},
    {"grace", required_argument, NULL, OPT_GRACE},
    {"wait", required_argument, NULL, OPT_WAIT},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static const char *name_of(int id) {
    for (const struct option *option = long_options; option->name; option++) {
        if (option->val == id) return option->name;
    }
    return "?";
}

/* A whole number from min to max, with K, M or G behind it for bytes. */
static bool parse_number(int id, uint64_t min, uint64_t max, uint64_t *out) {
    static const char units[] = "KMG";
    char *end;
    errno = 0;
    uint64_t value = strtoull(optarg, &end, 10);
    bool good = errno == 0 && optarg[0] >= '0' && optarg[0] <= '9';
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (unit) {
        for (int i = 0; i <= unit - units; i++) {
            good = good && value <= UINT64_MAX / 1024;
            value *= 1024;
        }
        end++;
    }
    if (good && *end == '\0' && value >= min && value <= max) {
        *out = value;
        return true;
    }
    fprintf(stderr, "pgcoco: --%s takes a number from %llu to %llu, not %s\n", name_of(id),
            (unsigned long long)min, (unsigned long long)max, optarg);
    return false;
}

static bool parse_unsigned(int id, unsigned min, unsigned max, unsigned *out) {
    uint64_t value;
    if (!parse_number(id, min, max, &value)) return false;
    *out = (unsigned)value;
    return true;
}

static bool parse_size(int id, size_t min, size_t max, size_t *out) {
    uint64_t value;
    if (!parse_number(id, min, max, &value)) return false;
    *out = (size_t)value;
    return true;
}

static bool take_option(struct options *o, int id) {
    const size_t element_max = (size_t)512 << 20; /* jsmn's offsets are int */
    switch (id) {
    case OPT_DB:
        o->conninfo = optarg;
        return true;
    case OPT_SOCKET:
        o->socket = optarg;
        return true;
    case OPT_BACKLOG:
        return parse_unsigned(id, 1, 65535, &o->backlog);
    case OPT_THREADS:
        return parse_unsigned(id, 1, 4096, &o->threads);
    case OPT_LONG:
        return parse_unsigned(id, 1, 256, &o->long_connections);
    case OPT_SHORT:
        return parse_unsigned(id, 1, 256, &o->short_connections);
    case OPT_MAX_BODY:
        return parse_number(id, 0, UINT64_MAX / 2, &o->body.max_bytes);
    case OPT_MAX_ELEMENT:
        return parse_size(id, 1, element_max, &o->json.max_element);
    case OPT_MAX_TOKENS:
        return parse_unsigned(id, 1, 100000000, &o->json.max_tokens);
    case OPT_MAX_DEPTH:
        return parse_unsigned(id, 1, 1000, &o->json.max_depth);
    case OPT_WINDOW:
        return parse_size(id, 1, element_max, &o->json.window);
    case OPT_BODY_TIMEOUT:
        return parse_unsigned(id, 1, 86400, &o->body.silence_s);
    case OPT_MIN_RATE:
        return parse_unsigned(id, 0, 1u << 30, &o->body.min_rate);
    case OPT_IMPORT_DIR:
        o->import_dir = optarg;
        return true;
    case OPT_GRACE:
        return parse_unsigned(id, 0, 86400, &o->grace_s);
    case OPT_WAIT:
        return parse_unsigned(id, 0, 86400, &o->wait_s);
    case OPT_HELP:
        o->command = COMMAND_HELP;
        return true;
    case OPT_VERSION:
        o->command = COMMAND_VERSION;
        return true;
    default:
        fputs("pgcoco: try --help\n", stderr);
        return false;
    }
}

static bool take_command(struct options *options, int argc, char **argv) {
    if (optind == argc) return true;
    if (optind + 1 == argc && strcmp(argv[optind], "gc") == 0) {
        if (options->command == COMMAND_SERVE) options->command = COMMAND_GC;
        return true;
    }
    int stray = strcmp(argv[optind], "gc") == 0 ? optind + 1 : optind;
    fprintf(stderr, "pgcoco: what is %s? Try --help\n", argv[stray]);
    return false;
}

bool options_parse(struct options *options, int argc, char **argv) {
    *options = (struct options){
        .backlog = 1024,
        .threads = 64,
        .long_connections = 4,
        .short_connections = 4,
        .grace_s = 10,
        .wait_s = 30,
        .body = {.max_bytes = 0, .silence_s = 30, .min_rate = 1024},
        .json = json_default_limits,
    };
    int id;
    while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (!take_option(options, id)) return false;
    }
    if (!take_command(options, argc, argv)) return false;
    if (options->json.window > options->json.max_element) {
        options->json.window = options->json.max_element;
    }
    return true;
}
