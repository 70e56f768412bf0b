/*
 * A thread that sends blocks to the database while the next ones are made: parsing does not stand
 * still when the backend is busy, nor the backend when a body comes in bursts. While it runs the
 * connection is its own.
 *
 *     sender_start, then sender_block, sender_send, sender_block, sender_send …, sender_stop
 */
#ifndef PGCOCO_STORE_SENDER_H
#define PGCOCO_STORE_SENDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
    SENDER_BLOCK = 64 * 1024,
    SENDER_BLOCKS = 16 /* a few milliseconds of rows: more than the scheduler lets one wait */
};

struct sender {
    struct pg_conn *conn;
    char *memory; /* SENDER_BLOCKS blocks */
    size_t lens[SENDER_BLOCKS];
    unsigned made; /* blocks handed over, and sent, since the start */
    unsigned sent;
    bool ending;
    bool running;
    atomic_bool failed; /* what is handed over is thrown away from then on */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
};

/* Begins with a connection in COPY IN state. ERR_BUSY when there is no memory or thread; the sender
 * is then as if it had never been. */
bool sender_start(struct sender *sender, struct pg_conn *conn, struct err *err);

/* A block of SENDER_BLOCK bytes to fill; waits for one that has been sent. */
char *sender_block(struct sender *sender);

/* Hands over the block that sender_block gave, with len bytes in it. */
void sender_send(struct sender *sender, size_t len);

/* Waits until everything is sent, ends the thread, and gives the connection back. False when the
 * backend or the connection has failed. Not running: true. */
bool sender_stop(struct sender *sender);

#endif
