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

/* Finds what has this path, and opens nothing: a FIFO's writer would take a reader that goes away
 * again for its end, and a device may act on being opened. RESOLVE_BENEATH refuses absolute paths,
 * ".." out of the directory, and magic links of /proc. RESOLVE_NO_SYMLINKS: a user who may write
 * below the directory may not be allowed to read what a link points to; without O_NOFOLLOW, with
 * which the result would be the link itself. RESOLVE_NO_XDEV is not set, because only an
 * administrator can mount something there. */
static int find_beneath(int directory, const char *path) {
    struct open_how how = {
        .flags = O_PATH | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    for (int i = 0; i < TRIES; i++) {
        fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) break;
    }
    return (int)fd;
}

/* Opens what find_beneath has found for reading: the same file, whatever has its name by now. */
static int open_found(int found) {
    char name[sizeof "/proc/self/fd/" + 3 * sizeof found];
    snprintf(name, sizeof name, "/proc/self/fd/%d", found);
    return open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Says why open_found fails with ENOENT, which has no other reason. */
static const char needs_proc[] = "/proc is not mounted, and pgcoco opens files by it";

static bool system_error(struct err *err, enum err_code code, const char *message) {
    int number = errno;
    err_set(err, code, "%s", message);
    snprintf(err->detail, sizeof err->detail, "%s", strerror(number));
    return false;
}

/* Tests what a request will need: read permission, /proc, and openat2 in the kernel (Linux 5.6). */
static bool try_directory(int directory, struct err *err) {
    int found = find_beneath(directory, ".");
    if (found < 0) {
        return system_error(err, ERR_INTERNAL, "the directory cannot be read with openat2");
    }
    int probe = open_found(found);
    bool good = probe >= 0;
    if (!good && errno == ENOENT) {
        system_error(err, ERR_INTERNAL, needs_proc);
    } else if (!good) {
        system_error(err, ERR_INTERNAL, "the directory cannot be read");
    }
    if (good) close(probe);
    close(found);
    return good;
}

int server_directory_open(const char *path, struct err *err) {
    int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        system_error(err, ERR_INTERNAL, "the directory cannot be opened");
        return -1;
    }
    if (try_directory(directory, err)) return directory;
    close(directory);
    return -1;
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

/* Opens `found` if it is a file or a directory. */
static bool open_kind(struct server_path *path, int found, struct err *err) {
    struct stat status;
    bool known = fstat(found, &status) == 0;
    path->is_directory = known && S_ISDIR(status.st_mode);
    if (!path->is_directory && !(known && S_ISREG(status.st_mode))) {
        return err_set(err, ERR_FORBIDDEN, "the path is neither a file nor a directory");
    }
    path->fd = open_found(found);
    if (path->fd >= 0) return true;
    if (errno != ENOENT) return cannot_open(err);
    return err_set(err, ERR_INTERNAL, "the file cannot be opened: %s", needs_proc);
}

bool server_path_open(struct server_path *path, int directory, const char *name, struct err *err) {
    path->fd = -1;
    int found = find_beneath(directory, name);
    if (found < 0) return cannot_open(err);
    bool good = open_kind(path, found, err);
    close(found);
    return good;
}

bool server_path_has_file(int directory, const char *name) {
    struct stat status;
    int found = find_beneath(directory, name);
    if (found < 0) return false;
    bool is_file = fstat(found, &status) == 0 && S_ISREG(status.st_mode);
    close(found);
    return is_file;
}
