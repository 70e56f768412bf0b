/* Reads a file or a directory of the server: see server_source.h. */
#include "api/server_source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/shown.h"
#include "import/load_directory.h"

enum {
    NAME_MAX_BYTES = 1024 /* of a run name from the files of a directory */
};

static bool open_directory(struct server_source *source, const struct service *service,
                           uint64_t max_bytes, struct err *err) {
    source->has_directory = true;
    buf_init(&source->name, NAME_MAX_BYTES);
    return directory_open(&source->directory, source->path.fd, &service->json_limits, max_bytes,
                          err);
}

/* Names a path that does not exist. What leaves the directory is not named, so that the answers
 * about it are all the same. */
static bool name_path(const struct server_source *source, struct err *err) {
    char sent[SHOWN_ROOM];
    if (err->code != ERR_UNKNOWN_FILE) return false;
    return err_set(err, ERR_UNKNOWN_FILE,
                   "there is no file or directory \"%s\" in the directory of --import-dir",
                   shown(source->asked.path, sent));
}

/* Opens the path; it must be what the format needs, a file or a directory. */
static bool open_path(struct server_source *source, const struct service *service,
                      uint64_t max_bytes, struct err *err) {
    struct server_path *path = &source->path;
    bool wants_directory = source->asked.format == FORMAT_DETECTION_ANNOTATION;
    if (!server_path_open(path, service->import_dir, source->asked.path, err)) {
        return name_path(source, err);
    }
    if (path->is_directory && wants_directory) {
        return open_directory(source, service, max_bytes, err);
    }
    source->has_file = true;
    if (path->is_directory || wants_directory) {
        return err_set(err, ERR_BAD_REQUEST,
                       path->is_directory
                           ? "prediction_path is a directory, but format coco reads a file"
                           : "prediction_path is a file, but format detection_annotation reads a "
                             "directory");
    }
    file_source_init(&source->file, path->fd, max_bytes);
    return true;
}

bool server_source_open(struct server_source *source, const struct service *service,
                        const struct body *body, bool *found, struct err *err) {
    *found = false;
    if (!body->ended) return true;
    if (!import_request_read(&source->asked, body->prefetched, body->prefetched_len, found, err)) {
        return false;
    }
    if (!*found) return true;
    if (service->import_dir < 0) {
        return err_set(err, ERR_FORBIDDEN,
                       "files of the server cannot be imported: pgcoco runs without --import-dir");
    }
    return open_path(source, service, body->limits.max_bytes, err);
}

void server_source_close(struct server_source *source) {
    if (source->has_file) close(source->path.fd);
    if (source->has_directory) {
        directory_close(&source->directory);
        buf_free(&source->name);
    }
    source->has_file = source->has_directory = false;
}

bool server_source_name_run(struct server_source *source, char *run, size_t room, struct err *err) {
    const char *asked = source->asked.run_name;
    if (asked[0] && run[0] && strcmp(asked, run) != 0) {
        return err_set(err, ERR_BAD_REQUEST,
                       "run_name in the query and run_name in the body differ: give one of them");
    }
    if (asked[0]) snprintf(run, room, "%s", asked);
    return run[0] || !source->has_directory ||
           load_directory_run_name(&source->directory, &source->name, err);
}

const char *server_source_filename(struct server_source *source) {
    return source->name.len > 0 ? buf_text(&source->name) : source->asked.path;
}

bool server_source_next(struct server_source *source) {
    bool first = !source->is_taken;
    source->is_taken = true;
    return first;
}
