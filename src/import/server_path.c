/* Opens files below the import directory: see server_path.h. */
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
    TRIES = 16 /* EAGAIN: a directory on the path was renamed */
};

/* RESOLVE_BENEATH refuses absolute paths, ".." out of the directory, and magic links of /proc.
 * RESOLVE_NO_SYMLINKS: a user who may write below the directory may not be allowed to read what
 * a link points to. RESOLVE_NO_XDEV is not set, because only an administrator can mount
 * something there. O_NONBLOCK opens a FIFO at once, so that it can be refused; for files it
 * changes nothing. */
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
    /* Tests what a request will need: read permission, and openat2 in the kernel (Linux 5.6). */
    int probe = open_beneath(directory, ".", O_DIRECTORY);
    if (probe < 0) {
        system_error(err, ERR_INTERNAL, "the directory cannot be read with openat2");
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
        return err_set(err, ERR_UNKNOWN_FILE, "there is no such file in the directory");
    case EXDEV:
    case ELOOP:
        return err_set(err, ERR_FORBIDDEN,
                       "the path leaves the directory or contains a symbolic link");
    case EACCES:
    case EPERM:
        return err_set(err, ERR_FORBIDDEN,
                       "the file may not be read by the server; check its permissions");
    case ENXIO: /* a socket, or a device that does not exist */
        return err_set(err, ERR_FORBIDDEN, "the path is neither a file nor a directory");
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
    return err_set(err, ERR_FORBIDDEN, "the path is neither a file nor a directory");
}
