/* Reads a file descriptor: see file_source.h. */
#include "base/file_source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static ssize_t read_file(void *self, char *into, size_t room, struct err *err) {
    struct file_source *source = self;
    ssize_t len;
    do len = read(source->fd, into, room);
    while (len < 0 && errno == EINTR);
    if (len < 0) {
        int number = errno;
        err_set(err, ERR_INTERNAL, "the file cannot be read");
        snprintf(err->detail, sizeof err->detail, "%s", strerror(number));
        return -1;
    }
    source->received += (uint64_t)len;
    if (source->max_bytes == 0 || source->received <= source->max_bytes) return len;
    err_set(err, ERR_BODY_TOO_LARGE, "the file is larger than %" PRIu64 " bytes",
            source->max_bytes);
    return -1;
}

void file_source_init(struct file_source *source, int fd, uint64_t max_bytes) {
    *source = (struct file_source){.fd = fd, .max_bytes = max_bytes};
    source->reader = (struct reader){.read = read_file, .self = source};
}
