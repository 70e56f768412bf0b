/* The process: threads that accept requests, one that tidies up after them, an orderly end. */
#ifndef PGCOCO_SERVE_H
#define PGCOCO_SERVE_H

#include "options.h"

/* Serves FastCGI on a listening socket until SIGTERM or SIGINT. Returns the exit status. */
int serve_fastcgi(const struct options *options, int listener);

/* Answers the one request in the environment and on standard input. */
int serve_cgi(const struct options *options);

#endif
