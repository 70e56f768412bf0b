/* Pictures of images: see pictures.h. The database judges names and addresses. */
#include "api/pictures.h"

#include <string.h>
#include <unistd.h>

#include "api/json_body.h"
#include "api/picture_address.h"
#include "api/routes.h"
#include "base/shown.h"
#include "import/server_path.h"
#include "store/rows.h"

static const char put_sql[] = "select document, directory from coco.pictures_put($1, $2)";
static const char find_sql[] =
    "select directory, url, file_name, version from coco.picture_find($1, $2)";

enum {
    ADDRESS_MAX = 4096 /* bytes; nginx takes a head of so many */
};

/* What an address with the current version leads to does not change, unless somebody changes the
 * file. Others are asked for again each time. */
static const char keep[] = "private, max-age=604800";
static const char ask_again[] = "private, no-cache";

/* ---- where they are ---------------------------------------------------------------------- */

/* Names a directory that does not exist. */
static bool name_directory(const char *directory, struct err *err) {
    char sent[SHOWN_ROOM];
    if (err->code != ERR_UNKNOWN_FILE) return false;
    return err_set(err, ERR_UNKNOWN_FILE,
                   "there is no directory \"%s\" in the directory of --image-root",
                   shown(directory, sent));
}

static bool check_directory(const struct service *service, const char *directory, struct err *err) {
    struct server_path path;
    if (service->image_root < 0) {
        return err_set(err, ERR_FORBIDDEN,
                       "pictures cannot be in a directory of the server: pgcoco runs without "
                       "--image-root");
    }
    if (!server_path_open(&path, service->image_root, directory, err)) {
        return name_directory(directory, err);
    }
    close(path.fd);
    return path.is_directory || err_set(err, ERR_WRONG_SHAPE, "directory is that of a file");
}

/* In a transaction, which a directory that does not exist rolls back. */
static bool put(const struct exchange *x, struct db *db, const char *const *params,
                struct buf *document, struct err *err) {
    struct rows rows;
    bool good = rows_query(&rows, db, put_sql, 2, params, err);
    if (good) buf_put_text(document, rows_text(&rows, 0, 0));
    if (good && !rows_is_null(&rows, 0, 1)) {
        good = check_directory(x->service, rows_text(&rows, 0, 1), err);
    }
    rows_free(&rows);
    return good;
}

static bool store(struct exchange *x, struct buf *body, struct buf *document, struct err *err) {
    const char *params[] = {exchange_text(x, PATH_DATASET), buf_text(body)};
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = db_begin(db, err) && put(x, db, params, document, err) && db_commit(db, err);
    pool_give(x->service->short_pool, db); /* rolls back what has failed */
    return good;
}

void pictures_put(struct exchange *x) {
    struct err err;
    struct buf body;
    struct buf document;
    buf_init(&body, PICTURES_BODY_MAX);
    buf_init(&document, ANSWER_MAX);
    if (json_body_read(x, PICTURES_BODY_MAX, &body, &err) && store(x, &body, &document, &err)) {
        answer_document(x, 200, x->request->path, &document, NULL);
        x->service->wake_maintenance(x->service->maintenance);
    } else {
        answer_error(x, &err, NULL);
    }
    buf_free(&document);
    buf_free(&body);
}

/* ---- one of them ------------------------------------------------------------------------- */

struct picture {
    struct buf address;
    bool is_file; /* of the web server */
    bool is_kept; /* the client has asked with the current version */
};

static void fill(struct picture *picture, const struct exchange *x, const struct rows *rows) {
    const char *version = rows_text(rows, 0, 3);
    picture->is_file = rows_is_null(rows, 0, 1);
    picture->is_kept = strcmp(exchange_text(x, QUERY_VERSION), version) == 0;
    if (picture->is_file) {
        picture_path(exchange_text(x, QUERY_SIZE), rows_text(rows, 0, 0), rows_text(rows, 0, 2),
                     &picture->address);
    } else {
        picture_url(rows_text(rows, 0, 1), rows_text(rows, 0, 2), &picture->address);
    }
}

static bool find(struct exchange *x, struct picture *picture, struct err *err) {
    const char *params[] = {exchange_text(x, PATH_DATASET), exchange_text(x, PATH_IMAGE)};
    struct rows rows;
    struct db *db = pool_take(x->service->short_pool, SHORT_WAIT_MS, err);
    if (!db) return false;
    bool good = rows_query(&rows, db, find_sql, 2, params, err);
    if (good) fill(picture, x, &rows);
    rows_free(&rows);
    pool_give(x->service->short_pool, db);
    if (!good || !picture->address.failed) return good;
    return err_set(err, ERR_NO_PICTURE, "the address of this picture is too long");
}

void picture_get(struct exchange *x) {
    struct err err;
    struct picture picture = {0};
    buf_init(&picture.address, ADDRESS_MAX);
    if (find(x, &picture, &err)) {
        const char *cache = picture.is_kept ? keep : ask_again;
        if (picture.is_file) {
            answer_file(x, buf_text(&picture.address), cache);
        } else {
            answer_found(x, buf_text(&picture.address), cache);
        }
    } else {
        answer_error(x, &err, NULL);
    }
    buf_free(&picture.address);
}
