/* Packs keypoints and compares them: see poses.h. */
#include "evaluation/poses.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "coco/numeral.h"
#include "coco/points.h"
#include "evaluation/memory.h"
#include "evaluation/metrics.h"

enum {
    FIRST_POSES = 1024,
    DEPTH_MAX = 16, /* of the JSON; keypoints need two */
    TRUTH_PARTS = 3,
    DETECTION_PARTS = 2
};

void poses_init(struct poses *poses, const struct settings *settings) {
    *poses = (struct poses){.point_count = settings->sigma_count};
    for (size_t i = 0; i < settings->sigma_count; i++) {
        double twice = settings->sigmas[i] * 2;
        poses->variances[i] = twice * twice;
    }
    poses->truths.size = TRUTH_PARTS * settings->sigma_count;
    poses->detections.size = DETECTION_PARTS * settings->sigma_count;
    number_lists_init(&poses->lists);
    json_parser_init(&poses->parser, DEPTH_MAX);
}

void poses_finish(struct poses *poses) {
    number_lists_free(&poses->lists);
    json_parser_free(&poses->parser);
}

static void list_free(struct pose_list *list) {
    free(list->places);
    free(list->numbers);
    *list = (struct pose_list){.size = list->size};
}

void poses_free(struct poses *poses) {
    poses_finish(poses);
    list_free(&poses->truths);
    list_free(&poses->detections);
}

/* ---- memory ------------------------------------------------------------------------------ */

static bool add_place(struct pose_list *list, uint32_t place, struct err *err) {
    uint32_t *places =
        memory_grow(list->places, list->count, &list->cap, sizeof *places, FIRST_POSES, err);
    if (!places) return false;
    list->places = places;
    places[list->count++] = place;
    return true;
}

/* Makes room for another pose and returns it; NULL with ERR_BUSY. */
static double *next_pose(struct pose_list *list, struct err *err) {
    double *numbers = memory_grow(list->numbers, list->pose_count, &list->pose_cap,
                                  list->size * sizeof *numbers, FIRST_POSES, err);
    if (!numbers) return NULL;
    list->numbers = numbers;
    return numbers + list->pose_count * list->size;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* Where the numbers of a list go: `parts` of each point are kept, of the `given` that it has. */
struct layout {
    size_t given;
    size_t parts;
};

static void put_number(struct layout layout, size_t at, double number, double *into) {
    size_t part = at % layout.given;
    if (part < layout.parts) into[at / layout.given * layout.parts + part] = number;
}

static bool read_flat(const struct json_value *value, uint32_t list, struct layout layout,
                      double *into) {
    size_t at = 0;
    for (uint32_t i = list + 1; i < value->nodes[list].next; i = value->nodes[i].next, at++) {
        double number;
        if (numeral_double(value, i, &number) != NUMBER_OK) return false;
        put_number(layout, at, number, into);
    }
    return true;
}

/* Reads a list that holds each point as a list of its own. */
static bool read_nested(const struct json_value *value, uint32_t list, size_t parts, double *into) {
    for (uint32_t i = list + 1; i < value->nodes[list].next; i = value->nodes[i].next) {
        uint32_t given = json_child_count(value, i);
        if (value->nodes[i].type != JSON_ARRAY || given < 2 || given > 3) return false;
        if (!read_flat(value, i, (struct layout){given, parts}, into)) return false;
        into += parts;
    }
    return true;
}

static void set_all_visible(double *pose, size_t points) {
    for (size_t i = 0; i < points; i++) pose[i * TRUTH_PARTS + 2] = 1;
}

static bool wrong_count(const struct poses *poses, uint32_t count, bool nested, int64_t id,
                        struct err *err) {
    return err_set(err, ERR_BAD_REQUEST,
                   "keypoints of annotation %" PRId64 " has %" PRIu32
                   " %s, but there are %zu sigmas; give sigmas=, a number for each point",
                   id, count, nested ? "points" : "numbers", poses->point_count);
}

enum reading {
    READ,
    NOTHING_THERE,
    FAILED
};

static enum reading unreadable(struct poses *poses) {
    poses->unreadable++;
    return NOTHING_THERE;
}

static enum reading read_points(struct poses *poses, struct pose_list *list,
                                const struct json_value *value, int64_t id, struct err *err) {
    size_t points = poses->point_count;
    size_t parts = list->size / points;
    uint32_t count = json_child_count(value, 0);
    if (value->nodes[0].type != JSON_ARRAY) return unreadable(poses);
    if (count == 0) return NOTHING_THERE;
    bool nested = value->nodes[1].type == JSON_ARRAY;
    size_t given = count == 2 * points ? 2 : 3;
    if (nested ? count != points : count != given * points) {
        wrong_count(poses, count, nested, id, err);
        return FAILED;
    }
    double *pose = next_pose(list, err);
    if (!pose) return FAILED;
    if (parts == TRUTH_PARTS) set_all_visible(pose, points);
    bool good = nested ? read_nested(value, 0, parts, pose)
                       : read_flat(value, 0, (struct layout){given, parts}, pose);
    return good ? READ : unreadable(poses);
}

/* Reads a list of as many numbers as there must be; false without an error for anything else. */
static bool read_plain(struct poses *poses, struct pose_list *list, struct slice text,
                       enum reading *reading, struct err *err) {
    const struct number_lists *lists = &poses->lists;
    size_t points = poses->point_count;
    if (points == 0 || !number_lists_read(&poses->lists, text) || lists->is_nested) return false;
    struct layout layout = {0, list->size / points};
    if (lists->count == 2 * points) layout.given = 2;
    if (lists->count == 3 * points) layout.given = 3;
    if (layout.given == 0) return false;
    double *pose = next_pose(list, err);
    *reading = pose ? READ : FAILED;
    if (!pose) return true;
    if (layout.parts == TRUTH_PARTS) set_all_visible(pose, points);
    for (size_t i = 0; i < lists->count; i++) put_number(layout, i, lists->numbers[i], pose);
    return true;
}

static enum reading read_pose(struct poses *poses, struct pose_list *list, struct slice text,
                              int64_t id, struct err *err) {
    struct json_value value;
    enum reading reading;
    if (!text.data || (text.len == 4 && memcmp(text.data, "null", 4) == 0)) return NOTHING_THERE;
    if (read_plain(poses, list, text, &reading, err)) return reading;
    if (json_parser_read(&poses->parser, text, &value, err)) {
        return read_points(poses, list, &value, id, err);
    }
    return err->code == ERR_BUSY ? FAILED : unreadable(poses);
}

static bool keep(struct pose_list *list, bool is_kept, struct err *err) {
    if (!add_place(list, is_kept ? (uint32_t)list->pose_count : POSE_NONE, err)) return false;
    list->pose_count += is_kept;
    return true;
}

/* Reads the num_keypoints of a truth; false if it has none that is a number. */
static bool read_num_keypoints(struct poses *poses, struct slice extra, double *number) {
    struct json_value value;
    struct err ignored;
    if (!extra.data || !json_parser_read(&poses->parser, extra, &value, &ignored)) return false;
    uint32_t node = json_member(&value, 0, "num_keypoints");
    return node && numeral_double(&value, node, number) == NUMBER_OK;
}

bool poses_add_truth(struct poses *poses, struct slice keypoints, struct slice extra,
                     int64_t annotation_id, bool *is_unlabelled, struct err *err) {
    struct pose_list *list = &poses->truths;
    double labelled = 0;
    double said;
    enum reading reading = read_pose(poses, list, keypoints, annotation_id, err);
    if (reading == FAILED) return false;
    const double *pose = reading == READ ? list->numbers + list->pose_count * list->size : NULL;
    for (size_t i = 0; pose && i < poses->point_count; i++) {
        labelled += pose[i * TRUTH_PARTS + 2] > 0;
    }
    *is_unlabelled = (read_num_keypoints(poses, extra, &said) ? said : labelled) == 0;
    return keep(list, labelled > 0, err);
}

bool poses_add_detection(struct poses *poses, struct slice keypoints, int64_t annotation_id,
                         struct err *err) {
    enum reading reading = read_pose(poses, &poses->detections, keypoints, annotation_id, err);
    if (reading == FAILED) return false;
    poses->detections_without += reading == NOTHING_THERE;
    return keep(&poses->detections, reading == READ, err);
}

static bool append_list(struct pose_list *list, const struct pose_list *more, struct err *err) {
    for (size_t i = 0; i < more->count; i++) {
        bool is_kept = more->places[i] != POSE_NONE;
        double *pose = is_kept ? next_pose(list, err) : NULL;
        if (is_kept && !pose) return false;
        if (pose)
            memcpy(pose, more->numbers + more->places[i] * more->size, more->size * sizeof *pose);
        if (!keep(list, is_kept, err)) return false;
    }
    return true;
}

bool poses_append(struct poses *poses, const struct poses *others, struct err *err) {
    poses->detections_without += others->detections_without;
    poses->unreadable += others->unreadable;
    return append_list(&poses->truths, &others->truths, err) &&
           append_list(&poses->detections, &others->detections, err);
}

/* ---- comparing --------------------------------------------------------------------------- */

/* Returns the pose of a row; NULL if it has none. */
static const double *pose_of(const struct pose_list *list, uint32_t row) {
    uint32_t place = list->places[row];
    return place == POSE_NONE ? NULL : list->numbers + place * list->size;
}

double poses_area(const struct poses *poses, uint32_t row) {
    const double *pose = pose_of(&poses->detections, row);
    struct point_extent extent = point_extent_empty;
    if (!pose) return 0;
    for (size_t i = 0; i < poses->point_count; i++) {
        point_extent_add(&extent, pose[i * DETECTION_PARTS], pose[i * DETECTION_PARTS + 1]);
    }
    struct bbox box = point_extent_box(&extent);
    return box.w * box.h;
}

/* How alike a point is; dx and dy in pixels. The order of the divisions is computeOks'. */
static double likeness(double dx, double dy, double variance, double area) {
    return exp(-((dx * dx + dy * dy) / variance / (area + DBL_EPSILON) / 2));
}

static double compare_points(const struct poses *poses, const double *detection,
                             const double *truth, double area) {
    double likes[SIGMAS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < poses->point_count; i++) {
        const double *from = truth + i * TRUTH_PARTS;
        const double *to = detection + i * DETECTION_PARTS;
        if (!(from[2] > 0)) continue;
        likes[count++] = likeness(to[0] - from[0], to[1] - from[1], poses->variances[i], area);
    }
    return mean(likes, count);
}

/* Returns how far a coordinate lies outside of the side of a box, made three times as long. */
static double outside(double at, double start, double length) {
    double before = start - length - at;
    double behind = at - (start + length * 2);
    return (before > 0 ? before : 0) + (behind > 0 ? behind : 0);
}

static double compare_with_box(const struct poses *poses, const double *detection,
                               const struct truth *truth) {
    double likes[SIGMAS_MAX];
    const struct bbox *box = &truth->bbox;
    for (size_t i = 0; i < poses->point_count; i++) {
        const double *at = detection + i * DETECTION_PARTS;
        likes[i] = likeness(outside(at[0], box->x, box->w), outside(at[1], box->y, box->h),
                            poses->variances[i], truth->area);
    }
    return mean(likes, poses->point_count);
}

double overlap_of_poses(const void *self, const struct objects *objects, uint32_t detection,
                        uint32_t truth) {
    const struct poses *poses = self;
    const struct truth *other = &objects->truths[truth];
    const double *pose = pose_of(&poses->detections, objects->detections[detection].row);
    const double *due = pose_of(&poses->truths, other->row);
    if (!pose) return 0;
    return due ? compare_points(poses, pose, due, other->area)
               : compare_with_box(poses, pose, other);
}
