/* A FILE of the command line: a file, standard input, or a directory of detection_annotation
 * files. */
#ifndef PGCOCO_CLI_INPUT_H
#define PGCOCO_CLI_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/decoder.h"
#include "base/err.h"
#include "base/file_source.h"
#include "cli/watch.h"
#include "import/directory.h"
#include "json/tokens.h"

struct input {
    const char *label; /* for messages */
    uint64_t size;     /* bytes as it is stored; 0: not known */
    struct decoder decoder;
    struct directory directory;
    bool is_directory;
    /* The file itself, below the decoder. */
    struct reader counted;
    struct file_source file;
    struct watch *watch;
    int fd; /* -1: not open, or the directory's */
    bool can_wait;
};

/* Opens path, "-" for standard input; path must outlive *input, which must stay where it is. A file
 * may be plain, gzip or zstd; its bytes are counted for the watch, and a signal ends them with
 * ERR_INTERRUPTED. directory: path must be a directory, else it must not.
 * ERR_UNKNOWN_FILE, or what directory_open says. The caller closes it in any case. */
bool input_open(struct input *input, const char *path, bool directory,
                const struct json_limits *limits, struct watch *watch, struct err *err);
void input_close(struct input *input);

/* Where its bytes come from; NULL for a directory. */
const struct reader *input_reader(const struct input *input);

#endif
