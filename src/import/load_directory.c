/* Loads a directory of detection_annotation files: see load_directory.h. */
#include "import/load_directory.h"

#include "coco/detection_annotation.h"
#include "import/row_ids.h"
#include "import/run_rows.h"

struct loader {
    struct run_rows rows;
    struct detections detections;
    uint64_t index; /* of the next row, counted across all files */
};

static bool load_rows(struct loader *loader, const char *name, struct err *err) {
    while (detections_has_next(&loader->detections) && !copy_failed(&loader->rows.load->copy)) {
        struct detection_row row;
        struct skip skip;
        bool good = detections_read_next(&loader->detections, &row, &skip);
        if (detections_failed(&loader->detections)) break;
        struct row_place place = {.index = loader->index++, .offset = row.offset, .file = name};
        if (!good) {
            run_rows_skip(&loader->rows, &skip, &place);
        } else if (!run_rows_add_detection(&loader->rows, &row, &place, err)) {
            return false;
        }
    }
    return !detections_failed(&loader->detections) ||
           err_set(err, ERR_BUSY, "out of memory for a file");
}

static bool load_file(struct loader *loader, struct directory_file *file, struct err *err) {
    if (file->is_json && detections_open(&loader->detections, &file->value, &file->skip)) {
        return load_rows(loader, file->name, err);
    }
    struct row_place place = {.file = file->name, .is_file = true};
    run_rows_skip(&loader->rows, &file->skip, &place);
    return true;
}

static bool load_files(struct loader *loader, struct directory *directory, struct err *err) {
    struct load *load = loader->rows.load;
    bool more = true;
    while (more && !copy_failed(&load->copy)) {
        struct directory_file file;
        if (!progress_go_on(load->progress, err) ||
            !directory_next_file(directory, &file, &more, err)) {
            return false;
        }
        if (more && !load_file(loader, &file, err)) return false;
        progress_set_bytes(load->progress, directory->bytes);
        progress_set_rows(load->progress, load->offered);
    }
    load->bytes = directory->bytes;
    return true;
}

bool load_directory(struct load *load, const char *leaf, const char *dataset_id,
                    struct directory *directory, struct err *err) {
    struct loader loader = {.index = 0};
    detections_init(&loader.detections, load->limits.max_element);
    bool good = run_rows_open(&loader.rows, load, leaf, dataset_id, err) &&
                row_ids_need_names(&loader.rows, NAMED_IMAGE, err) &&
                row_ids_need_names(&loader.rows, NAMED_CATEGORY, err) &&
                load_files(&loader, directory, err) && run_rows_end(&loader.rows, err);
    run_rows_close(&loader.rows);
    detections_free(&loader.detections);
    return good;
}

bool load_directory_run_name(struct directory *directory, struct buf *into, struct err *err) {
    bool found = false;
    bool more = true;
    for (int i = 0; i < RUN_NAME_FILES && more && !found; i++) {
        struct directory_file file;
        if (!directory_next_file(directory, &file, &more, err)) return false;
        buf_reset(into);
        found = more && file.is_json && detection_run_name(&file.value, into);
    }
    if (!found) buf_reset(into);
    directory_rewind(directory);
    return true;
}
