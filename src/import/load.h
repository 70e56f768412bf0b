/*
 * The load: streams a file into tables that no reader sees yet, in one pass and constant memory. It
 * has failed unless the file was read to its proper end.
 */
#ifndef PGCOCO_IMPORT_LOAD_H
#define PGCOCO_IMPORT_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/reader.h"
#include "import/skips.h"
#include "store/copy.h"
#include "store/db.h"
#include "json/document.h"
#include "json/tokens.h"

struct load {
    struct db *db;
    struct progress *progress;  /* NULL: nobody watches */
    const struct reader *body;  /* NULL: the load reads a directory */
    struct reader watched_body; /* the same, with an eye on progress */
    struct document document;
    struct copy copy;
    struct skips skips;
    struct buf classes;      /* a run's class counts as JSON, when it has been loaded */
    uint64_t offered;        /* rows of results, or annotations, in the file */
    uint64_t taken;          /* of those, rows copied */
    uint64_t others;         /* images and categories in a ground-truth file */
    uint64_t bytes;          /* read from the files of a directory */
    size_t max_element;      /* bytes */
    bool match_name;         /* match images and categories by their names */
    int32_t category_offset; /* is added to every category_id of a results file */
    /* Rows of unknown categories that would be known one lower, and one higher. */
    uint64_t off_by_one[2];
    uint64_t far_out; /* rows taken whose box ends far beyond its image */
};

enum {
    HINT_ROOM = 120
};

/* Writes a hint at what may be wrong with a results file: its categories are counted from another
 * number, or its boxes are given by their corners. Writes "" when there is none. */
void load_hint(const struct load *load, char *into, size_t room);

/* Counts an element that the document gave last and that is left out, with an example while there
 * are few. */
void load_skip(struct load *load, const struct skip *skip, const struct json_value *element);

/* body is NULL when the load does not read one document; progress is NULL when nobody watches. All
 * must outlive the load, which must stay where it is. The caller closes the load in any case. */
bool load_open(struct load *load, struct db *db, const struct reader *body,
               const struct json_limits *limits, struct progress *progress, struct err *err);
void load_close(struct load *load);

/* A results file into a leaf (quoted by the database). dataset_id: decimal. */
bool load_results(struct load *load, const char *leaf, const char *dataset_id, struct err *err);

/* What a ground-truth file says beside its rows. */
struct dataset_facts {
    struct buf info; /* JSON text as it came; empty: none */
    struct buf licenses;
    struct buf extra;    /* other top-level members as one object; empty: none */
    struct buf not_kept; /* JSON array of the keys of what was too large or not JSON proper */
    uint64_t images_offered;
    uint64_t images;
};

/* Bounds each part. dataset_facts_free must be called. */
void dataset_facts_init(struct dataset_facts *facts);
void dataset_facts_free(struct dataset_facts *facts);

/* A ground-truth file into a leaf and two stages, top-level arrays in any order. */
bool load_ground_truth(struct load *load, const char *leaf, const char *image_stage,
                       const char *category_stage, struct dataset_facts *facts, struct err *err);

/* The statement around an SQL function that drops rows of a load and returns (reason, n,
 * of_annotations, examples json). It gives one row an example; the first of each reason has the
 * count. */
#define LOAD_CHECK(function) \
    "select c.reason, case when coalesce(e.nth, 1) = 1 then c.n else 0 end," \
    "       case when coalesce(e.nth, 1) = 1 and c.of_annotations then c.n else 0 end," \
    "       e.value ->> 'index', e.value ->> 'offset', e.value ->> 'detail' from " function " c" \
    " left join lateral json_array_elements(c.examples) with ordinality e (value, nth) on true" \
    " where c.n > 0"

/* Runs such a statement and counts the rows that it dropped as skipped. */
bool load_check(struct load *load, const char *sql, int count, const char *const *params,
                struct err *err);

/* ERR_NOTHING_TAKEN when rows were offered and none was taken. */
bool load_check_taken(const struct load *load, const char *what, struct err *err);

#endif
