/* Accepts connections on the listening socket, for one thread, until it is stopped. Several
 * processes may share the socket. */
#ifndef PGCOCO_SERVE_ACCEPTOR_H
#define PGCOCO_SERVE_ACCEPTOR_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"

enum {
    ACCEPTOR_NONE = -1,     /* nobody waits */
    ACCEPTOR_EXHAUSTED = -2 /* descriptors or memory are used up: try again a little later */
};

struct acceptor {
    int listener;
    bool is_shared; /* other processes take the connections that this one leaves */
    bool is_over;   /* no more may be accepted; of the accepting thread */
    atomic_bool is_ending;
    int stop;          /* eventfd; readable when no more connections may be accepted */
    int64_t failed_ms; /* clock_ms of the first failure in a row; 0: the last was none */
};

/* Prepares *acceptor and makes the listener non-blocking. is_shared: other processes have this
 * listener, or will. Fails if descriptor `listener` is not a listening socket. */
bool acceptor_open(struct acceptor *acceptor, int listener, bool is_shared, struct err *err);

/* Returns a connection that waits, a socket that does not block; ACCEPTOR_NONE, also when is_over;
 * or ACCEPTOR_EXHAUSTED. */
int acceptor_next(struct acceptor *acceptor);

/* Ends accepting; may be called from any thread. Connections waiting at a shared listener are left
 * to other processes. If only this process has it, waiting connections are still accepted, and new
 * ones are refused. */
void acceptor_stop(struct acceptor *acceptor);

#endif
