/*
 * The last three of the four transactions that make rows visible: attach, announce, publish
 * (doc/visibility.md). For imports and for matches, which differ in the functions that are called.
 */
#ifndef PGCOCO_STORE_PUBLICATION_H
#define PGCOCO_STORE_PUBLICATION_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/db.h"

/* Statements with the id of the leaf as their parameter. */
struct publication {
    const char *attach;
    const char *announce;
    const char *outcome; /* a document if the leaf is published, null if not */
};

extern const struct publication publication_of_import;

/* After the commit of the load: runs transactions 2 and 3, and begins the fourth. */
bool publication_attach(const struct publication *publication, struct db *db, const char *id,
                        struct err *err);

/* Commits the fourth. If the connection breaks meanwhile, asks on a new one whether the commit went
 * through: true if so, and *document is then replaced by what the database answers. */
bool publication_commit(const struct publication *publication, struct db *db, const char *id,
                        struct buf *document, struct err *err);

#endif
