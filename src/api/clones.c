/* Copies of datasets and of runs: see clones.h. */
#include "api/clones.h"

#include <stdio.h>

#include "api/copying.h"

enum {
    LOCATION_ROOM = 256 /* for two names */
};

/* Answers 400 and returns false if the copy has no name. */
static bool check_name(struct exchange *x) {
    struct err err;
    if (exchange_text(x, QUERY_COPY)[0]) return true;
    err_set(&err, ERR_BAD_REQUEST, "the copy has no name: add ?name=NAME to the address");
    answer_error(x, &err, NULL);
    return false;
}

void clone_dataset(struct exchange *x) {
    char location[LOCATION_ROOM];
    const char *name = exchange_text(x, QUERY_COPY);
    if (!check_name(x)) return;
    snprintf(location, sizeof location, "/datasets/%s", name);
    struct copying copying = {.x = x, .status = 201, .location = location};
    copying.copies = (struct copies){
        .target = {.dataset = name},
        .begin = "select coco.dataset_clone_begin($1, $2, $3, $4)",
        .count = 4,
        .params = {exchange_text(x, PATH_DATASET), name, exchange_text(x, QUERY_RUNS), NULL},
        .publish = "select coco.dataset_clone_publish($1)",
    };
    copying_answer(&copying);
}

void clone_run(struct exchange *x) {
    char location[LOCATION_ROOM];
    const char *dataset = exchange_text(x, PATH_DATASET);
    const char *name = exchange_text(x, QUERY_COPY);
    if (!check_name(x)) return;
    snprintf(location, sizeof location, "/datasets/%s/runs/%s", dataset, name);
    struct copying copying = {.x = x, .status = 201, .location = location};
    copying.copies = (struct copies){
        .target = {.dataset = dataset, .run = name},
        .begin = "select coco.run_copy_begin($1, $2, $3, $4)",
        .count = 4,
        .params = {dataset, exchange_text(x, PATH_RUN), name, NULL},
        .publish = "select coco.run_clone_publish($1)",
    };
    copying_answer(&copying);
}
