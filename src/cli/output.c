/* Writes files for commands: see output.h. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool system_error(const struct output *output, const char *what, struct err *err) {
    int number = errno;
    err_set(err, ERR_INTERNAL, "%s cannot be %s", output->label, what);
    snprintf(err->detail, sizeof err->detail, "%s", strerror(number));
    return false;
}

/* ---- bytes ------------------------------------------------------------------------------- */

/* Waits until a pipe has room, or the watch ends the wait. */
static bool wait_for_room(struct output *output, struct err *err) {
    struct pollfd fds[] = {{.fd = output->fd, .events = POLLOUT},
                           {.fd = output->watch->stop_fd, .events = POLLIN}};
    while (output->can_wait && poll(fds, 2, -1) < 0 && errno == EINTR) {
    }
    return progress_go_on(&output->watch->progress, err);
}

static bool flush(struct output *output, struct err *err) {
    size_t done = 0;
    while (done < output->len) {
        size_t piece = output->len - done;
        /* A pipe that is writable takes at least PIPE_BUF bytes without blocking. */
        if (output->can_wait && piece > PIPE_BUF) piece = PIPE_BUF;
        if (!wait_for_room(output, err)) return false;
        ssize_t len = write(output->fd, output->block + done, piece);
        if (len < 0 && errno == EINTR) continue;
        if (len < 0) return system_error(output, "written", err);
        done += (size_t)len;
        output->written += (uint64_t)len;
        progress_set_bytes(&output->watch->progress, output->written);
    }
    output->len = 0;
    return true;
}

static bool put_in_blocks(void *self, const char *bytes, size_t len, struct err *err) {
    struct output *output = self;
    while (len > 0) {
        size_t piece = OUTPUT_BLOCK - output->len;
        if (piece > len) piece = len;
        memcpy(output->block + output->len, bytes, piece);
        output->len += piece;
        bytes += piece;
        len -= piece;
        if (output->len == OUTPUT_BLOCK && !flush(output, err)) return false;
    }
    return true;
}

/* ---- the file ---------------------------------------------------------------------------- */

/* Copies the path, or what it names if it is a symbolic link: the link itself is kept. */
static bool find_target(struct output *output, struct err *err) {
    struct stat status;
    if (lstat(output->path, &status) == 0 && S_ISLNK(status.st_mode)) {
        return realpath(output->path, output->target) || system_error(output, "created", err);
    }
    int len = snprintf(output->target, sizeof output->target, "%s", output->path);
    if (len < (int)sizeof output->target) return true;
    errno = ENAMETOOLONG;
    return system_error(output, "created", err);
}

/* mkostemp gives a file to its owner only. This gives it the mode of any new file. */
static bool set_mode(const struct output *output, struct err *err) {
    mode_t mask = umask(0); /* can only be read by setting it */
    umask(mask);
    return fchmod(output->fd, 0666 & ~mask) == 0 || system_error(output, "created", err);
}

/* Two commands that write the same FILE have a temporary file each. */
static bool create_temporary(struct output *output, struct err *err) {
    if (!find_target(output, err)) return false;
    snprintf(output->temporary, sizeof output->temporary, "%s.XXXXXX", output->target);
    output->fd = mkostemp(output->temporary, O_CLOEXEC);
    if (output->fd >= 0) return set_mode(output, err);
    output->temporary[0] = '\0';
    return system_error(output, "created", err);
}

/* True for /dev/stdout, and for FILE if the shell has redirected standard output to it. */
static bool is_standard_output(const struct stat *file) {
    struct stat standard;
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fstat(STDOUT_FILENO, &standard) == 0 &&
           standard.st_dev == file->st_dev && standard.st_ino == file->st_ino;
}

static bool open_file(struct output *output, struct err *err) {
    struct stat status;
    bool exists = stat(output->path, &status) == 0;
    if (exists && is_standard_output(&status)) {
        output->fd = STDOUT_FILENO; /* a new file would not be the one that the shell has open */
        return true;
    }
    if (!exists || S_ISREG(status.st_mode)) return create_temporary(output, err);
    output->fd = open(output->path, O_WRONLY | O_CLOEXEC);
    return output->fd >= 0 || system_error(output, "opened", err);
}

bool output_open(struct output *output, const char *path, bool gzip, struct watch *watch,
                 struct err *err) {
    struct stat status;
    bool standard = !path || strcmp(path, "-") == 0;
    *output = (struct output){
        .label = standard ? "standard output" : path, .path = path, .watch = watch, .fd = -1};
    output->blocks = (struct sink){.put = put_in_blocks, .self = output};
    output->sink = &output->blocks;
    if (standard) {
        output->fd = STDOUT_FILENO;
    } else if (!open_file(output, err)) {
        return false;
    }
    output->can_wait = fstat(output->fd, &status) != 0 || !S_ISREG(status.st_mode);
    if (!gzip) return true;
    output->sink = &output->gzip.sink;
    return gzip_sink_open(&output->gzip, &output->blocks, err);
}

/* Syncs before the rename, so that even a crash leaves no incomplete file of that name. */
static bool give_name(struct output *output, struct err *err) {
    if (!output->temporary[0]) return true;
    if (fsync(output->fd) != 0) return system_error(output, "written", err);
    if (rename(output->temporary, output->target) != 0) return system_error(output, "renamed", err);
    output->temporary[0] = '\0';
    return true;
}

bool output_finish(struct output *output, struct err *err) {
    return (!output->gzip.state || gzip_sink_finish(&output->gzip, err)) && flush(output, err) &&
           give_name(output, err);
}

void output_close(struct output *output) {
    gzip_sink_close(&output->gzip);
    if (output->fd > STDERR_FILENO) close(output->fd);
    output->fd = -1;
    if (output->temporary[0]) unlink(output->temporary);
}
