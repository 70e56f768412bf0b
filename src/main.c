/*
 * pgcoco: takes COCO files over HTTP into PostgreSQL. Behind nginx as a FastCGI responder, or one
 * request as plain CGI.
 */
#include <fcgiapp.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "config.h"
#include "import/server_path.h"
#include "listener.h"
#include "options.h"
#include "serve.h"
#include "store/maintenance.h"

enum {
    EXIT_USAGE = 2
};

static int collect(const struct options *options) {
    struct maintenance_done done;
    struct err err;
    if (!maintenance_run(options->conninfo, options->grace_s, options->wait_s, &done, &err)) {
        fprintf(stderr, "pgcoco: %s %s\n", err.message, err.detail);
        return EXIT_FAILURE;
    }
    printf("%u analyzed, %u dropped, %u postponed%s\n", done.analyzed, done.dropped, done.postponed,
           done.elsewhere ? "; another process is collecting" : "");
    return EXIT_SUCCESS;
}

/* *directory is -1 when none is asked for. */
static bool open_import_directory(const struct options *options, int *directory) {
    struct err err;
    *directory = -1;
    if (!options->import_dir) return true;
    *directory = server_directory_open(options->import_dir, &err);
    if (*directory >= 0) return true;
    fprintf(stderr, "pgcoco: --import-dir %s: %s: %s\n", options->import_dir, err.message,
            err.detail);
    return false;
}

/* What reads bodies from outside must not be able to gain what it was started without. */
static bool give_up_privileges(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) return true;
    perror("pgcoco: PR_SET_NO_NEW_PRIVS");
    return false;
}

static int serve(const struct options *options) {
    int import_dir;
    if (!give_up_privileges() || !open_import_directory(options, &import_dir)) return EXIT_FAILURE;
    signal(SIGPIPE, SIG_IGN);
    /* 64 threads must not mean 64 arenas, and what a large element needed goes back at once. */
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    if (FCGX_Init() != 0) {
        fputs("pgcoco: libfcgi cannot be set up\n", stderr);
        return EXIT_FAILURE;
    }
    if (options->socket) {
        struct err err;
        int listener = listener_open(options->socket, options->backlog, &err);
        if (listener >= 0) return serve_fastcgi(options, listener, import_dir);
        fprintf(stderr, "pgcoco: %s\n", err.message);
        return EXIT_FAILURE;
    }
    if (!FCGX_IsCGI()) return serve_fastcgi(options, 0, import_dir);
    if (getenv("REQUEST_METHOD")) return serve_cgi(options, import_dir);
    fputs("pgcoco: file descriptor 0 is no listening socket and REQUEST_METHOD is not set;\n"
          "        say --socket PATH, or see --help\n",
          stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    struct options options;
    if (!options_parse(&options, argc, argv)) return EXIT_USAGE;
    switch (options.command) {
    case COMMAND_HELP:
        fputs(options_help, stdout);
        return EXIT_SUCCESS;
    case COMMAND_VERSION:
        puts(PACKAGE_STRING);
        return EXIT_SUCCESS;
    case COMMAND_GC:
        return collect(&options);
    default:
        return serve(&options);
    }
}
