/* The listening socket: made anew from a path, or taken over as an open descriptor. */
#ifndef PGCOCO_SERVE_LISTENER_H
#define PGCOCO_SERVE_LISTENER_H

#include "base/err.h"

/* Listens on a unix socket at path, for the owner and group of this process. backlog is how many
 * connections may wait to be accepted.
 * Replaces a socket that a process left behind, but not one on which a process still listens.
 * Returns the descriptor, or -1 with *err filled. */
int listener_open(const char *path, unsigned backlog, struct err *err);

#endif
