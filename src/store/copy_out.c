/* Copies rows out of the database: see copy_out.h. */
#include "store/copy_out.h"

#include "store/libpq.h"

bool copy_out_open(struct copy_out *copy, struct db *db, const char *command, struct err *err) {
    *copy = (struct copy_out){.db = db};
    PGresult *result = PQexec(db->conn, command);
    copy->open = PQresultStatus(result) == PGRES_COPY_OUT;
    if (!copy->open) db_error(db, result, err);
    PQclear(result);
    return copy->open;
}

/* Reads the result after the last message: the statement may have failed. */
static bool finish(struct copy_out *copy, struct err *err) {
    copy->open = false;
    PGresult *result = PQgetResult(copy->db->conn);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!good) db_error(copy->db, result, err);
    while (result) {
        PQclear(result);
        result = PQgetResult(copy->db->conn);
    }
    return good && (copy->frames.ended ||
                    err_set(err, ERR_INTERNAL, "the rows of the database ended without a trailer"));
}

static bool next_message(struct copy_out *copy, struct slice *message, bool *more,
                         struct err *err) {
    PQfreemem(copy->message);
    copy->message = NULL;
    int len = PQgetCopyData(copy->db->conn, &copy->message, 0);
    *more = len > 0;
    if (len == -1) return finish(copy, err);
    if (len <= 0) return db_error(copy->db, NULL, err);
    *message = (struct slice){copy->message, (size_t)len};
    return true;
}

bool copy_out_next(struct copy_out *copy, struct slice *tuple, bool *more, struct err *err) {
    for (;;) {
        struct slice message;
        if (!next_message(copy, &message, more, err)) return false;
        if (!*more) return true;
        switch (copy_frames_take(&copy->frames, message, tuple)) {
        case COPY_FRAME_TUPLE:
            return true;
        case COPY_FRAME_NONE:
        case COPY_FRAME_END: /* the next call reads the result of the statement */
            break;
        case COPY_FRAME_MALFORMED:
            return err_set(err, ERR_INTERNAL, "the database sent something other than COPY data");
        }
    }
}

void copy_out_close(struct copy_out *copy) {
    char ignored[256];
    PQfreemem(copy->message);
    copy->message = NULL;
    if (!copy->open) return;
    copy->open = false;
    /* Without the cancel request, the rollback would first read all remaining rows. If it cannot be
     * sent, that is what happens. */
    PGcancel *cancel = PQgetCancel(copy->db->conn);
    if (cancel) (void)PQcancel(cancel, ignored, sizeof ignored);
    PQfreeCancel(cancel);
}
