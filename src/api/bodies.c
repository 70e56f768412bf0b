/* The table of all bodies: see bodies.h. */
#include "api/bodies.h"

#include <stddef.h>

/* Files come in several shapes (doc/formats.md). */
#define RAW_FILE \
    {"application/x-ndjson", NULL}, { \
        "application/octet-stream", NULL \
    }

const struct request_body body_dataset = {
    .description = "A COCO ground truth, as it is or compressed with gzip or zstd; or a form.",
    .contents = {{"application/json", "GroundTruthFile"},
                 RAW_FILE,
                 {"multipart/form-data", "DatasetForm"}},
    .is_file = true,
    .example = "-T instances.json",
};

const struct request_body body_new_dataset = {
    .description = "A COCO ground truth, as it is or compressed with gzip or zstd; or a form, "
                   "which may give the name as a field.",
    .contents = {{"application/json", "GroundTruthFile"},
                 RAW_FILE,
                 {"multipart/form-data", "DatasetForm"}},
    .is_file = true,
    .example = "-F name=street -F file=@instances.json",
};

const struct request_body body_run = {
    .description = "A COCO results file, as it is or compressed with gzip or zstd; or a form.",
    .contents = {{"application/json", "ResultsFile"}, RAW_FILE, {"multipart/form-data", "RunForm"}},
    .is_file = true,
    .example = "-T results.json",
};

const struct request_body body_predictions = {
    .description = "A COCO results file, as it is or compressed with gzip or zstd; a form with up "
                   "to 100 files, each of which becomes a run; or the name of a file of the "
                   "server.",
    .contents = {{"application/json", "ResultsOrServerFile"},
                 RAW_FILE,
                 {"multipart/form-data", "RunsForm"}},
    .is_file = true,
    .example = "-F file=@results.json",
};

const struct request_body body_page = {
    .description = "A form that names the dataset before its files.",
    .contents = {{"multipart/form-data", "RunsForm"}},
    .is_file = true,
    .example = "-F dataset=street -F file=@results.json",
};

const struct request_body body_slice = {
    .description = "What images the slice has, in at most 16 MiB.",
    .contents = {{"application/json", "SliceRequest"}},
    .example = "-d '{\"filter\": {\"category_id\": 3}}'",
};

const struct request_body body_addition = {
    .description = "A COCO ground truth, as it is or compressed with gzip or zstd; or a form.",
    .contents = {{"application/json", "GroundTruthFile"},
                 RAW_FILE,
                 {"multipart/form-data", "DatasetForm"}},
    .is_file = true,
    .example = "--data-binary @more.json",
};

const struct request_body body_pictures = {
    .description = "Where the pictures are.",
    .contents = {{"application/json", "PicturesRequest"}},
    .example = "-d '{\"url\": \"https://example.org/val2017/{file_name}\"}'",
};

const struct request_body body_change_dataset = {
    .description = "What changes.",
    .contents = {{"application/json", "DatasetChange"}},
    .example = "-d '{\"name\": \"street-2\"}'",
};

const struct request_body body_change_run = {
    .description = "What changes; what is not named stays, and null removes.",
    .contents = {{"application/json", "RunChange"}},
    .example = "-d '{\"tags\": [\"baseline\"], \"metadata\": {\"epoch\": 90}}'",
};
