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
#include <sys/stat.h>

#include "config.h"
#include "options.h"
#include "serve.h"
#include "store/maintenance.h"

enum { EXIT_USAGE = 2 };

static int collect(const struct options *options) {
    struct maintenance_done done;
    struct err err;
    if (!maintenance_run(options->conninfo, options->grace_s, &done, &err)) {
        fprintf(stderr, "pgcoco: %s %s\n", err.message, err.detail);
        return EXIT_FAILURE;
    }
    printf("%u analyzed, %u dropped, %u postponed\n", done.analyzed, done.dropped, done.postponed);
    return EXIT_SUCCESS;
}

static int open_socket(const struct options *options) {
    umask(0117); /* owner and group: the web server's group is let in by the folder's */
    int listener = FCGX_OpenSocket(options->socket, (int)options->backlog);
    if (listener < 0) fprintf(stderr, "pgcoco: cannot listen on %s\n", options->socket);
    return listener;
}

/* What reads bodies from outside must not be able to gain what it was started without. */
static bool give_up_privileges(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) return true;
    perror("pgcoco: PR_SET_NO_NEW_PRIVS");
    return false;
}

static int serve(const struct options *options) {
    if (!give_up_privileges()) return EXIT_FAILURE;
    signal(SIGPIPE, SIG_IGN);
    /* 64 threads must not mean 64 arenas, and what a large element needed goes back at once. */
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    if (FCGX_Init() != 0) {
        fputs("pgcoco: libfcgi cannot be set up\n", stderr);
        return EXIT_FAILURE;
    }
    if (options->socket) {
        int listener = open_socket(options);
        return listener < 0 ? EXIT_FAILURE : serve_fastcgi(options, listener);
    }
    if (!FCGX_IsCGI()) return serve_fastcgi(options, 0);
    if (getenv("REQUEST_METHOD")) return serve_cgi(options);
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
