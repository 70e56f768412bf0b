/*
 * The load: streams a file into tables that no reader sees yet, in one pass and constant memory. It
 * fails if the file is not read to its end.
 */
#ifndef PGCOCO_IMPORT_LOAD_H
#define PGCOCO_IMPORT_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/reader.h"
#include "base/work.h"
#include "import/hints.h"
#include "import/skips.h"
#include "store/copy.h"
#include "store/db.h"
#include "json/document.h"
#include "json/tokens.h"

struct load {
    struct db *db;
    struct progress *progress;  /* NULL: not shown */
    struct work *work;          /* NULL: not bounded */
    const struct reader *body;  /* NULL: the load reads a directory */
    struct reader watched_body; /* reads `body` and reports progress */
    struct document document;
    struct copy copy;
    struct skips skips;
    struct buf counts; /* JSON object of class_counts and image_counts, after a run was loaded */
    uint64_t offered;  /* rows of results, or annotations, in the file */
    uint64_t taken;    /* how many of these were copied */
    uint64_t others;   /* images and categories in a ground-truth file */
    uint64_t bytes;    /* read from the files of a directory */
    struct json_limits limits;
    bool of_a_run;           /* otherwise of a ground truth */
    const char *misplaced;   /* what a skipped row seems to be (coco/misplaced); NULL: not known */
    bool match_name;         /* match images and categories by name */
    bool match_id;           /* do not check names that stand beside ids */
    bool renumber;           /* give the annotations of a ground truth new ids */
    int32_t category_offset; /* is added to every category_id of a results file */
    uint64_t unmeasured;     /* annotations of a ground truth with the area of their box for that */
    uint64_t repeated;       /* annotations of a ground truth that repeat an id */
    struct hints hints;
};

/* Writes hints at what may be wrong with the file (hints_write), or "". room: HINT_ROOM. */
void load_hint(const struct load *load, char *into, size_t room);

/* Counts the boxes of a leaf (its quoted name), or of a sample if it is large, for the hints: where
 * the sizes of the images were not known while rows passed. image_stage: a table of images; NULL:
 * those of the dataset. dataset_id is decimal. */
bool load_count_boxes(struct load *load, const char *leaf, const char *image_stage,
                      const char *dataset_id, struct err *err);

/* Counts a row as skipped, and keeps it as an example if there are few. element: its JSON, which
 * lies in the window of the document; index: its number among the rows of the file, from 0. */
void load_skip(struct load *load, const struct skip *skip, const struct json_value *element,
               uint64_t index);

/* body is NULL if the load does not read one document; progress may be NULL. All arguments must
 * outlive the load, which must not move. Call load_close in any case. */
bool load_open(struct load *load, struct db *db, const struct reader *body,
               const struct json_limits *limits, struct progress *progress, struct err *err);
void load_close(struct load *load);

/* Loads a results file into a leaf (its name is quoted). dataset_id is decimal. */
bool load_results(struct load *load, const char *leaf, const char *dataset_id, struct err *err);

/* The members of a ground-truth file other than its rows. */
struct dataset_facts {
    struct buf info; /* JSON as in the file; empty: none */
    struct buf licenses;
    struct buf extra;    /* other top-level members as one JSON object; empty: none */
    struct buf not_kept; /* JSON array of the keys whose values were too large, or held NaN */
    uint64_t images_offered;
    uint64_t images;
    uint64_t text_images; /* images whose ids are not numbers */
    /* Of the annotations that were taken: */
    uint64_t with_id;
    int64_t greatest_id; /* of these, or 0 */
    uint64_t without_id; /* not counted with `renumber` */
    uint64_t without_area;
    uint64_t without_box;
    uint64_t needing_mask;
    bool unfinished; /* the leaf was widened: call finish_annotations */
};

/* Sets the limit of each part. Call dataset_facts_free in any case. */
void dataset_facts_init(struct dataset_facts *facts);
void dataset_facts_free(struct dataset_facts *facts);

/* Loads a ground-truth file, whose arrays may come in any order, into a leaf and two stages (their
 * names are quoted). Annotations that need the whole file are unfinished. */
bool load_ground_truth(struct load *load, const char *leaf, const char *image_stage,
                       const char *category_stage, struct dataset_facts *facts, struct err *err);

/* Wraps an SQL function that drops rows of a load and returns (reason, n, of_annotations,
 * examples json). The statement returns one row per example; the first row of each reason
 * carries the count. */
#define LOAD_CHECK(function) \
    "select c.reason, case when coalesce(e.nth, 1) = 1 then c.n else 0 end," \
    "       case when coalesce(e.nth, 1) = 1 and c.of_annotations then c.n else 0 end," \
    "       e.value ->> 'index', e.value ->> 'offset', e.value ->> 'detail' from " function " c" \
    " left join lateral json_array_elements(c.examples) with ordinality e (value, nth) on true" \
    " where c.n > 0"

/* Runs such a statement and counts the dropped rows as skipped. */
bool load_check(struct load *load, const char *sql, int count, const char *const *params,
                struct err *err);

/* Fails with ERR_NOTHING_TAKEN if the file has rows and none was taken. what: "rows" or
 * "annotations". */
bool load_check_taken(const struct load *load, const char *what, struct err *err);

#endif
