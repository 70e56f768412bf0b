/* Imports that the server copies: see copies.h and sql/functions/copies.sql. */
#include "import/copies.h"

#include <stdio.h>

#include "base/clock.h"
#include "store/publication.h"
#include "store/rows.h"

enum {
    ID_ROOM = 24
};

/* Transaction 1. */
static bool load(struct db *db, const struct copies *copies, char id[ID_ROOM], struct err *err) {
    struct rows rows;
    progress_enter(copies->target.progress, PROGRESS_COPY);
    if (!db_begin(db, err)) return false;
    bool good = rows_query(&rows, db, copies->begin, copies->count, copies->params, err);
    if (good) snprintf(id, ID_ROOM, "%s", rows_text(&rows, 0, 0));
    rows_free(&rows);
    return good && progress_go_on(copies->target.progress, err) && db_commit(db, err);
}

static bool publish(struct db *db, const struct copies *copies, const char *id,
                    struct buf *document, struct err *err) {
    const char *params[] = {id, copies->argument};
    return db_document(db, copies->publish, copies->argument ? 2 : 1, params, document, err) &&
           progress_go_on(copies->target.progress, err) &&
           publication_commit(&publication_of_import, db, id, document, err);
}

static bool make(struct db *db, const struct copies *copies, char id[ID_ROOM], struct buf *document,
                 struct err *err) {
    if (!load(db, copies, id, err)) return false;
    progress_enter(copies->target.progress, PROGRESS_PUBLISH);
    return publication_attach(&publication_of_import, db, id, err) &&
           publish(db, copies, id, document, err);
}

bool copies_make(struct db *db, const struct copies *copies, struct import_outcome *outcome,
                 struct err *err) {
    char id[ID_ROOM] = "";
    int64_t begun_ms = clock_ms();
    db->progress = copies->target.progress;
    bool good = make(db, copies, id, &outcome->document, err);
    db->progress = NULL; /* the roll-back must not be cancelled */
    outcome->duration_ms = (uint64_t)(clock_ms() - begun_ms);
    if (good) return true;
    db_rollback(db);
    buf_reset(&outcome->document);
    snprintf(outcome->import_id, sizeof outcome->import_id, "%s", id);
    return false;
}
