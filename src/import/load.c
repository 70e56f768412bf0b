/* Shared by both kinds of load: see load.h. */
#include "import/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coco/misplaced.h"
#include "store/rows.h"

enum {
    COUNTS_MAX = 64 * 1024 * 1024 /* about 100,000 classes */
};

/* Reads the body. It is called once for many rows, so this is where progress is reported and an
 * interruption noticed. The copy pauses while the body is silent. */
static ssize_t read_watched(void *self, char *into, size_t room, struct err *err) {
    struct load *load = self;
    progress_set_rows(load->progress, load->offered);
    if (!progress_go_on(load->progress, err)) return -1;
    copy_wait(&load->copy);
    ssize_t len = reader_read(load->body, into, room, err);
    copy_go_on(&load->copy);
    return len;
}

bool load_open(struct load *load, struct db *db, const struct reader *body,
               const struct json_limits *limits, struct progress *progress, struct err *err) {
    memset(load, 0, sizeof *load);
    load->db = db;
    load->body = body;
    load->progress = progress;
    load->watched_body = (struct reader){.read = read_watched, .self = load};
    load->limits = *limits;
    buf_init(&load->counts, COUNTS_MAX);
    copy_init(&load->copy, db);
    return !body || document_open(&load->document, &load->watched_body, limits, err);
}

void load_close(struct load *load) {
    document_close(&load->document);
    buf_free(&load->counts);
}

void load_hint(const struct load *load, char *into, size_t room) {
    struct hints_file file = {
        .skips = &load->skips, .offered = load->offered, .category_offset = load->category_offset};
    hints_write(&load->hints, &file, into, room);
}

static double number_of(const struct rows *rows, int row, int column) {
    return strtod(rows_text(rows, row, column), NULL);
}

bool load_count_boxes(struct load *load, const char *leaf, const char *image_stage,
                      const char *dataset_id, struct err *err) {
    const char *params[] = {leaf, image_stage, dataset_id};
    struct rows rows;
    bool good =
        rows_query(&rows, load->db, "select * from coco.sample_boxes($1, $2, $3)", 3, params, err);
    for (int i = 0; good && i < rows.count; i++) {
        struct bbox bbox = {number_of(&rows, i, 0), number_of(&rows, i, 1), number_of(&rows, i, 2),
                            number_of(&rows, i, 3)};
        struct picture picture = {(int32_t)rows_int64(&rows, i, 4),
                                  (int32_t)rows_int64(&rows, i, 5)};
        hints_count_box(&load->hints, &bbox, &picture);
    }
    rows_free(&rows);
    return good;
}

void load_skip(struct load *load, const struct skip *skip, const struct json_value *element,
               uint64_t index) {
    struct skips *skips = &load->skips;
    skips_count(skips, skip->reason, 1);
    if (!skips_wants_example(skips, skip->reason)) return;
    if (!load->misplaced) load->misplaced = misplaced_row(element, load->of_a_run);
    struct skip_example example = {
        .has_place = true,
        .has_line = true,
        .index = index,
        .offset = element->offset,
        .line = window_place(&load->document.window, element->offset),
    };
    snprintf(example.detail, sizeof example.detail, "%s", skip->detail);
    skips_example(skips, skip->reason, &example);
}

static bool add_check_row(struct load *load, const struct rows *rows, int i, struct err *err) {
    enum skip_reason reason;
    const char *slug = rows_text(rows, i, 0);
    if (!skip_from_slug(slug, &reason)) {
        return err_set(err, ERR_INTERNAL,
                       "the database skipped rows for the unknown reason \"%.40s\"", slug);
    }
    skips_count(&load->skips, reason, (uint64_t)rows_int64(rows, i, 1));
    load->taken -= (uint64_t)rows_int64(rows, i, 2);
    if (reason == SKIP_DUPLICATE_ID) load->repeated += (uint64_t)rows_int64(rows, i, 2);
    if (rows_is_null(rows, i, 5)) return true;
    struct skip_example example = {
        .has_place = !rows_is_null(rows, i, 3),
        .index = (uint64_t)rows_int64(rows, i, 3),
        .offset = (uint64_t)rows_int64(rows, i, 4),
    };
    snprintf(example.detail, sizeof example.detail, "%s", rows_text(rows, i, 5));
    skips_example(&load->skips, reason, &example);
    return true;
}

bool load_check(struct load *load, const char *sql, int count, const char *const *params,
                struct err *err) {
    struct rows rows;
    bool good = rows_query(&rows, load->db, sql, count, params, err);
    for (int i = 0; good && i < rows.count; i++) good = add_check_row(load, &rows, i, err);
    rows_free(&rows);
    return good;
}

bool load_check_taken(const struct load *load, const char *what, struct err *err) {
    if (load->offered == 0 || load->taken > 0) return true;
    char hint[HINT_ROOM];
    load_hint(load, hint, sizeof hint);
    const char *more = load->misplaced ? load->misplaced : hint;
    return err_set(err, ERR_NOTHING_TAKEN,
                   "none of the %" PRIu64 " %s in the file can be imported%s%s", load->offered,
                   what, more[0] ? "; " : "", more);
}
