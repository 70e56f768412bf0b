/* Files of the server's own: see server_path.h. */
#include "import/server_path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    TRIES = 16 /* while others rename directories on the path */
};

/* RESOLVE_BENEATH: no absolute path, no ".." that leaves, no magic link of /proc. RESOLVE_NO_SYMLINKS:
 * who may write below the directory need not be who may read all that it could point to. Not
 * RESOLVE_NO_XDEV: what is mounted below it, only an administrator has mounted there, on purpose.
 * O_NONBLOCK: a FIFO is opened at once, to be refused; it changes nothing about files. */
static int open_beneath(int directory, const char *path, uint64_t more_flags) {
    struct open_how how = {
        .flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | more_flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    for (int i = 0; i < TRIES; i++) {
        fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) break;
    }
    return (int)fd;
}

static bool system_error(struct err *err, enum err_code code, const char *message) {
    int number = errno;
    err_set(err, code, "%s", message);
    snprintf(err->detail, sizeof err->detail, "%s", strerror(number));
    return false;
}

int server_directory_open(const char *path, struct err *err) {
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        system_error(err, ERR_INTERNAL, "the directory cannot be opened");
        return -1;
    }
    /* What a request will need: that it may be read, and that the kernel has openat2 (Linux 5.6). */
    int probe = open_beneath(directory, ".", O_DIRECTORY);
    if (probe < 0) {
        system_error(err, ERR_INTERNAL, "the directory cannot be read by way of openat2");
        close(directory);
        return -1;
    }
    close(probe);
    return directory;
}

static bool cannot_open(struct err *err) {
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
        return err_set(err, ERR_UNKNOWN_FILE, "there is no such file in the import directory");
    case EXDEV:
    case ELOOP:
        return err_set(err, ERR_FORBIDDEN,
                       "the path leaves the import directory, or goes over a link");
    case EACCES:
    case EPERM:
        return err_set(err, ERR_FORBIDDEN, "the file may not be read");
    case ENXIO: /* a socket, a device that is not there */
        return err_set(err, ERR_FORBIDDEN, "neither a file nor a directory");
    case EAGAIN:
    case EINTR:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return system_error(err, ERR_BUSY, "the file cannot be opened now");
    default:
        return system_error(err, ERR_INTERNAL, "the file cannot be opened");
    }
}

bool server_path_open(struct server_path *path, int directory, const char *name, struct err *err) {
    struct stat status;
    path->fd = open_beneath(directory, name, 0);
    if (path->fd < 0) return cannot_open(err);
    bool known = fstat(path->fd, &status) == 0;
    path->is_directory = known && S_ISDIR(status.st_mode);
    if (path->is_directory || (known && S_ISREG(status.st_mode))) return true;
    close(path->fd);
    path->fd = -1;
    return err_set(err, ERR_FORBIDDEN, "neither a file nor a directory");
}
