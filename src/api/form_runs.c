/* The runs of one form: see form_runs.h. */
#include "api/form_runs.h"

#include <stdio.h>
#include <string.h>

#include "api/exchange.h"
#include "json/utf8.h"
#include "json/writer.h"

void form_runs_init(struct form_runs *runs) {
    runs->count = runs->imported = 0;
    buf_init(&runs->documents, ANSWER_MAX / 2);
}

void form_runs_free(struct form_runs *runs) {
    buf_free(&runs->documents);
}

bool form_runs_add(struct form_runs *runs, const char *name, struct err *err) {
    for (size_t i = 0; i < runs->count; i++) {
        if (strcmp(runs->names[i], name) != 0) continue;
        return err_set(err, ERR_BAD_REQUEST, "two files of the form would be the run %s", name);
    }
    if (runs->count == FORM_RUNS_MAX) {
        return err_set(err, ERR_BAD_REQUEST, "a form has %d files at the most", FORM_RUNS_MAX);
    }
    snprintf(runs->names[runs->count++], RUN_NAME_ROOM, "%s", name);
    return true;
}

void form_runs_imported(struct form_runs *runs, struct buf *document) {
    if (runs->imported++ > 0) buf_put_text(&runs->documents, ", ");
    buf_put(&runs->documents, buf_text(document), document->len);
}

void form_runs_write(const struct form_runs *runs, bool dry_run, struct buf *into) {
    buf_put_text(into, "{\"runs\": [");
    buf_put(into, runs->documents.data, runs->documents.len);
    buf_printf(into, "], \"message\": \"%s %zu files as the runs ",
               dry_run ? "would import" : "imported", runs->imported);
    for (size_t i = 0; i < runs->imported; i++) {
        buf_printf(into, "%s%s", i ? ", " : "", runs->names[i]);
    }
    buf_put_text(into, "\"}");
}

/* A file's name as it came, or without what is not ASCII where it is not UTF-8. */
static void write_filename(const char *filename, struct buf *into) {
    struct buf plain;
    struct utf8 state = {0};
    size_t len = strlen(filename);
    bool good = utf8_check(&state, filename, len) == len && state.missing == 0;
    buf_init(&plain, len);
    for (size_t i = 0; i < len; i++) {
        bool shown = good || (unsigned char)filename[i] < 0x80;
        buf_put(&plain, shown ? &filename[i] : "?", 1);
    }
    json_write_string(into, buf_text(&plain), plain.len);
    buf_free(&plain);
}

void form_runs_write_problem(const struct form_runs *runs, bool dry_run, const char *filename,
                             struct buf *into) {
    if (runs->imported == 0) return;
    buf_put_text(into, ", \"file\": ");
    write_filename(filename, into);
    buf_put_text(into, ", \"published\": [");
    for (size_t i = 0; !dry_run && i < runs->imported; i++) {
        buf_printf(into, "%s\"%s\"", i ? ", " : "", runs->names[i]);
    }
    buf_put_char(into, ']');
}
