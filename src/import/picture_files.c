/* Looks for the files of images: see picture_files.h. */
#include "import/picture_files.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "import/server_path.h"
#include "store/rows.h"

static const char begin_sql[] =
    "select dataset_id, version, directory from coco.picture_check_begin()";
static const char page_sql[] = "select image_id, file_name from coco.picture_name_page($1, $2)";
static const char end_sql[] = "select coco.picture_check_end($1, $2, $3, $4)";

enum {
    NUMBER_ROOM = 24,
    PATH_ROOM = 1024, /* of a directory and a file name, which have 968 bytes at most */
    VERSION_ROOM = 64,
    EXAMPLES = 10,
    EXAMPLES_MAX = 512 /* bytes */
};

struct check {
    int image_root;
    char dataset[NUMBER_ROOM]; /* id */
    char version[VERSION_ROOM];
    char directory[PATH_ROOM];
    char after[NUMBER_ROOM]; /* the last image of the page before */
    uint64_t missing;
    struct buf examples; /* an array of bigint, without its closing brace */
};

static void note_missing(struct check *check, const char *image) {
    check->missing++;
    if (check->missing > EXAMPLES) return;
    buf_printf(&check->examples, "%s%s", check->missing > 1 ? "," : "{", image);
}

static bool has_file(const struct check *check, const char *file_name) {
    char path[PATH_ROOM];
    int len = snprintf(path, sizeof path, "%s/%s", check->directory, file_name);
    return len > 0 && (size_t)len < sizeof path && server_path_has_file(check->image_root, path);
}

/* Looks at the files of the next images; *more: whether there were any. */
static bool look_at_page(struct check *check, struct db *db, bool *more, struct err *err) {
    struct rows rows;
    const char *params[] = {check->dataset, check->after[0] ? check->after : NULL};
    bool good = rows_query(&rows, db, page_sql, 2, params, err);
    *more = good && rows.count > 0;
    for (int i = 0; i < rows.count; i++) {
        const char *image = rows_text(&rows, i, 0);
        if (rows_is_null(&rows, i, 1) || !has_file(check, rows_text(&rows, i, 1))) {
            note_missing(check, image);
        }
        snprintf(check->after, sizeof check->after, "%s", image);
    }
    rows_free(&rows);
    return good;
}

static bool write_outcome(struct check *check, struct db *db, struct err *err) {
    char missing[NUMBER_ROOM];
    snprintf(missing, sizeof missing, "%" PRIu64, check->missing);
    buf_put_text(&check->examples, check->missing > 0 ? "}" : "{}");
    const char *params[] = {check->dataset, check->version, missing, buf_text(&check->examples)};
    return db_change(db, end_sql, 4, params, err);
}

static bool run(struct check *check, struct db *db, struct err *err) {
    bool more = true;
    while (more) {
        if (!look_at_page(check, db, &more, err)) return false;
    }
    return write_outcome(check, db, err);
}

/* *found: whether a dataset is due. */
static bool begin(struct check *check, struct db *db, bool *found, struct err *err) {
    struct rows rows;
    if (!db_begin(db, err)) return false;
    bool good = rows_query(&rows, db, begin_sql, 0, NULL, err);
    *found = good && rows.count > 0;
    if (*found) {
        snprintf(check->dataset, sizeof check->dataset, "%s", rows_text(&rows, 0, 0));
        snprintf(check->version, sizeof check->version, "%s", rows_text(&rows, 0, 1));
        snprintf(check->directory, sizeof check->directory, "%s", rows_text(&rows, 0, 2));
    }
    rows_free(&rows);
    return good && db_commit(db, err);
}

bool picture_files_check(const char *conninfo, int image_root, struct err *err) {
    struct db db;
    bool found = true;
    if (!db_connect(&db, conninfo, err)) return false;
    bool good = true;
    while (good && found) {
        struct check check = {.image_root = image_root};
        buf_init(&check.examples, EXAMPLES_MAX);
        good = begin(&check, &db, &found, err) && (!found || run(&check, &db, err));
        buf_free(&check.examples);
    }
    db_close(&db);
    return good;
}
