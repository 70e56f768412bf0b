/* Reads the rows of an evaluation: see load.h. */
#include "evaluation/load.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "evaluation/loading.h"
#include "evaluation/overlaps.h"
#include "store/rows.h"

static const char rows_sql[] =
    "select part, command, has_area, row_count from coco.evaluation_rows($1, $2, $3, $4, $5, $6)";
static const char selection_sql[] = "select coco.begin_selection($1, $2, $3, $4)";

enum {
    PART,
    COMMAND,
    HAS_AREA,
    ROW_COUNT
};

/* ---- pieces ------------------------------------------------------------------------------ */

/* The parts in the order in which coco.evaluation_rows gives them. */
enum {
    IMAGES,
    CATEGORIES,
    FIRST_TRUTHS /* of each piece; then the detections of each piece */
};

/* What one connection reads of both sides. */
struct piece {
    const char *truths; /* COPY commands */
    const char *detections;
    bool has_area;
    size_t room; /* for how many detections */
};

static int count_pieces(const struct rows *parts) {
    return (parts->count - FIRST_TRUTHS) / 2;
}

static struct piece piece_of(const struct rows *parts, int i) {
    int pieces = count_pieces(parts);
    int detections = FIRST_TRUTHS + pieces + i;
    size_t rows = (size_t)rows_int64(parts, detections, ROW_COUNT);
    return (struct piece){.truths = rows_text(parts, FIRST_TRUTHS + i, COMMAND),
                          .detections = rows_text(parts, detections, COMMAND),
                          .has_area = rows_bool(parts, detections, HAS_AREA),
                          /* the first piece takes the others up */
                          .room = i == 0 ? rows : rows / (size_t)pieces};
}

static bool read_piece(struct loading *loading, struct db *db, const struct piece *piece,
                       struct err *err) {
    loading->has_area = piece->has_area;
    return objects_reserve(loading->objects, piece->room, err) &&
           loading_read(loading, db, piece->truths, loading_take_truth, err) &&
           loading_read(loading, db, piece->detections, loading_take_detection, err);
}

/* ---- the second connection --------------------------------------------------------------- */

/* Reads the second halves of both sides into objects of its own. */
struct second {
    struct loading loading;
    struct objects objects;
    struct progress progress; /* only `rows` and `stop` are used */
    struct db *db;
    struct piece piece;
    pthread_t thread;
    bool is_started;
    bool is_good;
    struct err err;
};

static void *run_second(void *self) {
    struct second *second = self;
    second->is_good = db_begin_reading(second->db, &second->err) &&
                      read_piece(&second->loading, second->db, &second->piece, &second->err);
    db_rollback(second->db);
    return NULL;
}

/* If no thread can be started, second_finish does its work. */
static void second_start(struct second *second, const struct loading *first, struct db *db,
                         struct piece piece) {
    *second = (struct second){.loading = *first, .db = db, .piece = piece};
    objects_init(&second->objects);
    loading_init(&second->loading);
    second->loading.objects = &second->objects;
    second->loading.before = 0;
    second->loading.progress = &second->progress;
    second->is_started = pthread_create(&second->thread, NULL, run_second, second) == 0;
}

/* Waits for the thread, and adds what it has read. good: the first half was read; otherwise the
 * second is stopped. */
static bool second_finish(struct second *second, struct loading *first, bool good,
                          struct err *err) {
    if (!good) atomic_store(&second->progress.stop, true);
    if (second->is_started) pthread_join(second->thread, NULL);
    if (good && !second->is_started) run_second(second);
    if (good && !second->is_good) {
        *err = second->err;
        good = false;
    }
    good = good && objects_append(first->objects, &second->objects, err) &&
           masks_append(&first->masks, &second->loading.masks, err) &&
           poses_append(&first->poses, &second->loading.poses, err);
    if (good) loading_show_rows(first);
    objects_free(&second->objects);
    second->loading.pictures = NULL; /* they belong to the first */
    loading_free(&second->loading);
    return good;
}

/* ---- all --------------------------------------------------------------------------------- */

static bool read_halves(struct loading *loading, const struct connections *connections,
                        const struct rows *parts, struct err *err) {
    struct second second;
    struct piece first = piece_of(parts, 0);
    second_start(&second, loading, connections->second, piece_of(parts, 1));
    loading->beside = &second.progress;
    bool good = read_piece(loading, connections->db, &first, err);
    loading->beside = NULL;
    return second_finish(&second, loading, good, err);
}

/* The images and categories come before what refers to them. */
static bool read_parts(struct loading *loading, const struct connections *connections,
                       const struct rows *parts, struct err *err) {
    struct db *db = connections->db;
    if (!loading_read(loading, db, rows_text(parts, IMAGES, COMMAND), loading_take_image, err) ||
        !loading_read(loading, db, rows_text(parts, CATEGORIES, COMMAND), loading_take_category,
                      err)) {
        return false;
    }
    loading_know_ids(loading);
    if (count_pieces(parts) > 1) return read_halves(loading, connections, parts, err);
    struct piece whole = piece_of(parts, 0);
    return read_piece(loading, db, &whole, err);
}

enum {
    NUMBER_ROOM = 24
};

struct numbers_as_text {
    char dataset_id[NUMBER_ROOM];
    char ground_truth[NUMBER_ROOM];
    char run[NUMBER_ROOM];
    char bounds[3 * NUMBER_ROOM];
};

static void write_numbers(struct numbers_as_text *text, const struct imports *imports) {
    snprintf(text->dataset_id, sizeof text->dataset_id, "%" PRId64, imports->dataset_id);
    snprintf(text->ground_truth, sizeof text->ground_truth, "%" PRId64, imports->ground_truth);
    snprintf(text->run, sizeof text->run, "%" PRId64, imports->run);
}

/* Writes the bounds of the pieces. */
static const char *write_bounds(struct numbers_as_text *text, const struct image_range *range,
                                bool two) {
    if (!range) return NULL;
    if (two) {
        snprintf(text->bounds, sizeof text->bounds, "{%" PRId64 ",%" PRId64 ",%" PRId64 "}",
                 range->first, range->middle, range->last);
    } else {
        snprintf(text->bounds, sizeof text->bounds, "{%" PRId64 ",%" PRId64 "}", range->first,
                 range->last);
    }
    return text->bounds;
}

static bool load_rows(struct loading *loading, const struct connections *connections,
                      const struct imports *imports, const struct image_range *range,
                      struct err *err) {
    struct rows parts;
    struct numbers_as_text text = {.run = ""};
    bool two = connections->second;
    write_numbers(&text, imports);
    const char *params[] = {text.dataset_id, text.ground_truth,
                            text.run,        iou_type_name(loading->settings->iou_type),
                            two ? "2" : "1", write_bounds(&text, range, two)};
    progress_enter(loading->progress, PROGRESS_READ);
    bool good = rows_query(&parts, connections->db, rows_sql, 6, params, err) &&
                read_parts(loading, connections, &parts, err);
    rows_free(&parts);
    return good;
}

/* Frees what only reading needs, and keeps what users should know. */
static void finish_reading(struct loading *loading) {
    struct objects *objects = loading->objects;
    masks_finish(&loading->masks);
    poses_finish(&loading->poses);
    free(loading->pictures);
    loading->pictures = NULL;
    objects->notes.truths_without_mask = loading->masks.truths_without;
    objects->notes.unreadable_shapes = loading->masks.unreadable + loading->poses.unreadable;
    objects->notes.masks_without_image_size = loading->masks.unsized;
    objects->notes.detections_without_keypoints = loading->poses.detections_without;
}

static bool fill_overlaps(struct loading *loading, unsigned threads, struct err *err) {
    static overlap_function *const functions[IOU_TYPES] = {[IOU_BBOX] = overlap_of_boxes,
                                                           [IOU_SEGM] = overlap_of_masks,
                                                           [IOU_KEYPOINTS] = overlap_of_poses};
    const void *const selves[IOU_TYPES] = {
        [IOU_SEGM] = &loading->masks, [IOU_KEYPOINTS] = &loading->poses};
    enum iou_type type = loading->settings->iou_type;
    return overlaps_fill(loading->objects, settings_depth(loading->settings), functions[type],
                         selves[type], threads, loading->progress, err);
}

bool load_objects(struct objects *objects, const struct connections *connections,
                  const struct imports *imports, const struct image_range *range,
                  const struct settings *settings, unsigned threads, struct progress *progress,
                  uint64_t *rows, struct err *err) {
    struct loading loading = {
        .objects = objects, .settings = settings, .progress = progress, .before = *rows};
    objects_init(objects);
    loading_init(&loading);
    bool good = load_rows(&loading, connections, imports, range, err);
    *rows += objects->truth_count + objects->detection_count;
    finish_reading(&loading);
    progress_enter(progress, PROGRESS_COMPUTE);
    good = good && objects_sort(objects, threads, err) && fill_overlaps(&loading, threads, err);
    loading_free(&loading);
    if (good) objects_drop_boxes(objects);
    return good;
}

bool load_selection(bool *images, const struct objects *objects, struct db *db,
                    const struct imports *imports, const struct image_range *range,
                    const char *split, const char *slice, struct progress *progress,
                    struct err *err) {
    struct loading loading = {.progress = progress};
    struct rows command;
    char dataset_id[NUMBER_ROOM], first[NUMBER_ROOM], last[NUMBER_ROOM];
    snprintf(dataset_id, sizeof dataset_id, "%" PRId64, imports->dataset_id);
    if (range) snprintf(first, sizeof first, "%" PRId64, range->first);
    if (range) snprintf(last, sizeof last, "%" PRId64, range->last);
    const char *dataset[] = {dataset_id};
    const char *params[] = {split, slice, range ? first : NULL, range ? last : NULL};
    loading.selected = images;
    loading.images = (struct idset){.ids = objects->image_ids, .count = objects->image_count};
    if (!db_execute(db, "select coco.begin_export($1)", 1, dataset, err)) return false;
    bool good = rows_query(&command, db, selection_sql, 4, params, err) &&
                loading_read(&loading, db, rows_text(&command, 0, 0), loading_take_selected, err);
    rows_free(&command);
    return good;
}
