/*
 * A connection from the web server: one request comes, one answer goes, then it is closed. The
 * socket never blocks. Until a request is ready, channel_advance takes what has come, so one
 * thread may look after many connections; then one thread reads and writes, and waits where it has
 * to, no longer than the limits allow.
 */
#ifndef PGCOCO_HTTP_CHANNEL_H
#define PGCOCO_HTTP_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "http/fastcgi.h"
#include "http/rate.h"

enum {
    CHANNEL_PIECE = 16 * 1024, /* bytes that channel_advance reads at most */
    CHANNEL_SILENT = -2,       /* of channel_read */
    CHANNEL_LOOK_MS = 500,     /* how often one who waits looks at channel_is_brisk */
    CHANNEL_LINGER_MS = 1000   /* how long bytes of a body are dropped after its answer */
};

struct channel {
    int fd;
    const struct body_limits *limits; /* silence_s and min_rate apply to the answer, too */
    struct fastcgi records;
    bool has_params;
    bool body_ended;
    bool is_broken;     /* closed by the web server, aborted by it, or not FastCGI */
    struct buf body;    /* what came before a thread read */
    size_t body_taken;  /* bytes of it that channel_read has given */
    char *input;        /* read buffer of channel_read; NULL until it is needed */
    struct slice rest;  /* of the input, not looked at yet */
    struct buf output;  /* short records that are not sent yet */
    bool output_failed; /* the web server is gone, or the client reads too slowly */
    struct rate rate;   /* of the answer; its short window also of the body */
    /* What to answer and not the request; ERR_NONE: nothing. Such an answer waits for nobody. */
    enum err_code refused;
    /* While the request holds something that others may wait for: whether its client must be
     * brisk (http/rate) now, or go. NULL: it may take its time. */
    bool (*must_hurry)(void *self);
    void *self;
};

/* Takes over the socket `fd`, which must not block. limits must outlive the connection. */
void channel_open(struct channel *channel, int fd, const struct body_limits *limits);

/* Closes the socket and frees the memory. */
void channel_close(struct channel *channel);

/* Takes at most CHANNEL_PIECE bytes that have come, without waiting. scratch: room for as many;
 * used during the call only. Returns how many, which is 0 if nothing has come or the connection
 * is_broken. */
size_t channel_advance(struct channel *channel, char *scratch);

/* Returns how many bytes of memory hold what has come, without *channel itself. */
size_t channel_memory(const struct channel *channel);

/* Returns a parameter of the request; NULL if there is none. */
const char *channel_variable(const struct channel *channel, const char *name);

/* Reads up to `room` bytes of the body. Returns 0 at its end, CHANNEL_SILENT if none has come
 * for wait_ms milliseconds, and -1 if the connection is_broken. */
ssize_t channel_read(struct channel *channel, char *into, size_t room, int wait_ms);

/* Sends bytes of the answer, or keeps them if they are few. False if the client cannot be reached,
 * or reads too slowly. */
bool channel_write(struct channel *channel, const char *bytes, size_t len);

/* Sends what is left and the end of the answer. False like channel_write. */
bool channel_finish(struct channel *channel);

/* Ends a short answer without waiting, and frees what has come. True if the web server may be
 * sending still: it needs channel_ignore for CHANNEL_LINGER_MS, or may lose the answer. */
bool channel_part(struct channel *channel);

/* Drops what has come since channel_part, at most CHANNEL_PIECE bytes. scratch: as in
 * channel_advance. False if the web server has closed the connection. */
bool channel_ignore(struct channel *channel, char *scratch);

/* Breaks off the answer in a way that the web server notices. Waits for nobody. */
void channel_abort(struct channel *channel);

/* Adds bytes of the body or the answer, and the time that their client was waited for; also while
 * nothing comes (len 0). False if the client is slow while others wait for what its request
 * holds. */
bool channel_is_brisk(struct channel *channel, int64_t waited_ms, size_t len);

/* True if the web server has closed the connection, because its client has gone, or has sent
 * ABORT_REQUEST. A web server that has only shut down its side for sending still gets its answer.
 * Does not wait. */
bool channel_is_gone(struct channel *channel);

#endif
