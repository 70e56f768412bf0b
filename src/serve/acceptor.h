/*
 * Takes connections from the listening socket, for all threads of the process, until it is told to
 * stop. Several processes may share the socket.
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
    bool is_shared; /* with processes that take the connections which this one leaves */
    atomic_bool is_ending;
    int stop; /* eventfd; readable once no more connections are to be taken */
    pthread_mutex_t turn;
    atomic_uint failures; /* how often in a row accept() has failed */
};

/* Prepares *acceptor, which must live as long as the threads that use it, and makes the listener
 * non-blocking. is_shared: other processes have the listener, too, or will have it.
 * False when descriptor `listener` is not a listening socket. */
bool acceptor_open(struct acceptor *acceptor, int listener, bool is_shared, struct err *err);

/* Waits for the next request and reads its head into *fcgx, which FCGX_InitRequest has prepared
 * with the listener and FCGI_FAIL_ACCEPT_ON_INTR. False when no more are to be taken. */
bool acceptor_next(struct acceptor *acceptor, FCGX_Request *fcgx);

/* Makes acceptor_next return false in all threads. Requests that were taken go on. Connections that
 * wait at a shared listener are left to other processes; at one of this process alone they are
 * still taken, and new ones are refused. */
void acceptor_stop(struct acceptor *acceptor);

#endif
