/*
 * COPY … FROM STDIN in binary format: closed → open → closed. Bytes are collected in blocks, which
 * a thread sends (store/sender). A failure is sticky: write a row unchecked and ask once a row.
 * Which failure it was is known only when the copy ends.
 *
 * An open COPY statement holds a snapshot, and no row that was deleted since can be collected in the
 * whole database. So the statement is ended when the source of the rows falls silent, and every ten
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
    char *block; /* the one being filled, COPY_BLOCK bytes */
    size_t len;
    uint64_t
        rows; /* that the database has taken, since copy_init: those of statements that ended */
    bool open;
    bool given_up;        /* the database must keep none of the rows */
    const char *relation; /* of the copy that is open, as given to copy_open */
    const char *columns;
    bool freeze;
    int64_t opened_ms;   /* when its present statement began */
    bool rest_failed;    /* a statement could not be ended, or begun, behind a wait */
    struct err rest_err; /* why not */
};

/* The copy is closed at first. While it is open, nothing else may use the connection. */
void copy_init(struct copy *copy, struct db *db);

/* relation: quoted by the database; it must outlive the copy. columns: constant text. freeze: use it
 * only for a table that was created in this transaction. */
bool copy_open(struct copy *copy, const char *relation, const char *columns, bool freeze,
               struct err *err);

/* Whether the backend or the connection has failed; copy_finish says how. */
bool copy_failed(const struct copy *copy);

/* Returns room for `len` bytes, at most COPY_BLOCK, which count as written: fill them. */
char *copy_reserve(struct copy *copy, size_t len);

/* Gives back the last `len` bytes of what copy_reserve returned last. */
static inline void copy_give_back(struct copy *copy, size_t len) {
    copy->len -= len;
}

/* Writes any number of bytes. */
void copy_put(struct copy *copy, const void *bytes, size_t len);

/* Around each read from the source of the rows, between two rows. The source may be silent for any
 * time. The copy is open afterwards if it was before. */
void copy_wait(struct copy *copy);
void copy_go_on(struct copy *copy);

/* Ends the copy, whether it has failed or not. True when the database took all rows, which
 * copy->rows counts. */
bool copy_finish(struct copy *copy, struct err *err);

/* Ends a copy that is open so that the database keeps none of its rows. Does nothing when none is
 * open. */
void copy_abort(struct copy *copy);

#endif
