/* The process that serves: the thread of the gate, which waits for requests, threads that answer
 * them, one that maintains the database, and an orderly end. */
#ifndef PGCOCO_SERVE_SERVE_H
#define PGCOCO_SERVE_SERVE_H

#include "options.h"

/* Directories that options name, open; -1: none. */
struct directories {
    int import_dir;
    int image_root;
};

/* Serves FastCGI on a listening socket until SIGTERM, SIGINT or SIGUSR1, or until it cannot accept
 * connections any more. Then it accepts no more requests, lets running ones end within
 * options->drain_s, and ends the process. Returns the exit status only if it cannot start. */
int serve_fastcgi(const struct options *options, int listener,
                  const struct directories *directories);

/* Answers the one request in the environment and on standard input (CGI). Returns the
 * exit status. */
int serve_cgi(const struct options *options, const struct directories *directories);

#endif
