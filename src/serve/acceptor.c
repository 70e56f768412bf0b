/* Accepts connections: see acceptor.h. */
#include "serve/acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    TRY_MS = 10000 /* the process ends when accepting has failed for so long */
};

static bool is_listening(int descriptor) {
    int listening = 0;
    socklen_t len = sizeof listening;
    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

bool acceptor_open(struct acceptor *acceptor, int listener, bool is_shared, struct err *err) {
    *acceptor = (struct acceptor){.listener = listener, .is_shared = is_shared};
    if (!is_listening(listener)) {
        return err_set(err, ERR_INTERNAL, "file descriptor %d is not a listening socket", listener);
    }
    acceptor->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int flags = fcntl(listener, F_GETFL);
    if (acceptor->stop < 0 || flags < 0 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) != 0) {
        return err_set(err, ERR_INTERNAL, "cannot accept connections: %s", strerror(errno));
    }
    return true;
}

static void stop_all(struct acceptor *acceptor) {
    /* Fails only if the counter is full; the descriptor is readable then, too. */
    (void)eventfd_write(acceptor->stop, 1);
}

void acceptor_stop(struct acceptor *acceptor) {
    atomic_store(&acceptor->is_ending, true);
    if (acceptor->is_shared || shutdown(acceptor->listener, SHUT_RDWR) != 0) stop_all(acceptor);
}

/* True if descriptors or memory are used up, which running requests may give back. */
static bool may_pass(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void give_up(struct acceptor *acceptor, int error) {
    log_error("cannot accept connections: %s; this process ends, so that another one can start",
              strerror(error));
    acceptor->is_over = true;
    stop_all(acceptor);
}

static int note_exhaustion(struct acceptor *acceptor, int error) {
    int64_t now = clock_ms();
    if (acceptor->failed_ms == 0) {
        acceptor->failed_ms = now;
        log_warning("cannot accept connections: %s; trying again for %d s", strerror(error),
                    TRY_MS / 1000);
    }
    if (now - acceptor->failed_ms >= TRY_MS) give_up(acceptor, error);
    return ACCEPTOR_EXHAUSTED;
}

/* accept() says EAGAIN for ever after somebody has shut the socket down. */
static bool is_shut_down(const struct acceptor *acceptor) {
    struct pollfd listener = {.fd = acceptor->listener, .events = POLLIN};
    return poll(&listener, 1, 0) > 0 && listener.revents & (POLLHUP | POLLERR | POLLNVAL);
}

/* Another process was quicker, or the client went away. */
static bool is_nothing(int error) {
    return error == EAGAIN || error == EINTR || error == ECONNABORTED;
}

int acceptor_next(struct acceptor *acceptor) {
    int fd = accept4(acceptor->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    int error = errno;
    if (fd < 0 && may_pass(error)) return note_exhaustion(acceptor, error);
    acceptor->failed_ms = 0;
    if (fd >= 0) return fd;
    if (atomic_load(&acceptor->is_ending)) {
        acceptor->is_over = true; /* the queue of our own listener is empty */
    } else if (!is_nothing(error) || is_shut_down(acceptor)) {
        give_up(acceptor, is_nothing(error) ? EINVAL : error);
    }
    return ACCEPTOR_NONE;
}
