/* Reads the rows of an evaluation: see load.h. */
#include "evaluation/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluation/overlaps.h"
#include "store/catalog.h"
#include "store/columns.h"
#include "store/copy_out.h"
#include "store/rows.h"

static const char rows_sql[] =
    "select part, command, has_area from coco.evaluation_rows($1, $2, $3, $4)";
static const char selection_sql[] = "select coco.begin_selection($1, $2)";

enum {
    PART,
    COMMAND,
    HAS_AREA
};

struct loading {
    struct objects *objects;
    const struct settings *settings;
    struct progress *progress;
    struct idset images;     /* ids belong to *objects */
    struct idset categories; /* likewise */
    bool has_area;           /* of detections; otherwise it is that of their box */
    uint64_t rows;
    bool *selected;
};

/* ---- rows -------------------------------------------------------------------------------- */

typedef bool take_row(struct loading *loading, struct slice tuple, struct err *err);

static bool add_id(int64_t **ids, size_t *count, int64_t id, struct err *err) {
    /* Grows to the next power of two when the count is one. */
    if ((*count & (*count - 1)) == 0) {
        int64_t *grown = reallocarray(*ids, *count ? 2 * *count : 1, sizeof *grown);
        if (!grown) return err_set(err, ERR_BUSY, "out of memory for an evaluation; try again");
        *ids = grown;
    }
    (*ids)[(*count)++] = id;
    return true;
}

static bool take_image(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 3);
    int64_t id = columns_int8(&columns);
    columns_int4(&columns);
    columns_int4(&columns);
    return columns_finish(&columns, err) &&
           add_id(&loading->objects->image_ids, &loading->objects->image_count, id, err);
}

static bool take_category(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 1);
    int64_t id = columns_int8(&columns);
    return columns_finish(&columns, err) &&
           add_id(&loading->objects->category_ids, &loading->objects->category_count, id, err);
}

/* The import has checked both ids against the same images and categories. */
static bool find(struct loading *loading, int64_t image_id, int64_t category_id, uint32_t *image,
                 uint32_t *category, struct err *err) {
    if (!idset_has(&loading->images, image_id) || !idset_has(&loading->categories, category_id)) {
        return err_set(err, ERR_INTERNAL, "a row has an image or a category that does not exist");
    }
    *image = (uint32_t)loading->images.last;
    *category = (uint32_t)loading->categories.last;
    return true;
}

static struct bbox take_box(struct columns *columns) {
    struct bbox bbox;
    bbox.x = columns_float8(columns);
    bbox.y = columns_float8(columns);
    bbox.w = columns_float8(columns);
    bbox.h = columns_float8(columns);
    return bbox;
}

static bool take_truth(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    struct truth truth = {0};
    columns_open(&columns, tuple, 9);
    truth.annotation_id = columns_int8(&columns);
    int64_t image_id = columns_int8(&columns);
    int64_t category_id = columns_int4(&columns);
    truth.bbox = take_box(&columns);
    truth.area = columns_float8(&columns);
    truth.is_crowd = truth.is_ignored = columns_bool(&columns);
    return columns_finish(&columns, err) &&
           find(loading, image_id, category_id, &truth.image, &truth.category, err) &&
           objects_add_truth(loading->objects, &truth, err);
}

static bool take_detection(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    struct detection detection = {0};
    columns_open(&columns, tuple, loading->has_area ? 9 : 8);
    int64_t id = columns_int8(&columns);
    int64_t image_id = columns_int8(&columns);
    int64_t category_id = columns_int4(&columns);
    struct bbox bbox = take_box(&columns);
    detection.score = columns_float8(&columns);
    detection.area = loading->has_area ? columns_float8(&columns) : bbox.w * bbox.h;
    return columns_finish(&columns, err) &&
           find(loading, image_id, category_id, &detection.image, &detection.category, err) &&
           objects_add_detection(loading->objects, &detection, id, &bbox, err);
}

static bool take_selected(struct loading *loading, struct slice tuple, struct err *err) {
    struct columns columns;
    columns_open(&columns, tuple, 1);
    int64_t id = columns_int8(&columns);
    if (!columns_finish(&columns, err)) return false;
    if (idset_has(&loading->images, id)) loading->selected[loading->images.last] = true;
    return true;
}

/* ---- parts ------------------------------------------------------------------------------- */

static bool read_rows(struct loading *loading, struct copy_out *copy, take_row *take,
                      struct err *err) {
    struct slice tuple;
    bool more;
    for (;;) {
        if (!progress_go_on(loading->progress, err) || !copy_out_next(copy, &tuple, &more, err)) {
            return false;
        }
        if (!more) return true;
        if (!take(loading, tuple, err)) return false;
        progress_set_rows(loading->progress, ++loading->rows);
    }
}

static bool read_part(struct loading *loading, struct db *db, const char *command, take_row *take,
                      struct err *err) {
    struct copy_out copy;
    bool good = copy_out_open(&copy, db, command, err) && read_rows(loading, &copy, take, err);
    copy_out_close(&copy);
    return good;
}

static void know_ids(struct loading *loading) {
    const struct objects *objects = loading->objects;
    loading->images = (struct idset){.ids = objects->image_ids, .count = objects->image_count};
    loading->categories =
        (struct idset){.ids = objects->category_ids, .count = objects->category_count};
}

/* The images and categories come before what refers to them. */
static bool read_parts(struct loading *loading, struct db *db, const struct rows *parts,
                       struct err *err) {
    static const struct {
        const char *part;
        take_row *take;
    } takes[] = {{"images", take_image},
                 {"categories", take_category},
                 {"truths", take_truth},
                 {"detections", take_detection}};
    for (int i = 0; i < parts->count; i++) {
        loading->has_area = rows_bool(parts, i, HAS_AREA);
        know_ids(loading);
        for (size_t j = 0; j < sizeof takes / sizeof *takes; j++) {
            if (strcmp(rows_text(parts, i, PART), takes[j].part) != 0) continue;
            if (!read_part(loading, db, rows_text(parts, i, COMMAND), takes[j].take, err)) {
                return false;
            }
        }
    }
    return true;
}

struct numbers_as_text {
    char dataset_id[24];
    char ground_truth[24];
    char run[24];
};

static void write_numbers(struct numbers_as_text *text, const struct imports *imports) {
    snprintf(text->dataset_id, sizeof text->dataset_id, "%" PRId64, imports->dataset_id);
    snprintf(text->ground_truth, sizeof text->ground_truth, "%" PRId64, imports->ground_truth);
    snprintf(text->run, sizeof text->run, "%" PRId64, imports->run);
}

static bool load_rows(struct loading *loading, struct db *db, const struct imports *imports,
                      struct err *err) {
    struct rows parts;
    struct numbers_as_text text;
    write_numbers(&text, imports);
    const char *params[] = {text.dataset_id, text.ground_truth, text.run,
                            iou_type_name(loading->settings->iou_type)};
    progress_enter(loading->progress, PROGRESS_READ);
    bool good =
        rows_query(&parts, db, rows_sql, 4, params, err) && read_parts(loading, db, &parts, err);
    rows_free(&parts);
    return good;
}

bool load_objects(struct objects *objects, struct db *db, const struct imports *imports,
                  const struct settings *settings, unsigned threads, struct progress *progress,
                  struct err *err) {
    struct loading loading = {.objects = objects, .settings = settings, .progress = progress};
    objects_init(objects);
    if (!load_rows(&loading, db, imports, err)) return false;
    progress_enter(progress, PROGRESS_COMPUTE);
    if (!objects_sort(objects, threads, err) ||
        !overlaps_fill(objects, settings_depth(settings), overlap_of_boxes, NULL, threads, progress,
                       err)) {
        return false;
    }
    objects_drop_boxes(objects);
    return true;
}

bool load_selection(bool *images, const struct objects *objects, struct db *db,
                    const struct imports *imports, const char *split, const char *slice,
                    struct progress *progress, struct err *err) {
    struct loading loading = {.progress = progress, .selected = images};
    struct rows command;
    char dataset_id[24];
    snprintf(dataset_id, sizeof dataset_id, "%" PRId64, imports->dataset_id);
    const char *dataset[] = {dataset_id};
    const char *params[] = {split, slice};
    loading.images = (struct idset){.ids = objects->image_ids, .count = objects->image_count};
    if (!db_execute(db, "select coco.begin_export($1)", 1, dataset, err)) return false;
    bool good = rows_query(&command, db, selection_sql, 2, params, err) &&
                read_part(&loading, db, rows_text(&command, 0, 0), take_selected, err);
    rows_free(&command);
    return good;
}
