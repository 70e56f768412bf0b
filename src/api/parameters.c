/* Reads and checks parameters of requests: see parameters.h. */
#include "api/parameters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/plain_number.h"
#include "base/shown.h"
#include "evaluation/bootstrap.h"
#include "evaluation/settings.h"
#include "http/query.h"
#include "import/run_name.h"
#include "import/token.h"

static const char *const outcome_choices[] = {"true_positive", "localisation", "classification",
                                              "both",          "duplicate",    "background",
                                              "missed",        "ignored",      NULL};
static const char *const sorts[] = {"id",    "-id",         "file_name",    "-file_name", "size",
                                    "-size", "annotations", "-annotations", NULL};
static const char *const match_choices[] = {[MATCH_ID] = "id", [MATCH_NAME] = "name", NULL};
static const char *const iou_types[] = {
    [IOU_BBOX] = "bbox", [IOU_SEGM] = "segm", [IOU_KEYPOINTS] = "keypoints", NULL};
static const char *const include_choices[] = {"curves", "matrix", "calibration", "interval", NULL};

const struct parameter parameter_table[PARAMETERS] = {
    [PATH_DATASET] = {.name = "dataset",
                      .type = PARAMETER_NAME,
                      .in_path = true,
                      .description = "Name or id of a dataset."},
    [PATH_RUN] = {.name = "run",
                  .type = PARAMETER_NAME,
                  .in_path = true,
                  .description = "Name of a run."},
    [PATH_IMPORT] = {.name = "import",
                     .type = PARAMETER_TOKEN,
                     .in_path = true,
                     .description = "Token of an upload: the one that its client gave as the "
                                    "parameter import, or \"import\" of its answer."},
    [PATH_EVALUATION] = {.name = "evaluation",
                         .type = PARAMETER_TOKEN,
                         .in_path = true,
                         .description = "Token of an evaluation: the one that its client gave as "
                                        "the parameter evaluation."},
    [PATH_SLICE] = {.name = "slice",
                    .type = PARAMETER_NAME,
                    .in_path = true,
                    .description = "Name of a slice: a set of images."},
    [PATH_IMAGE] = {.name = "image",
                    .type = PARAMETER_LIST,
                    .in_path = true,
                    .description = "Id of an image: the number, or the text of the file."},
    [QUERY_IMPORT] = {.name = "import",
                      .type = PARAMETER_TOKEN,
                      .description = "Token under which GET /imports/{import} finds the upload "
                                     "while it runs and afterwards; a random one by default."},
    [QUERY_DRY_RUN] = {.name = "dry_run",
                       .type = PARAMETER_BOOLEAN,
                       .fallback = "0",
                       .description = "1: do everything but commit, and answer what the import "
                                      "would have answered."},
    [QUERY_MAX_SKIPPED] = {.name = "max_skipped",
                           .type = PARAMETER_SKIP_LIMIT,
                           .description = "Refuse the file when more rows than this are skipped: a "
                                          "number, or a percentage of the rows such as 2.5%."},
    [QUERY_CATEGORY_OFFSET] = {.name = "category_offset",
                               .type = PARAMETER_INTEGER,
                               .fallback = "0",
                               .min = -1000000,
                               .max = 1000000,
                               .description = "Is added to every category_id of the file."},
    [QUERY_MATCH] = {.name = "match",
                     .type = PARAMETER_CHOICE,
                     .choices = match_choices,
                     .description = "name: match images and categories by their names instead of "
                                    "their ids. id: by ids, even where names beside them say "
                                    "otherwise."},
    [QUERY_RUN_NAME] = {.name = "run_name",
                        .type = PARAMETER_NAME,
                        .description = "Name of the run; by default made from the file name."},
    [QUERY_NAME] = {.name = "name",
                    .type = PARAMETER_NAME,
                    .description = "Name of the new dataset; a form may give it as a field."},
    [QUERY_SPLIT] = {.name = "split",
                     .type = PARAMETER_NAME,
                     .description = "Split that the images belong to: train, val and so on."},
    [QUERY_AFTER] = {.name = "after",
                     .type = PARAMETER_NAME,
                     .description = "Begin after this name; the member next of a page has it."},
    [QUERY_METRIC] = {.name = "metric",
                      .type = PARAMETER_NAME,
                      .fallback = "AP",
                      .description = "Name of the number to sort by: AP, AP50, AR100 and so on."},
    [QUERY_RENUMBER] = {.name = "renumber",
                        .type = PARAMETER_BOOLEAN,
                        .fallback = "0",
                        .description = "1: give the annotations new ids, their places in the "
                                       "file; keeps those that repeat an id."},
    [QUERY_EVALUATE] = {.name = "evaluate",
                        .type = PARAMETER_CHOICE,
                        .choices = iou_types,
                        .description = "Evaluate the run once it is imported; the answer has the "
                                       "numbers as evaluation."},
    [QUERY_EVALUATION] = {.name = "evaluation",
                          .type = PARAMETER_TOKEN,
                          .description = "Token under which GET /evaluations/{evaluation} finds "
                                         "the evaluation while it runs, and DELETE ends it."},
    [QUERY_IOU_TYPE] = {.name = "iou_type",
                        .type = PARAMETER_CHOICE,
                        .choices = iou_types,
                        .fallback = "bbox",
                        .description = "What overlaps: boxes, masks or keypoints."},
    [QUERY_ONLY_SPLIT] = {.name = "split",
                          .type = PARAMETER_NAME,
                          .description = "Only images of this split."},
    [QUERY_SLICE] = {.name = "slice",
                     .type = PARAMETER_NAME,
                     .description = "Only images of this slice."},
    [QUERY_IOU_THRESHOLDS] = {.name = "iou_thresholds",
                              .type = PARAMETER_LIST,
                              .description = "Thresholds of AP: 0.5,0.75 or FIRST:LAST:STEP; "
                                             "0.5:0.95:0.05 by default."},
    [QUERY_MAX_DETS] = {.name = "max_dets",
                        .type = PARAMETER_LIST,
                        .description = "Most detections of an image and class, surest first: a "
                                       "list for AR, the largest for all else; 1,10,100 by "
                                       "default, 20 for keypoints."},
    [QUERY_AREAS] = {.name = "areas",
                     .type = PARAMETER_LIST,
                     .description = "Ranges of areas in square pixels, NAME:LOW-HIGH with commas "
                                    "between them, the first for AP; COCO's by default."},
    [QUERY_CATEGORIES] = {.name = "categories",
                          .type = PARAMETER_IDS,
                          .description = "Only these classes: category ids with commas between "
                                         "them."},
    [QUERY_EXACT] = {.name = "exact",
                     .type = PARAMETER_BOOLEAN,
                     .fallback = "1",
                     .description = "0: a ground truth with annotation id 0 can be matched, which "
                                    "pycocotools does not do."},
    [QUERY_SIGMAS] = {.name = "sigmas",
                      .type = PARAMETER_LIST,
                      .description = "Keypoints: the sigma of each point; COCO's 17 by default."},
    [QUERY_IOU] = {.name = "iou",
                   .type = PARAMETER_NUMBER,
                   .fallback = "0.5",
                   .least = 0.001,
                   .most = 1,
                   .description = "Least overlap of a match at the operating point, in the "
                                  "confusion matrix and the calibration."},
    [QUERY_CONFIDENCE] = {.name = "confidence",
                          .type = PARAMETER_NUMBER,
                          .fallback = "0.25",
                          .least = 0,
                          .most = 1e6,
                          .description = "Least score at the operating point and in the "
                                         "confusion matrix."},
    [QUERY_INCLUDE] = {.name = "include",
                       .type = PARAMETER_CHOICES,
                       .choices = include_choices,
                       .description = "Further parts of the document, with commas between them."},
    [QUERY_RUN] = {.name = "run",
                   .type = PARAMETER_NAME,
                   .description = "Only this run; of a comparison, the run A."},
    [QUERY_WITH] = {.name = "with",
                    .type = PARAMETER_NAME,
                    .description = "The run B, which is compared with A."},
    [QUERY_RESAMPLES] = {.name = "resamples",
                         .type = PARAMETER_INTEGER,
                         .max = BOOTSTRAP_RESAMPLES_MAX,
                         .fallback = "1000",
                         .description = "Resamples of the images for intervals; 0: none."},
    [QUERY_SEED] = {.name = "seed",
                    .type = PARAMETER_INTEGER,
                    .max = UINT32_MAX,
                    .fallback = "0",
                    .description = "Seed of the resamples: the same one gives the same intervals."},
    [QUERY_TYPE] = {.name = "type",
                    .type = PARAMETER_CHOICE,
                    .choices = outcome_choices,
                    .description = "Only this outcome."},
    [QUERY_CATEGORY] = {.name = "category",
                        .type = PARAMETER_LIST,
                        .description = "Only detections and ground truths of this class: its id, "
                                       "or its name."},
    [QUERY_TRUTH] = {.name = "truth",
                     .type = PARAMETER_LIST,
                     .description = "With predicted: a cell of the confusion matrix. The id or the "
                                    "name of a class, or background."},
    [QUERY_PREDICTED] = {.name = "predicted", .type = PARAMETER_LIST, .description = "See truth."},
    [QUERY_IMAGE_ID] = {.name = "image_id",
                        .type = PARAMETER_INTEGER,
                        .min = INT64_MIN,
                        .max = INT64_MAX,
                        .description = "Only this image."},
    [QUERY_MIN_CONFIDENCE] = {.name = "min_confidence",
                              .type = PARAMETER_NUMBER,
                              .least = 0,
                              .most = 1e9,
                              .description = "Only detections with at least this score."},
    [QUERY_MIN_IOU] = {.name = "min_iou",
                       .type = PARAMETER_NUMBER,
                       .least = 0,
                       .most = 1,
                       .description = "How much a detection must overlap the ground truth whose "
                                      "class may be wrong."},
    [QUERY_LIMIT] = {.name = "limit",
                     .type = PARAMETER_INTEGER,
                     .fallback = "100",
                     .min = 1,
                     .max = 1000,
                     .description = "Rows of a page."},
    [QUERY_IMAGES] = {.name = "limit",
                      .type = PARAMETER_INTEGER,
                      .fallback = "100",
                      .min = 1,
                      .max = 500,
                      .description = "Images of a page."},
    [QUERY_SORT] = {.name = "sort",
                    .type = PARAMETER_CHOICE,
                    .choices = sorts,
                    .description = "What images are sorted by; a dash in front: the reverse."},
    [QUERY_SOURCE] = {.name = "source",
                      .type = PARAMETER_LIST,
                      .description = "A run, or ground_truth; where rows are listed, several with "
                                     "commas between them."},
    [QUERY_OUTCOME] = {.name = "outcome",
                       .type = PARAMETER_CHOICE,
                       .choices = outcome_choices,
                       .description = "Only images in which a detection or a ground truth has this "
                                      "outcome in the run that source names."},
    [QUERY_SEARCH] = {.name = "search",
                      .type = PARAMETER_LIST,
                      .description = "Only images with this text in their file name; with * at its "
                                     "end: that begin with it."},
    [QUERY_FILE_NAME] = {.name = "file_name",
                         .type = PARAMETER_LIST,
                         .description = "Only images with exactly this file name."},
    [QUERY_AT] = {.name = "at",
                  .type = PARAMETER_INTEGER,
                  .min = 1,
                  .max = INT64_MAX,
                  .description = "Begin with the image at this place of the list, from 1."},
    [QUERY_IMAGE_IDS] = {.name = "image_ids",
                         .type = PARAMETER_LIST,
                         .description = "Ids of images with commas between them, 500 at most."},
};

/* ---- messages ---------------------------------------------------------------------------- */

static void write_choices(const struct parameter *parameter, const char *between,
                          struct buf *into) {
    for (size_t i = 0; parameter->choices[i]; i++) {
        buf_printf(into, "%s%s", i ? between : "", parameter->choices[i]);
    }
}

/* Describes the values that a parameter may have. */
static void write_allowed(const struct parameter *parameter, struct buf *into) {
    switch (parameter->type) {
    case PARAMETER_NAME:
        buf_put_text(into, run_name_rule);
        break;
    case PARAMETER_TOKEN:
        buf_printf(into, "1 to %d letters, digits, dashes and underscores", TOKEN_MAX);
        break;
    case PARAMETER_INTEGER:
        buf_printf(into, "a whole number from %" PRId64 " to %" PRId64, parameter->min,
                   parameter->max);
        break;
    case PARAMETER_BOOLEAN:
        buf_put_text(into, "0 or 1");
        break;
    case PARAMETER_SKIP_LIMIT:
        buf_put_text(into, "a number of rows, or a percentage such as 2.5%");
        break;
    case PARAMETER_CHOICE:
        write_choices(parameter, " or ", into);
        break;
    case PARAMETER_CHOICES:
        write_choices(parameter, ", ", into);
        buf_put_text(into, ": some of them, each once, with commas between them");
        break;
    case PARAMETER_NUMBER:
        buf_printf(into, "a number from %g to %g", parameter->least, parameter->most);
        break;
    case PARAMETER_IDS:
        buf_put_text(into, "ids with commas between them, such as 1,2,3");
        break;
    case PARAMETER_LIST:
        buf_put_text(into, "a list");
        break;
    }
}

static bool refuse_value(const struct parameter *parameter, const char *text, struct err *err) {
    char sent[SHOWN_ROOM];
    struct buf allowed;
    buf_init(&allowed, sizeof err->message);
    write_allowed(parameter, &allowed);
    err_set(err, ERR_BAD_REQUEST, "%s must be %s, not \"%s\"", parameter->name, buf_text(&allowed),
            shown(text, sent));
    buf_free(&allowed);
    return false;
}

/* Refuses an unknown parameter and lists the known ones: a misspelt dryrun=1 must not
 * replace a run. */
static bool refuse_unknown(const enum parameter_id *takes, const char *name, struct err *err) {
    char sent[SHOWN_ROOM];
    struct buf known;
    buf_init(&known, sizeof err->message);
    for (; *takes; takes++) {
        if (parameter_table[*takes].in_path) continue;
        buf_printf(&known, "%s%s",
                   known.len ? ", " : "; this address takes: ", parameter_table[*takes].name);
    }
    err_set(err, ERR_BAD_REQUEST, "there is no parameter \"%s\" here%s", shown(name, sent),
            known.len ? buf_text(&known) : "; this address takes none");
    buf_free(&known);
    return false;
}

/* ---- values ------------------------------------------------------------------------------ */

static bool parse_integer(const struct parameter *parameter, const char *text, int64_t *value) {
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    /* strtoll also accepts a plus sign and leading white space. */
    bool is_number = strchr("-0123456789", text[0]) && end > text && *end == '\0' && errno == 0;
    return is_number && *value >= parameter->min && *value <= parameter->max;
}

static bool parse_boolean(const char *text, bool *value) {
    *value = strcmp(text, "1") == 0;
    return *value || strcmp(text, "0") == 0;
}

static bool parse_choice(const struct parameter *parameter, const char *text, int *value) {
    for (int i = 0; parameter->choices[i]; i++) {
        if (strcmp(text, parameter->choices[i]) != 0) continue;
        *value = i;
        return true;
    }
    return false;
}

static bool parse_number(const struct parameter *parameter, const char *text, double *value) {
    return plain_number_read(text, value) && *value >= parameter->least &&
           *value <= parameter->most;
}

/* Each may come once, so that the length is bounded. */
static bool parse_choices(const struct parameter *parameter, const char *text) {
    unsigned seen = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        int i = 0;
        while (parameter->choices[i] && (strlen(parameter->choices[i]) != len ||
                                         strncmp(parameter->choices[i], text, len) != 0)) {
            i++;
        }
        if (!parameter->choices[i] || seen & 1u << i) return false;
        seen |= 1u << i;
        if (text[len] == '\0') return true;
        text += len + 1;
    }
}

/* Ids of categories fit an integer of the database. */
static bool parse_ids(const char *text) {
    for (;;) {
        char *end;
        size_t len = strcspn(text, ",");
        long id = strtol(text, &end, 10);
        bool is_number = strchr("-0123456789", text[0]) && end == text + len && len > 0;
        if (!is_number || id < INT32_MIN || id > INT32_MAX) return false;
        if (text[len] == '\0') return true;
        text += len + 1;
    }
}

static bool parse(const struct parameter *parameter, const char *text,
                  struct parameter_value *value) {
    switch (parameter->type) {
    case PARAMETER_NAME:
        return run_name_is_allowed(text);
    case PARAMETER_TOKEN:
        return token_is_valid(text);
    case PARAMETER_INTEGER:
        return parse_integer(parameter, text, &value->integer);
    case PARAMETER_BOOLEAN:
        return parse_boolean(text, &value->flag);
    case PARAMETER_SKIP_LIMIT:
        return skip_limit_parse(text, &value->skip_limit);
    case PARAMETER_CHOICE:
        return parse_choice(parameter, text, &value->choice);
    case PARAMETER_CHOICES:
        return parse_choices(parameter, text);
    case PARAMETER_NUMBER:
        return parse_number(parameter, text, &value->number);
    case PARAMETER_IDS:
        return parse_ids(text);
    case PARAMETER_LIST:
        return true;
    }
    return false;
}

/* Browsers send all fields of a form; an empty one counts as not given. */
static bool may_be_empty(enum parameter_type type) {
    return type == PARAMETER_NAME || type == PARAMETER_CHOICES || type == PARAMETER_IDS ||
           type == PARAMETER_LIST;
}

bool parameter_parse(const struct parameter *parameter, const char *text,
                     struct parameter_value *value, struct err *err) {
    *value = (struct parameter_value){0};
    if (text[0] == '\0' && !parameter->in_path && may_be_empty(parameter->type)) return true;
    if (!parse(parameter, text, value)) return refuse_value(parameter, text, err);
    value->text = text;
    return true;
}

/* ---- a request --------------------------------------------------------------------------- */

bool parameters_read_path(struct parameters *parameters, enum parameter_id id, struct slice text,
                          struct err *err) {
    char *into = parameters->text + parameters->used;
    if (text.len >= sizeof parameters->text - parameters->used) {
        return err_set(err, ERR_BAD_REQUEST, "the address is too long");
    }
    memcpy(into, text.data, text.len);
    into[text.len] = '\0';
    parameters->used += text.len + 1;
    if (!parameter_parse(&parameter_table[id], into, &parameters->values[id], err)) return false;
    parameters->values[id].is_given = true;
    return true;
}

static enum parameter_id find(const enum parameter_id *takes, const char *name) {
    for (; *takes; takes++) {
        const struct parameter *parameter = &parameter_table[*takes];
        if (!parameter->in_path && strcmp(parameter->name, name) == 0) return *takes;
    }
    return PARAMETER_NONE;
}

static bool read_value(struct parameters *parameters, enum parameter_id id, struct slice value,
                       struct err *err) {
    const struct parameter *parameter = &parameter_table[id];
    char *into = parameters->text + parameters->used;
    if (parameters->values[id].is_given) {
        return err_set(err, ERR_BAD_REQUEST, "%s is given twice", parameter->name);
    }
    if (!query_decode(value, into, sizeof parameters->text - parameters->used)) {
        return err_set(err, ERR_BAD_REQUEST,
                       "the value of %s is too long or badly encoded (write %% as %%25; no NUL)",
                       parameter->name);
    }
    parameters->used += strlen(into) + 1;
    if (!parameter_parse(parameter, into, &parameters->values[id], err)) return false;
    parameters->values[id].is_given = true;
    return true;
}

static bool read_pair(struct parameters *parameters, const enum parameter_id *takes,
                      struct slice name, struct slice value, struct err *err) {
    char decoded[256];
    if (!query_decode(name, decoded, sizeof decoded)) {
        return err_set(err, ERR_BAD_REQUEST,
                       "the name of a parameter is too long or badly encoded");
    }
    enum parameter_id id = find(takes, decoded);
    return id ? read_value(parameters, id, value, err) : refuse_unknown(takes, decoded, err);
}

bool parameters_read_query(struct parameters *parameters, const enum parameter_id *takes,
                           const char *query, struct err *err) {
    struct slice name;
    struct slice value;
    while (query_next(&query, &name, &value)) {
        if (!read_pair(parameters, takes, name, value, err)) return false;
    }
    for (; *takes; takes++) {
        const struct parameter *parameter = &parameter_table[*takes];
        struct parameter_value *missing = &parameters->values[*takes];
        if (missing->is_given || !parameter->fallback) continue;
        if (!parameter_parse(parameter, parameter->fallback, missing, err)) return false;
    }
    return true;
}
