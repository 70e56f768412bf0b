/* Writes files from the database: see export.h. */
#include "export/export.h"

#include <string.h>

#include "export/labels.h"
#include "store/columns.h"
#include "store/copy_out.h"

/* Columns: text of the file; a COPY statement whose rows follow it, or null; the name of
 * the file; when the source was imported. */
const char export_run_sql[] =
    "select head, command, name, made_at"
    " from coco.export_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
    "$13, $14, $15, $16)";
const char export_ground_truth_sql[] =
    "select head, command, name, made_at"
    " from coco.export_ground_truth($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
    "$13, $14, $15)";

enum {
    HEAD,
    COMMAND,
    NAME,
    MADE_AT
};

/* What stands around rows. Rows of a tar are pieces of its members instead. */
struct layout {
    const char *type;
    const char *ending;
    const char *first;
    const char *between;
    const char *last; /* after rows, if there are any */
    const char *end;  /* of the file */
};

/* JSON Lines has no registered type. application/jsonl is what its site (jsonlines.org) and tools
 * use. */
static const struct layout layouts[EXPORT_FORMATS] = {
    [EXPORT_COCO] = {"application/json", ".json", "\n", ",\n", "\n", "\n"},
    [EXPORT_CSV] = {"text/csv; charset=utf-8", ".csv", "", "", "", ""},
    [EXPORT_JSONL] = {"application/jsonl", ".jsonl", "", "", "", ""},
    [EXPORT_YOLO] = {"application/x-tar", ".tar", "", "", "", ""},
};

const char *const export_format_names[EXPORT_FORMATS + 1] = {[EXPORT_COCO] = "coco",
                                                             [EXPORT_CSV] = "csv",
                                                             [EXPORT_JSONL] = "jsonl",
                                                             [EXPORT_YOLO] = "yolo",
                                                             NULL};

const char *export_type(enum export_format format) {
    return layouts[format].type;
}

const char *export_ending(enum export_format format) {
    return layouts[format].ending;
}

bool export_open(struct export *export, struct db *db, enum export_format format, const char *sql,
                 int count, const char *const *params, struct err *err) {
    *export = (struct export){.db = db, .format = format};
    return db_begin_reading(db, err) && rows_query(&export->parts, db, sql, count, params, err);
}

void export_close(struct export *export) {
    rows_free(&export->parts);
    db_rollback(export->db);
}

const char *export_name(const struct export *export) {
    return rows_text(&export->parts, 0, NAME);
}

struct writer {
    const struct sink *sink;
    struct progress *progress;
    const struct layout *layout;
    struct labels *labels; /* NULL: not a tar */
    uint64_t rows;         /* written so far, in all parts */
};

static bool put_text(const struct writer *writer, const char *text, struct err *err) {
    size_t len = strlen(text);
    return len == 0 || sink_put(writer->sink, text, len, err);
}

/* Writes the only column of a row: an element of the file as text. */
static bool write_element(struct writer *writer, struct slice tuple, bool first, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 1);
    struct slice text = columns_text(&columns);
    return columns_finish(&columns, err) &&
           put_text(writer, first ? writer->layout->first : writer->layout->between, err) &&
           sink_put(writer->sink, text.data, text.len, err);
}

static bool write_row(struct writer *writer, struct slice tuple, bool first, struct err *err) {
    if (!writer->labels) {
        writer->rows++;
        return write_element(writer, tuple, first, err);
    }
    if (!labels_put(writer->labels, tuple, err)) return false;
    writer->rows = labels_rows(writer->labels);
    return true;
}

static bool write_rows(struct writer *writer, struct copy_out *copy, struct err *err) {
    struct slice tuple;
    bool more;
    bool first = true;
    for (;; first = false) {
        if (!progress_go_on(writer->progress, err) || !copy_out_next(copy, &tuple, &more, err)) {
            return false;
        }
        if (!more) return first || put_text(writer, writer->layout->last, err);
        if (!write_row(writer, tuple, first, err)) return false;
        progress_set_rows(writer->progress, writer->rows);
    }
}

static bool write_part(struct writer *writer, struct db *db, const char *command, struct err *err) {
    struct copy_out copy;
    bool good = copy_out_open(&copy, db, command, err) && write_rows(writer, &copy, err);
    copy_out_close(&copy);
    return good;
}

static bool write_parts(struct writer *writer, const struct export *export, struct err *err) {
    for (int i = 0; i < export->parts.count; i++) {
        const char *command = rows_text(&export->parts, i, COMMAND);
        if (!put_text(writer, rows_text(&export->parts, i, HEAD), err)) return false;
        if (command[0] && !write_part(writer, export->db, command, err)) return false;
    }
    return true;
}

bool export_write(struct export *export, const struct sink *sink, struct progress *progress,
                  struct err *err) {
    struct labels labels = {.rows = {0}};
    struct writer writer = {.sink = sink, .progress = progress, .layout = &layouts[export->format]};
    progress_enter(progress, PROGRESS_COPY);
    if (export->format != EXPORT_YOLO) {
        return write_parts(&writer, export, err) && put_text(&writer, writer.layout->end, err);
    }
    tar_open(&labels.tar, sink, rows_int64(&export->parts, 0, MADE_AT));
    writer.labels = &labels;
    return write_parts(&writer, export, err) && labels_finish(&labels, err);
}
