/*
 * A thread that sends blocks to the database while the next ones are made: parsing does not stand
 * still when the backend is busy, nor the backend when a body comes in bursts. While it runs the
 * connection is its own.
 *
 *     sender_start, then sender_block, sender_send, sender_block, sender_send …, sender_stop
 *
 * Where the caller has to wait for bytes that come from elsewhere, it says so. When nothing comes for
 * a while, the thread tells it: the caller itself is stuck in its read.
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
    SENDER_BLOCKS = 16, /* a few milliseconds of rows: more than the scheduler lets one wait */
    SENDER_IDLE_MS = 250
};

struct sender {
    struct pg_conn *conn;
    char *memory; /* SENDER_BLOCKS blocks */
    size_t lens[SENDER_BLOCKS];
    unsigned made; /* blocks handed over, and sent, since the start */
    unsigned sent;
    bool ending;
    bool running;
    bool waiting; /* the caller waits for bytes from elsewhere */
    bool idling;  /* idle is being called */
    bool idled;   /* idle has been called in this wait */
    void (*idle)(void *self);
    void *self;
    atomic_bool failed; /* what is handed over is thrown away from then on */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
};

/* Begins with a connection in COPY IN state. ERR_BUSY when there is no memory or thread; the sender
 * is then as if it had never been. idle is called with self, see sender_wait. */
bool sender_start(struct sender *sender, struct pg_conn *conn, void (*idle)(void *self), void *self,
                  struct err *err);

/* A block of SENDER_BLOCK bytes to fill; waits for one that has been sent. */
char *sender_block(struct sender *sender);

/* Hands over the block that sender_block gave, with len bytes in it. */
void sender_send(struct sender *sender, size_t len);

/* Around a wait for bytes from elsewhere, during which the caller touches nothing that idle uses.
 * When everything is sent and nothing comes for SENDER_IDLE_MS, the thread calls idle, once, which
 * may use the connection. sender_go_on waits for the end of such a call, and returns whether there
 * was one. */
void sender_wait(struct sender *sender);
bool sender_go_on(struct sender *sender);

/* Waits until everything is sent. Until the next block, the caller may use the connection. */
void sender_drain(struct sender *sender);

/* What the caller has done with the connection has failed: nothing more is sent. */
void sender_fail(struct sender *sender);

/* Waits until everything is sent, ends the thread, and gives the connection back. False when the
 * backend or the connection has failed. Not running: true. */
bool sender_stop(struct sender *sender);

#endif
