/* From a loaded leaf to the rows that readers see: see publication.h. */
#include "store/publication.h"

const struct publication publication_of_import = {
    .attach = "select coco.import_attach($1)",
    .announce = "select coco.import_announce($1)",
    .outcome = "select coco.import_is_published($1)",
};

bool publication_attach(const struct publication *publication, struct db *db, const char *id,
                        struct err *err) {
    const char *params[] = {id};
    return db_begin(db, err) && db_execute(db, publication->attach, 1, params, err) &&
           db_commit(db, err) && db_begin(db, err) &&
           db_execute(db, publication->announce, 1, params, err) && db_commit(db, err) &&
           db_begin(db, err);
}

bool publication_commit(const struct publication *publication, struct db *db, const char *id,
                        struct buf *document, struct err *err) {
    if (db_commit(db, err)) return true;
    struct err commit_err = *err;
    const char *params[] = {id};
    buf_reset(document);
    if (commit_err.code == ERR_DATABASE_AWAY && db_reconnect(db, err) &&
        db_document(db, publication->outcome, 1, params, document, err) && document->len > 0) {
        return true;
    }
    *err = commit_err;
    return false;
}
