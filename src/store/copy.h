/*
 * COPY … FROM STDIN in binary format: closed → open → closed. Bytes are collected in blocks, which
 * a thread sends (store/sender). A failure is sticky: write a row unchecked and ask once a row.
 * Which failure it was is known only when the copy ends.
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
    bool given_up; /* the database must keep none of the rows */
};

/* The copy is closed at first. While it is open, nothing else may use the connection. */
void copy_init(struct copy *copy, struct db *db);

/* relation: quoted by the database. columns: constant text. freeze: use it only for a table that
 * was created in this transaction. */
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

/* Ends the copy, whether it has failed or not. True when the database took all rows; *rows is their
 * number. */
bool copy_finish(struct copy *copy, uint64_t *rows, struct err *err);

/* Ends a copy that is open so that the database keeps none of its rows. Does nothing when none is
 * open. */
void copy_abort(struct copy *copy);

#endif
