/*
 * Accepts connections on the listening socket for all threads of the process, until it is stopped.
 * Several processes may share the socket.
 */
#ifndef PGCOCO_SERVE_ACCEPTOR_H
#define PGCOCO_SERVE_ACCEPTOR_H

#include <fcgiapp.h>
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

/* Waits for the next request and reads its head into *fcgx, which must come from FCGX_InitRequest
 * with the listener and FCGI_FAIL_ACCEPT_ON_INTR. False when no more may be accepted. */
bool acceptor_next(struct acceptor *acceptor, FCGX_Request *fcgx);

/* Makes acceptor_next return false in all threads; running requests go on. Connections waiting at a
 * shared listener are left to other processes. If only this process has it, waiting connections are
 * still accepted, and new ones are refused. */
void acceptor_stop(struct acceptor *acceptor);

#endif
