/* Names the runs of an upload: see upload_runs.h. */
#include "api/upload_runs.h"

#include <string.h>

#include "base/shown.h"

/* Runs are replaced by name, so a run that nobody has named is refused and not called anything. */
static bool name_run(const struct upload_runs *runs, const char *filename, char *name,
                     struct err *err) {
    char sent[SHOWN_ROOM];
    if (run_name_from_file(filename, name) || runs->given[0]) return true;
    if (filename[0] == '\0') {
        return err_set(err, ERR_BAD_REQUEST,
                       "the run has no name: add ?run_name=NAME to the address, or send a form "
                       "whose part file has a file name, after which the run is called (curl -F "
                       "file=@FILE)");
    }
    return err_set(err, ERR_BAD_REQUEST,
                   "the file name \"%s\" gives no name for the run: add ?run_name=NAME to the "
                   "address",
                   shown(filename, sent));
}

bool upload_runs_add(struct upload_runs *runs, const char *filename, struct err *err) {
    if (runs->count == UPLOAD_RUNS_MAX) {
        return err_set(err, ERR_BAD_REQUEST, "a form can have at most %d files", UPLOAD_RUNS_MAX);
    }
    char *name = runs->names[runs->count];
    if (!name_run(runs, filename, name, err)) return false;
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
