/* Reads files of the command line: see input.h. */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Waits until a pipe has bytes, or the watch ends the wait. */
static bool wait_for_bytes(struct input *input, struct err *err) {
    struct pollfd fds[] = {{.fd = input->fd, .events = POLLIN},
                           {.fd = input->watch->stop_fd, .events = POLLIN}};
    while (input->can_wait && poll(fds, 2, -1) < 0 && errno == EINTR) {
    }
    return progress_go_on(&input->watch->progress, err);
}

static ssize_t read_counted(void *self, char *into, size_t room, struct err *err) {
    struct input *input = self;
    if (!wait_for_bytes(input, err)) return -1;
    ssize_t len = reader_read(&input->file.reader, into, room, err);
    progress_set_bytes(&input->watch->progress, input->file.received);
    return len;
}

static bool cannot_open(const char *path, struct err *err) {
    if (errno == ENOENT) return err_set(err, ERR_UNKNOWN_FILE, "there is no file %s", path);
    return err_set(err, ERR_UNKNOWN_FILE, "%s cannot be read: %s", path, strerror(errno));
}

static void open_file(struct input *input, const struct stat *status) {
    input->can_wait = !S_ISREG(status->st_mode);
    if (S_ISREG(status->st_mode)) {
        input->size = (uint64_t)status->st_size;
        (void)posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* only a hint */
    }
    file_source_init(&input->file, input->fd, 0);
    input->counted = (struct reader){.read = read_counted, .self = input};
    decoder_open(&input->decoder, &input->counted, 0);
    decoder_open(&input->plain, &input->decoder.reader, 0);
    input->plain.only_plain = true;
}

bool input_open(struct input *input, const char *path, bool directory,
                const struct json_limits *limits, struct watch *watch, struct err *err) {
    struct stat status;
    bool standard = strcmp(path, "-") == 0;
    *input = (struct input){.label = standard ? "standard input" : path, .watch = watch};
    input->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0 || fstat(input->fd, &status) != 0) return cannot_open(path, err);
    bool is_directory = S_ISDIR(status.st_mode);
    if (is_directory && !directory) {
        return err_set(err, ERR_BAD_REQUEST,
                       "%s is a directory, not a file; only pgcoco import run --format "
                       "detection_annotation imports one",
                       path);
    }
    if (!is_directory && directory) {
        return err_set(err, ERR_BAD_REQUEST,
                       "%s is not a directory, and --format detection_annotation imports one",
                       input->label);
    }
    input->is_directory = is_directory;
    if (!is_directory) {
        open_file(input, &status);
        return true;
    }
    int fd = input->fd;
    input->fd = -1; /* the directory closes it */
    return directory_open(&input->directory, fd, limits, 0, err);
}

void input_close(struct input *input) {
    if (input->is_directory) directory_close(&input->directory);
    decoder_close(&input->plain);
    decoder_close(&input->decoder);
    if (input->fd > STDIN_FILENO) close(input->fd);
    input->fd = -1;
}

const struct reader *input_reader(const struct input *input) {
    return input->is_directory ? NULL : &input->plain.reader;
}

const uint64_t *input_received(const struct input *input) {
    return input->is_directory ? &input->directory.bytes : &input->file.received;
}
