/*
 * COPY … FROM STDIN in binary format: closed → open → closed. Bytes are gathered into blocks, which
 * a thread sends; a failure is sticky, so a row is written unchecked and the load asks once a row.
 * What was wrong is known only when the copy ends.
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
    COPY_BLOCK = SENDER_BLOCK
};

struct copy {
    struct db *db;
    struct sender sender;
    char *block; /* the one being filled, COPY_BLOCK bytes */
    size_t len;
    bool open;
    bool given_up; /* none of the rows shall stay */
};

/* Closed. While it is open, nobody else may use the connection. */
void copy_init(struct copy *copy, struct db *db);

/* relation: quoted by the database; columns: constant text; freeze: the table was made in this
 * transaction. */
bool copy_open(struct copy *copy, const char *relation, const char *columns, bool freeze,
               struct err *err);

/* Whether the backend or the connection has failed; copy_finish says how. */
bool copy_failed(const struct copy *copy);

/* Room for `len` <= COPY_BLOCK bytes in the block, which count as written. */
char *copy_reserve(struct copy *copy, size_t len);

/* Of the bytes reserved last, the last len were not needed. */
static inline void copy_give_back(struct copy *copy, size_t len) {
    copy->len -= len;
}

/* Any number of bytes. */
void copy_put(struct copy *copy, const void *bytes, size_t len);

/* Ends the copy, good or failed. True when the database took every row; *rows is how many. */
bool copy_finish(struct copy *copy, uint64_t *rows, struct err *err);

/* Ends a copy that is still open, so that none of its rows stays; nothing when none is open. */
void copy_abort(struct copy *copy);

#endif
