/*
 * COPY … FROM STDIN in binary format: closed → open → closed. Bytes are collected in blocks
 * that a thread sends (store/sender). A failure is sticky: write each row unchecked, then call
 * copy_failed(). The cause is known only when the copy ends.
 *
 * An open COPY statement holds a snapshot, which keeps deleted rows in the whole database from
 * being vacuumed. So the statement is ended when the source of the rows is silent, and every ten
 * seconds, and another one goes on in the same transaction.
 */
#ifndef PGCOCO_STORE_COPY_H
#define PGCOCO_STORE_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/db.h"
#include "store/sender.h"

enum {
    COPY_BLOCK = SENDER_BLOCK,
    COPY_LONGEST_MS = 10 * 1000
};

struct copy {
    struct db *db;
    struct sender sender;
    char *block; /* the block being filled, COPY_BLOCK bytes */
    size_t len;
    uint64_t rows; /* counted by PostgreSQL since copy_init, in statements that have ended */
    bool open;
    const char *relation; /* the arguments of copy_open */
    const char *columns;
    bool freeze;
    int64_t opened_ms;   /* start of the current statement (clock_ms) */
    bool rest_failed;    /* ending or starting a statement in a wait has failed */
    struct err rest_err; /* the cause */
};

/* Starts closed. While a copy is open, nothing else may use the connection. */
void copy_init(struct copy *copy, struct db *db);

/* Opens a copy. relation: a quoted name; columns: constant text; both must outlive the copy.
 * freeze: only for a table that was created in this transaction. */
bool copy_open(struct copy *copy, const char *relation, const char *columns, bool freeze,
               struct err *err);

/* True if the backend or the connection has failed; copy_finish tells the cause. */
bool copy_failed(const struct copy *copy);

/* Returns room for `len` bytes, at most COPY_BLOCK, which the caller fills. */
char *copy_reserve(struct copy *copy, size_t len);

/* Gives back the last `len` bytes of the last copy_reserve. */
static inline void copy_give_back(struct copy *copy, size_t len) {
    copy->len -= len;
}

/* Appends any number of bytes. */
void copy_put(struct copy *copy, const void *bytes, size_t len);

/* Call around each read from the source of the rows, between two rows; the read may block for any
 * time. The copy is open afterwards if it was open before. */
void copy_wait(struct copy *copy);
void copy_go_on(struct copy *copy);

/* Ends the copy, even if it has failed. True if the database took all rows; copy->rows
 * counts them. */
bool copy_finish(struct copy *copy, struct err *err);

/* Ends an open copy, like copy_finish, for a caller that rolls back then, which drops the rows. A
 * COPY statement that is made to fail instead leaves an ERROR in the log of the database. Sends what
 * is buffered, at most SENDER_BLOCKS blocks, because a statement can end between two rows only. Does
 * nothing if none is open. */
void copy_abort(struct copy *copy);

#endif
