/* Reads a directory of JSON files: see directory.h. */
#include "import/directory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_source.h"
#include "import/server_path.h"
#include "json/lexical.h"

enum {
    WINDOW = 16 * 1024, /* most files are small, and each gets its own window */
    READ_SIZE = 16 * 1024
};

/* ---- the names --------------------------------------------------------------------------- */

static bool is_wanted(const struct dirent *entry) {
    static const char ending[] = ".json";
    size_t len = strlen(entry->d_name);
    size_t ending_len = sizeof ending - 1;
    return entry->d_type != DT_DIR && len > ending_len &&
           strcmp(entry->d_name + len - ending_len, ending) == 0;
}

static bool list_names(struct directory *directory, struct err *err) {
    for (;;) {
        errno = 0;
        /* cppcheck-suppress readdirCalled ; only this thread uses the stream */
        const struct dirent *entry = readdir(directory->dir);
        if (!entry) break;
        if (!is_wanted(entry)) continue;
        buf_put(&directory->names, entry->d_name, strlen(entry->d_name) + 1);
        directory->count++;
        if (directory->names.failed || directory->count > DIRECTORY_FILES_MAX) {
            return err_set(err, ERR_BODY_TOO_LARGE,
                           "the directory has more than %d files, or more than %d MiB of names",
                           DIRECTORY_FILES_MAX, DIRECTORY_NAMES_MAX >> 20);
        }
    }
    if (errno != 0) return err_set(err, ERR_INTERNAL, "the directory cannot be read");
    return directory->count > 0 ||
           err_set(err, ERR_WRONG_SHAPE, "the directory has no file that ends in .json");
}

static int compare(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool sort_names(struct directory *directory, struct err *err) {
    const char *name = directory->names.data;
    directory->sorted = calloc(directory->count, sizeof *directory->sorted);
    if (!directory->sorted) return err_set(err, ERR_BUSY, "out of memory for names");
    for (size_t i = 0; i < directory->count; i++, name += strlen(name) + 1) {
        directory->sorted[i] = name;
    }
    qsort(directory->sorted, directory->count, sizeof *directory->sorted, compare);
    return true;
}

bool directory_open(struct directory *directory, int fd, const struct json_limits *limits,
                    uint64_t max_bytes, struct err *err) {
    *directory = (struct directory){.limits = *limits, .max_bytes = max_bytes};
    if (directory->limits.window > WINDOW) directory->limits.window = WINDOW;
    buf_init(&directory->names, DIRECTORY_NAMES_MAX);
    buf_init(&directory->text, limits->max_element);
    directory->dir = fdopendir(fd);
    if (!directory->dir) {
        close(fd);
        return err_set(err, ERR_BUSY, "the directory cannot be listed");
    }
    return list_names(directory, err) && sort_names(directory, err);
}

static void close_document(struct directory *directory) {
    if (directory->document_is_open) document_close(&directory->document);
    directory->document_is_open = false;
}

void directory_close(struct directory *directory) {
    close_document(directory);
    if (directory->dir) closedir(directory->dir);
    directory->dir = NULL;
    free(directory->sorted);
    directory->sorted = NULL;
    buf_free(&directory->names);
    buf_free(&directory->text);
}

void directory_rewind(struct directory *directory) {
    directory->next = 0;
    directory->bytes = 0;
}

/* ---- a file ------------------------------------------------------------------------------ */

/* True for errors of one file, which do not stop the import. */
static bool is_files_fault(enum err_code code) {
    switch (code) {
    case ERR_UNKNOWN_FILE:
    case ERR_FORBIDDEN:
    case ERR_EMPTY_BODY:
    case ERR_NOT_JSON:
    case ERR_TRUNCATED:
    case ERR_TOO_DEEP:
    case ERR_ELEMENT_TOO_LARGE:
        return true;
    default:
        return false;
    }
}

/* Reads a whole file into memory: it must be valid JSON to its end before its first row is
 * taken. */
static bool read_text(struct directory *directory, int fd, struct err *err) {
    struct file_source file;
    char piece[READ_SIZE];
    ssize_t len;
    file_source_init(&file, fd, 0);
    buf_reset(&directory->text);
    while ((len = reader_read(&file.reader, piece, sizeof piece, err)) > 0) {
        directory->bytes += (uint64_t)len;
        if (directory->max_bytes && directory->bytes > directory->max_bytes) {
            return err_set(err, ERR_BODY_TOO_LARGE,
                           "the files of the directory are larger than %" PRIu64
                           " bytes, the limit of this server",
                           directory->max_bytes);
        }
        buf_put(&directory->text, piece, (size_t)len);
        if (directory->text.failed) {
            return err_set(err, ERR_ELEMENT_TOO_LARGE,
                           "the file is larger than %zu bytes, the limit of this server",
                           directory->limits.max_element);
        }
    }
    return len == 0;
}

/* Checks that only white space follows the value. */
static bool check_end(const struct buf *text, const struct json_value *value, struct err *err) {
    for (size_t i = (size_t)value->offset + json_raw(value, 0).len; i < text->len; i++) {
        if (lexical_is_space(text->data[i])) continue;
        err_set_at(err, ERR_NOT_JSON, i, "not JSON: more text follows the end of the JSON");
        err->place = text_place_first();
        err->has_place = true;
        text_place_advance(&err->place, text->data, i, false);
        return false;
    }
    return true;
}

static bool parse(struct directory *directory, struct json_value *value, struct err *err) {
    text_source_init(&directory->source, buf_text(&directory->text), directory->text.len);
    directory->document_is_open = true;
    bool good =
        document_open(&directory->document, &directory->source.reader, &directory->limits, err) &&
        document_value(&directory->document, value, err);
    /* The source ends here; the value stays in the document's window. */
    return good && check_end(&directory->text, value, err);
}

static bool read_file(struct directory *directory, struct directory_file *file, bool *is_directory,
                      struct err *err) {
    struct server_path path;
    *is_directory = false;
    if (!server_path_open(&path, dirfd(directory->dir), file->name, err)) return false;
    *is_directory = path.is_directory;
    bool good = path.is_directory || read_text(directory, path.fd, err);
    close(path.fd);
    return good && (path.is_directory || parse(directory, &file->value, err));
}

/* Describes an error in the `detail` of a skip, which is short, so the message may be cut. */
static void explain_file(struct skip *skip, const struct err *err) {
    if (err->has_place) {
        skip_row(skip, SKIP_INVALID_FILE, "line %" PRIu64 ", column %" PRIu64 ": %.110s",
                 err->place.line, err->place.column, err->message);
    } else {
        skip_row(skip, SKIP_INVALID_FILE, "%.150s", err->message);
    }
}

bool directory_next_file(struct directory *directory, struct directory_file *file, bool *more,
                         struct err *err) {
    bool is_directory = true;
    while (is_directory) {
        close_document(directory);
        *more = directory->next < directory->count;
        if (!*more) return true;
        file->name = directory->sorted[directory->next++];
        file->is_json = read_file(directory, file, &is_directory, err);
    }
    if (file->is_json) return true;
    if (!is_files_fault(err->code)) return false;
    explain_file(&file->skip, err);
    return true;
}
