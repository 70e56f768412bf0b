/* Writes files from the database: see export.h. */
#include "export/export.h"

#include "store/columns.h"
#include "store/copy_out.h"

/* Columns: text of the file; a COPY statement whose rows follow it, or null; the name of
 * the file. */
const char export_run_sql[] = "select head, command, $2::text from coco.export_run($1, $2)";
const char export_ground_truth_sql[] =
    "select head, command, (coco.dataset_find($1)).name from coco.export_ground_truth($1)";

enum {
    HEAD,
    COMMAND,
    NAME
};

bool export_open(struct export *export, struct db *db, const char *sql, int count,
                 const char *const *params, struct err *err) {
    *export = (struct export){.db = db};
    return db_begin_reading(db, err) && rows_query(&export->parts, db, sql, count, params, err);
}

void export_close(struct export *export) {
    rows_free(&export->parts);
    db_rollback(export->db);
}

const char *export_name(const struct export *export) {
    return rows_text(&export->parts, 0, NAME);
}

/* Reads the only column of a row: an element of the file as text. */
static bool read_row(struct slice tuple, struct slice *row, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 1);
    *row = columns_text(&columns);
    return columns_finish(&columns, err);
}

struct writer {
    const struct sink *sink;
    struct progress *progress;
    uint64_t rows; /* written so far, in all parts */
};

/* Writes the rows of one part, one per line. */
static bool write_rows(struct writer *writer, struct copy_out *copy, struct err *err) {
    struct slice tuple;
    struct slice row;
    bool more;
    bool first = true;
    for (;; first = false) {
        if (!progress_go_on(writer->progress, err) || !copy_out_next(copy, &tuple, &more, err)) {
            return false;
        }
        if (!more) return first || sink_put(writer->sink, "\n", 1, err);
        if (!read_row(tuple, &row, err) ||
            !sink_put(writer->sink, first ? "\n" : ",\n", first ? 1 : 2, err) ||
            !sink_put(writer->sink, row.data, row.len, err)) {
            return false;
        }
        progress_set_rows(writer->progress, ++writer->rows);
    }
}

static bool write_part(struct writer *writer, struct db *db, const char *command, struct err *err) {
    struct copy_out copy;
    bool good = copy_out_open(&copy, db, command, err) && write_rows(writer, &copy, err);
    copy_out_close(&copy);
    return good;
}

bool export_write(struct export *export, const struct sink *sink, struct progress *progress,
                  struct err *err) {
    struct writer writer = {.sink = sink, .progress = progress};
    progress_enter(progress, PROGRESS_COPY);
    for (int i = 0; i < export->parts.count; i++) {
        struct slice head = rows_slice(&export->parts, i, HEAD);
        const char *command = rows_text(&export->parts, i, COMMAND);
        if (!sink_put(sink, head.data, head.len, err)) return false;
        if (command[0] && !write_part(&writer, export->db, command, err)) return false;
    }
    return sink_put(sink, "\n", 1, err);
}
