/* The process: threads that accept requests, one that tidies up after them, an orderly end. */
#ifndef PGCOCO_SERVE_H
#define PGCOCO_SERVE_H

#include "options.h"

/* Serves FastCGI on a listening socket until SIGTERM or SIGINT. import_dir: options->import_dir, open; -1: none.
 * Returns the exit status. */
int serve_fastcgi(const struct options *options, int listener, int import_dir);

/* Answers the one request in the environment and on standard input. */
int serve_cgi(const struct options *options, int import_dir);

#endif
