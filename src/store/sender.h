/*
 * A thread that sends blocks to the database while the caller fills the next ones, so that parsing
 * does not wait for the backend, nor the backend for a body that comes in bursts. While it runs, it
 * owns the connection.
 *
 *     sender_start, then sender_block, sender_send, sender_block, sender_send …, sender_stop
 *
 * The caller announces a read that may block (sender_wait). If nothing comes for a while, the
 * thread calls idle(), because the caller is stuck in its read.
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
    SENDER_BLOCKS = 16, /* a few milliseconds of rows, longer than a thread waits for its turn */
    SENDER_IDLE_MS = 250
};

struct sender {
    struct pg_conn *conn;
    char *memory; /* SENDER_BLOCKS blocks */
    size_t lens[SENDER_BLOCKS];
    unsigned made; /* blocks handed over since the start */
    unsigned sent; /* blocks sent since the start */
    bool ending;
    bool running;
    bool waiting; /* the caller is in a read that may block */
    bool idling;  /* idle() is running */
    bool idled;   /* idle() has run in this wait */
    void (*idle)(void *self);
    void *self;
    atomic_bool failed; /* further blocks are dropped */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
};

/* Starts with a connection in COPY IN state. self is passed to idle (see sender_wait). ERR_BUSY if
 * there is no memory or no thread; sender_stop need not be called then. */
bool sender_start(struct sender *sender, struct pg_conn *conn, void (*idle)(void *self), void *self,
                  struct err *err);

/* Returns a block of SENDER_BLOCK bytes to fill; waits until one is free. */
char *sender_block(struct sender *sender);

/* Hands over the block from sender_block, with len bytes in it. */
void sender_send(struct sender *sender, size_t len);

/* Call around a read that may block; in between, the caller must not touch anything that idle()
 * uses. If everything is sent and nothing comes for SENDER_IDLE_MS, the thread calls idle() once,
 * which may use the connection. sender_go_on waits for the end of such a call and returns true if
 * there was one. */
void sender_wait(struct sender *sender);
bool sender_go_on(struct sender *sender);

/* Waits until everything is sent. The caller may use the connection until it sends the
 * next block. */
void sender_drain(struct sender *sender);

/* Marks the connection as failed after the caller used it; nothing more is sent. */
void sender_fail(struct sender *sender);

/* Waits until everything is sent, ends the thread and gives the connection back. False if the
 * backend or the connection has failed. True if the sender is not running. */
bool sender_stop(struct sender *sender);

#endif
