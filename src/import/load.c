/* Shared by both kinds of load: see load.h. */
#include "import/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/rows.h"

enum {
    CLASSES_MAX = 64 * 1024 * 1024 /* about 100,000 classes */
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
    load->max_element = limits->max_element;
    buf_init(&load->classes, CLASSES_MAX);
    copy_init(&load->copy, db);
    return !body || document_open(&load->document, &load->watched_body, limits, err);
}

void load_close(struct load *load) {
    document_close(&load->document);
    buf_free(&load->classes);
}

/* Some detectors count classes from 0, others from 1; the hint is given only if an offset of 1
 * explains every unknown category. Others write the number that a file is called by. No detector
 * puts 2 % of its boxes far outside of their image, but a file with corners instead of
 * [x, y, width, height] does. */
void load_hint(const struct load *load, char *into, size_t room) {
    uint64_t unknown = load->skips.counts[SKIP_UNKNOWN_CATEGORY];
    into[0] = '\0';
    if (load->far_out > load->taken / 50) {
        snprintf(into, room,
                 "%" PRIu64 " boxes end far outside of their image: is bbox [x, y, width, height]?",
                 load->far_out);
    }
    if (load->unknown_are_numbers) {
        snprintf(into, room,
                 "unknown image ids are numbers in file names of the dataset: match=name would "
                 "match these");
    }
    for (int i = 0; unknown > 0 && i < 2; i++) {
        if (load->off_by_one[i] != unknown) continue;
        snprintf(into, room, "category_offset=%d would make all unknown categories known",
                 load->category_offset + (i == 0 ? -1 : 1));
    }
}

void load_skip(struct load *load, const struct skip *skip, const struct json_value *element) {
    struct skips *skips = &load->skips;
    skips_count(skips, skip->reason, 1);
    if (!skips_wants_example(skips, skip->reason)) return;
    struct skip_example example = {
        .has_place = true,
        .has_line = true,
        .index = load->document.index,
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
    return err_set(err, ERR_NOTHING_TAKEN,
                   "none of the %" PRIu64 " %s in the file can be imported%s%s", load->offered,
                   what, hint[0] ? "; " : "", hint);
}
