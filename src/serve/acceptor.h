/*
 * Accepts connections on the listening socket for all threads of the process, until it is stopped.
 * Several processes may share the socket.
 */
#ifndef PGCOCO_SERVE_ACCEPTOR_H
#define PGCOCO_SERVE_ACCEPTOR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"

struct acceptor {
    int listener;
    bool is_shared; /* other processes take the connections that this one leaves */
    atomic_bool is_ending;
    int stop; /* eventfd; readable when no more connections may be accepted */
    pthread_mutex_t turn;
    atomic_uint failures; /* of accept(), in a row */
};

/* Prepares *acceptor, which must outlive the threads that use it, and makes the listener
 * non-blocking. is_shared: other processes have this listener, or will. Fails if descriptor
 * `listener` is not a listening socket. */
bool acceptor_open(struct acceptor *acceptor, int listener, bool is_shared, struct err *err);

/* Waits for the next connection and returns it, a socket that does not block. -1 when no more may be
 * accepted. */
int acceptor_next(struct acceptor *acceptor);

/* Makes acceptor_next return -1 in all threads; running requests go on. Connections waiting at a
 * shared listener are left to other processes. If only this process has it, waiting connections are
 * still accepted, and new ones are refused. */
void acceptor_stop(struct acceptor *acceptor);

#endif
