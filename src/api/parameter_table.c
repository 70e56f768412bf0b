/* The table of all parameters: see parameters.h. */
#include "api/parameters.h"

#include "evaluation/bootstrap.h"
#include "evaluation/settings.h"
#include "export/export.h"

/* Regular expressions. */
#define NUMBER "[0-9]+([.][0-9]+)?(e[+-]?[0-9]+)?"
#define AREA "[A-Za-z0-9_]+:" NUMBER "-" NUMBER

static const char *const outcome_choices[] = {"true_positive", "localisation", "classification",
                                              "both",          "duplicate",    "background",
                                              "missed",        "ignored",      NULL};
static const char *const sorts[] = {"id",     "-id",     "file_name",   "-file_name",
                                    "size",   "-size",   "annotations", "-annotations",
                                    "errors", "-errors", NULL};
static const char *const match_choices[] = {[MATCH_ID] = "id", [MATCH_NAME] = "name", NULL};
static const char *const iou_types[] = {
    [IOU_BBOX] = "bbox", [IOU_SEGM] = "segm", [IOU_KEYPOINTS] = "keypoints", NULL};
static const char *const picture_sizes[] = {"small", "medium", "large", NULL};
static const char *const include_choices[] = {"curves", "matrix", "calibration", "interval", NULL};

const struct parameter parameter_table[PARAMETERS] = {
    [PATH_DATASET] = {.name = "dataset",
                      .type = PARAMETER_NAME,
                      .in_path = true,
                      .description = "Name or id of a dataset.",
                      .unknown = ERR_UNKNOWN_DATASET,
                      .example = "street"},
    [PATH_RUN] = {.name = "run",
                  .type = PARAMETER_NAME,
                  .in_path = true,
                  .description = "Name of a run.",
                  .unknown = ERR_UNKNOWN_RUN,
                  .example = "yolov8"},
    [PATH_IMPORT] = {.name = "import",
                     .type = PARAMETER_TOKEN,
                     .in_path = true,
                     .description = "Token of an upload: the one that its client gave as the "
                                    "parameter import, or \"import\" of its answer.",
                     .unknown = ERR_UNKNOWN_IMPORT,
                     .example = "big-1"},
    [PATH_EVALUATION] = {.name = "evaluation",
                         .type = PARAMETER_TOKEN,
                         .in_path = true,
                         .description = "Token of an evaluation: the one that its client gave as "
                                        "the parameter evaluation.",
                         .unknown = ERR_UNKNOWN_EVALUATION,
                         .example = "big-1"},
    [PATH_SLICE] = {.name = "slice",
                    .type = PARAMETER_NAME,
                    .in_path = true,
                    .description = "Name of a slice: a set of images.",
                    .unknown = ERR_UNKNOWN_SLICE,
                    .example = "night"},
    [PATH_IMAGE] = {.name = "image",
                    .type = PARAMETER_LIST,
                    .in_path = true,
                    .description = "Id of an image: the number, or the text of the file.",
                    .unknown = ERR_UNKNOWN_IMAGE,
                    .example = "101"},
    [QUERY_IMPORT] = {.name = "import",
                      .type = PARAMETER_TOKEN,
                      .description =
                          "Token under which `GET /imports/{import}` finds the upload while "
                          "it runs and afterwards; without it a random one is made. One that "
                          "another upload has, or had when it was published, is 409 "
                          "`token_in_use`; after a failure it may be used again."},
    [QUERY_DRY_RUN] = {.name = "dry_run",
                       .type = PARAMETER_BOOLEAN,
                       .fallback = "0",
                       .description =
                           "1: do everything but the commit, and answer what the import would "
                           "have answered, with `\"dry_run\": true`. Nothing changes, and "
                           "nothing is kept in the history."},
    [QUERY_MAX_SKIPPED] = {.name = "max_skipped",
                           .type = PARAMETER_SKIP_LIMIT,
                           .description =
                               "Refuse the file with 422 `too_many_skipped` if more rows than "
                               "this are skipped. In a ground truth, images and categories count "
                               "as rows, too."},
    [QUERY_CATEGORY_OFFSET] =
        {.name = "category_offset",
         .type = PARAMETER_INTEGER,
         .fallback = "0",
         .min = -1000000,
         .max = 1000000,
         .description = "Is added to every `category_id` of the file: 1 is for a detector "
                        "that counts its classes from 0."},
    [QUERY_MATCH] = {.name = "match",
                     .type = PARAMETER_CHOICE,
                     .choices = match_choices,
                     .description =
                         "name: find images and categories by names instead of ids; id: by "
                         "ids, even where names beside them say otherwise. Without it the "
                         "ids are taken, and a file is refused in which names contradict "
                         "them."},
    [QUERY_RUN_NAME] = {.name = "run_name",
                        .type = PARAMETER_NAME,
                        .description =
                            "Name of the run; without it made from the name of the file."},
    [QUERY_NAME] = {.name = "name",
                    .type = PARAMETER_NAME,
                    .description = "Name of the new dataset; a form may give it as a field."},
    [QUERY_SPLIT] = {.name = "split",
                     .type = PARAMETER_NAME,
                     .description =
                         "Split that the images of the file belong to: train, val and so on."},
    [QUERY_AFTER] = {.name = "after",
                     .type = PARAMETER_NAME,
                     .description =
                         "Begin after this place of a list; the address in `next` of a page "
                         "has it."},
    [QUERY_METRIC] = {.name = "metric",
                      .type = PARAMETER_NAME,
                      .fallback = "AP",
                      .description = "Number to sort by: `AP`, `AP50`, `APs`, `AR100` and so on."},
    [QUERY_RENUMBER] = {.name = "renumber",
                        .type = PARAMETER_BOOLEAN,
                        .fallback = "0",
                        .description =
                            "1: give all annotations new ids, their places in the file, from "
                            "1. Without it annotations that repeat an id are skipped."},
    [QUERY_SHIFT] = {.name = "renumber",
                     .type = PARAMETER_BOOLEAN,
                     .fallback = "0",
                     .description = "1: where ids of the file are in the dataset already, add the "
                                    "same number to all of them, so that they follow those."},
    [QUERY_COPY] = {.name = "name",
                    .type = PARAMETER_NAME,
                    .description = "Name of the copy.",
                    .example = "copy"},
    [QUERY_RUNS] = {.name = "runs",
                    .type = PARAMETER_BOOLEAN,
                    .fallback = "1",
                    .description = "0: copy the ground truth alone."},
    [QUERY_FORCE] = {.name = "force",
                     .type = PARAMETER_BOOLEAN,
                     .fallback = "0",
                     .description = "1: drop the rows of runs whose images or classes are not in "
                                    "the new ground truth."},
    [QUERY_EVALUATE] = {.name = "evaluate",
                        .type = PARAMETER_CHOICE,
                        .choices = iou_types,
                        .description =
                            "Evaluate the run when it is published, with COCO's parameters. "
                            "The answer has the document as `evaluation` (for several files, a "
                            "list of them as `evaluations`), or the problem: the run stays "
                            "published either way. It is `busy` if a connection for "
                            "evaluations is not free within a second. The problem says where "
                            "to `ask` for the evaluation later, with the `sigmas` of keypoints "
                            "that are not 17 points. A dry run is not evaluated."},
    [QUERY_EVALUATION] = {.name = "evaluation",
                          .type = PARAMETER_TOKEN,
                          .description =
                              "Token under which `GET /evaluations/{evaluation}` finds the "
                              "evaluation while it runs, and `DELETE` ends it. One that waits or "
                              "runs already is 409 `token_in_use`."},
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
                     .description = "Only images of this slice.",
                     .unknown = ERR_UNKNOWN_SLICE},
    [QUERY_IOU_THRESHOLDS] = {.name = "iou_thresholds",
                              .type = PARAMETER_LIST,
                              .description =
                                  "The thresholds that AP is the mean of: up to 32 such as "
                                  "`0.5,0.75`, or `FIRST:LAST:STEP`; `0.5:0.95:0.05` by default.",
                              .pattern = NUMBER "(:" NUMBER ":" NUMBER "|(," NUMBER "){0,31})"},
    [QUERY_MAX_DETS] = {.name = "max_dets",
                        .type = PARAMETER_LIST,
                        .description =
                            "How many detections of an image and class count, the surest "
                            "first: up to 8 ascending numbers from 1 to 1000. AR has a number "
                            "for each, everything else uses the largest. `1,10,100` by "
                            "default, `20` for keypoints.",
                        .pattern = "[0-9]{1,4}(,[0-9]{1,4}){0,7}"},
    [QUERY_AREAS] = {.name = "areas",
                     .type = PARAMETER_LIST,
                     .description =
                         "Up to 8 ranges of areas in square pixels, `NAME:LOW-HIGH` with "
                         "commas between them. AP is about the first one, and there is a "
                         "number for each other. By default COCO's: "
                         "`all:0-1e10,small:0-1024,medium:1024-9216,large:9216-1e10`, for "
                         "keypoints without `small`.",
                     .pattern = AREA "(," AREA "){0,7}"},
    [QUERY_CATEGORIES] = {.name = "categories",
                          .type = PARAMETER_IDS,
                          .description = "Only these classes."},
    [QUERY_EXACT] = {.name = "exact",
                     .type = PARAMETER_BOOLEAN,
                     .fallback = "1",
                     .description =
                         "0: a ground truth with annotation id 0 can be matched. "
                         "pycocotools takes such a match for none, and so does the default."},
    [QUERY_SIGMAS] = {.name = "sigmas",
                      .type = PARAMETER_LIST,
                      .description =
                          "For keypoints, the sigma of each point, up to 256; COCO's 17 by "
                          "default. Where objects have another number of points, they must "
                          "be given.",
                      .pattern = NUMBER "(," NUMBER "){0,255}"},
    [QUERY_IOU] = {.name = "iou",
                   .type = PARAMETER_NUMBER,
                   .fallback = "0.5",
                   .least = 0.001,
                   .most = 1,
                   .description =
                       "Least overlap of a match at the operating point, in the confusion "
                       "matrix and in the calibration."},
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
                       .description =
                           "Further parts of the document: `curves` (precision and score at "
                           "101 recalls, per class and threshold), `matrix` (confusion), "
                           "`calibration`, `interval` (of AP, from 1,000 resamples)."},
    [QUERY_RUN] = {.name = "run",
                   .type = PARAMETER_NAME,
                   .description = "Only this run; of a comparison, the run A.",
                   .unknown = ERR_UNKNOWN_RUN,
                   .example = "yolov8"},
    [QUERY_WITH] = {.name = "with",
                    .type = PARAMETER_NAME,
                    .description = "The run B, which is compared with A.",
                    .unknown = ERR_UNKNOWN_RUN,
                    .example = "yolov9"},
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
                    .description = "Only this outcome. Without it all but the first and the last."},
    [QUERY_CATEGORY] = {.name = "category",
                        .type = PARAMETER_LIST,
                        .description =
                            "Only detections of this class, and ground truths of it: its id, "
                            "or its name."},
    [QUERY_TRUTH] = {.name = "truth",
                     .type = PARAMETER_LIST,
                     .description =
                         "Row of a cell of the confusion matrix: the id or the name of a "
                         "class, or `background`. It goes together with `predicted`, and "
                         "not both are `background`."},
    [QUERY_PREDICTED] = {.name = "predicted",
                         .type = PARAMETER_LIST,
                         .description = "Column of the cell that `truth` begins, likewise."},
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
                       .description = "How much a detection must overlap a ground truth of another "
                                      "class; 0.7 where nothing else is said."},
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
                    .description =
                        "What images are sorted by, annotations those of the ground truth; "
                        "with a dash in front the reverse. `id` by default; `file_name` "
                        "with `file_name`, or a beginning in `search`."},
    [QUERY_SOURCE] = {.name = "source",
                      .type = PARAMETER_LIST,
                      .description = "A run, or `ground_truth`. Where rows are listed, several: by "
                                     "default the ground truth and the first 19 runs.",
                      .most_items = 20,
                      .unknown = ERR_UNKNOWN_RUN},
    [QUERY_OUTCOME] = {.name = "outcome",
                       .type = PARAMETER_CHOICE,
                       .choices = outcome_choices,
                       .description = "Only images in which a detection or a ground truth has this "
                                      "outcome in the run that source names."},
    [QUERY_MIN_AREA] = {.name = "min_area",
                        .type = PARAMETER_NUMBER,
                        .least = 0,
                        .most = 1e15,
                        .description = "Only images with an annotation of the source of at least "
                                       "this area, in square pixels: `area`, or that of the box. "
                                       "Not with `outcome`."},
    [QUERY_BELOW_AREA] = {.name = "below_area",
                          .type = PARAMETER_NUMBER,
                          .least = 0,
                          .most = 1e15,
                          .description = "Likewise, of less than this area. COCO's small are below "
                                         "1024, its large from 9216."},
    [QUERY_MIN_COUNT] = {.name = "min_count",
                         .type = PARAMETER_INTEGER,
                         .max = INT32_MAX,
                         .description =
                             "Only images with at least so many rows that satisfy `category`, "
                             "`source`, `min_confidence`, `outcome` and the areas together. 1 "
                             "where one of these is given, and not `max_count`."},
    [QUERY_MAX_COUNT] = {.name = "max_count",
                         .type = PARAMETER_INTEGER,
                         .max = INT32_MAX,
                         .description = "Only images with at most so many of these rows; 0: with "
                                        "none."},
    [QUERY_SEARCH] = {.name = "search",
                      .type = PARAMETER_LIST,
                      .description =
                          "Only images with this text in their file name; or, with `*` at "
                          "its end, that begin with it (`night/*`), which an index finds. "
                          "Capitals matter."},
    [QUERY_FILE_NAME] = {.name = "file_name",
                         .type = PARAMETER_LIST,
                         .description = "Only images with exactly this file name."},
    [QUERY_AT] = {.name = "at",
                  .type = PARAMETER_INTEGER,
                  .min = 1,
                  .max = INT64_MAX,
                  .description = "Begin with the image at this place of the list, from 1. Without "
                                 "filters, by ids only."},
    [QUERY_ERRORS_OF] = {.name = "run",
                         .type = PARAMETER_NAME,
                         .description = "The run whose errors images are sorted by; without it the "
                                        "one in `source`.",
                         .unknown = ERR_UNKNOWN_RUN,
                         .example = "yolov8"},
    [QUERY_IMAGE_IDS] = {.name = "image_ids",
                         .type = PARAMETER_LIST,
                         .description = "Ids of images, numbers or texts without commas.",
                         .most_items = 500,
                         .unknown = ERR_UNKNOWN_IMAGE,
                         .example = "101,102"},
    [QUERY_SIZE] = {.name = "size",
                    .type = PARAMETER_CHOICE,
                    .choices = picture_sizes,
                    .description = "A thumbnail of at most 160, 480 or 1280 pixels a side; without "
                                   "it the file itself."},
    [QUERY_VERSION] = {.name = "version",
                       .type = PARAMETER_NAME,
                       .description = "As in the address that a document has as picture: lets "
                                      "clients keep what they get."},
    [QUERY_EXPORT_FORMAT] = {.name = "format",
                             .type = PARAMETER_CHOICE,
                             .choices = export_format_names,
                             .fallback = "coco",
                             .description = "Format of the file; yolo is a tar of labels."},
    [QUERY_GZIP] = {.name = "gzip",
                    .type = PARAMETER_BOOLEAN,
                    .fallback = "0",
                    .description = "1: compress the file."},
};
