/* Opens the listening socket. */
#ifndef PGCOCO_SERVE_LISTENER_H
#define PGCOCO_SERVE_LISTENER_H

#include "base/err.h"

/* Listens on a unix socket at `path`, for owner and group of this process. backlog: how many
 * connections may wait to be accepted. Replaces a socket that a process left behind, but not one on
 * which a process listens. Returns the descriptor, or -1 with *err filled. */
int listener_open(const char *path, unsigned backlog, struct err *err);

#endif
