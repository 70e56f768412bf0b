/* Names the runs of an upload: see upload_runs.h. */
#include "api/upload_runs.h"

#include <string.h>

bool upload_runs_add(struct upload_runs *runs, const char *filename, struct err *err) {
    if (runs->count == UPLOAD_RUNS_MAX) {
        return err_set(err, ERR_BAD_REQUEST, "a form can have at most %d files", UPLOAD_RUNS_MAX);
    }
    char *name = runs->names[runs->count];
    run_name_from_file(filename, run_name_fallback, name);
    if (runs->given[0] && runs->count > 0) {
        return err_set(err, ERR_BAD_REQUEST,
                       "run_name names one run, but the form has more than one file");
    }
    for (size_t i = 0; i < runs->count; i++) {
        if (strcmp(runs->names[i], name) != 0) continue;
        return err_set(err, ERR_BAD_REQUEST, "two files of the form would become the run %s", name);
    }
    runs->count++;
    return true;
}

const char *upload_runs_next(struct upload_runs *runs) {
    const char *name = runs->names[runs->taken++];
    return runs->given[0] ? runs->given : name;
}
