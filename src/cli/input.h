/* A FILE of the command line: a file, standard input, or a directory of
 * detection_annotation files. */
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
    uint64_t size;     /* bytes, as stored; 0: not known */
    struct decoder decoder;
    struct decoder plain; /* refuses a file that is compressed twice */
    struct directory directory;
    bool is_directory;
    /* Reads the file itself, for the decoder. */
    struct reader counted;
    struct file_source file;
    struct watch *watch;
    int fd;        /* -1: not open, or owned by `directory` */
    bool can_wait; /* not a regular file: a read may block */
};

/* Opens `path`, "-" for standard input. path must outlive *input, which must not move. A file may
 * be plain, gzip or zstd. The watch counts its bytes and can end a read with ERR_INTERRUPTED.
 * directory: path must be a directory; otherwise it must not be one. ERR_UNKNOWN_FILE,
 * ERR_BAD_REQUEST, or an error of directory_open. Call input_close in any case. */
bool input_open(struct input *input, const char *path, bool directory,
                const struct json_limits *limits, struct watch *watch, struct err *err);
void input_close(struct input *input);

/* Returns the reader of the decompressed file; NULL for a directory. */
const struct reader *input_reader(const struct input *input);

/* Returns the count of bytes read so far, as stored. */
const uint64_t *input_received(const struct input *input);

#endif
