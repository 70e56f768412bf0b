/* Opens the listening socket: see listener.h. */
#include "serve/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool failed(const char *path, struct err *err) {
    return err_set(err, ERR_INTERNAL, "cannot listen on %s: %s", path, strerror(errno));
}

static bool set_address(struct sockaddr_un *address, const char *path, struct err *err) {
    size_t len = strlen(path);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (len == 0 || len >= sizeof address->sun_path) {
        return err_set(err, ERR_INTERNAL,
                       "cannot listen on %s: the path of a socket has 1 to %zu bytes, and this one "
                       "has %zu; choose a shorter one",
                       path, sizeof address->sun_path - 1, len);
    }
    memcpy(address->sun_path, path, len + 1);
    return true;
}

/* True if a process listens there. EAGAIN means that its queue is full. */
static bool is_alive(const struct sockaddr_un *address) {
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) return true; /* not known, so do not remove it */
    bool alive =
        connect(probe, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN;
    close(probe);
    return alive;
}

static bool remove_abandoned(const struct sockaddr_un *address, struct err *err) {
    struct stat left;
    const char *path = address->sun_path;
    if (lstat(path, &left) != 0) return errno == ENOENT || failed(path, err);
    if (!S_ISSOCK(left.st_mode)) {
        return err_set(err, ERR_INTERNAL,
                       "cannot listen on %s: it exists and is not a socket; remove it, or choose "
                       "another path",
                       path);
    }
    if (is_alive(address)) {
        return err_set(err, ERR_INTERNAL,
                       "cannot listen on %s: another process listens there; stop it, or choose "
                       "another path",
                       path);
    }
    return unlink(path) == 0 || failed(path, err);
}

static bool bind_and_listen(int listener, const struct sockaddr_un *address, unsigned backlog,
                            struct err *err) {
    mode_t before = umask(0117); /* for owner and group; the web server is in the group */
    bool bound = bind(listener, (const struct sockaddr *)address, sizeof *address) == 0;
    umask(before);
    return (bound && listen(listener, (int)backlog) == 0) || failed(address->sun_path, err);
}

/* Locks the directory of the socket. Otherwise another process could look at the socket and listen
 * at the same time, and one would remove the other's socket. */
static int lock_directory(const char *path, struct err *err) {
    char copy[sizeof((struct sockaddr_un *)0)->sun_path];
    memcpy(copy, path, strlen(path) + 1);
    int directory = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0 && flock(directory, LOCK_EX) == 0) return directory;
    failed(path, err);
    if (directory >= 0) close(directory);
    return -1;
}

int listener_open(const char *path, unsigned backlog, struct err *err) {
    struct sockaddr_un address;
    if (!set_address(&address, path, err)) return -1;
    int directory = lock_directory(path, err);
    if (directory < 0) return -1;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = listener >= 0 ? remove_abandoned(&address, err) &&
                                    bind_and_listen(listener, &address, backlog, err)
                              : failed(path, err);
    close(directory);
    if (good) return listener;
    if (listener >= 0) close(listener);
    return -1;
}
