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
    TRY_AGAIN_MS = 100,
    TRIES = 100 /* the process ends after this many failures in a row */
};

static bool is_listening(int descriptor) {
    int listening = 0;
    socklen_t len = sizeof listening;
    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

bool acceptor_open(struct acceptor *acceptor, int listener, bool is_shared, struct err *err) {
    *acceptor = (struct acceptor){.listener = listener, .is_shared = is_shared};
    pthread_mutex_init(&acceptor->turn, NULL);
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

static bool is_stopped(const struct acceptor *acceptor, int wait_ms) {
    struct pollfd stop = {.fd = acceptor->stop, .events = POLLIN};
    return poll(&stop, 1, wait_ms) > 0;
}

/* True if descriptors or memory are used up, which running requests may give back. */
static bool may_pass(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void give_up(struct acceptor *acceptor, int error) {
    log_error("cannot accept connections: %s; this process ends, so that another one can start",
              strerror(error));
    stop_all(acceptor);
}

/* Waits for a connection. One thread at a time waits, so that a connection wakes only one. False if
 * the acceptor was stopped. */
static bool await_connection(struct acceptor *acceptor) {
    struct pollfd either[] = {{.fd = acceptor->listener, .events = POLLIN},
                              {.fd = acceptor->stop, .events = POLLIN}};
    pthread_mutex_lock(&acceptor->turn);
    while (poll(either, 2, -1) < 0 && errno == EINTR) continue;
    bool stopped = either[1].revents != 0;
    bool broken = (either[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
    /* The socket was shut down from outside. accept() would return EAGAIN for ever. */
    if (broken && !stopped && !atomic_load(&acceptor->is_ending)) {
        give_up(acceptor, EINVAL);
        stopped = true;
    }
    pthread_mutex_unlock(&acceptor->turn);
    return !stopped;
}

/* Waits and holds the turn, because otherwise all threads would retry, and log, at the
 * same time. */
static void wait_and_retry(struct acceptor *acceptor, int error) {
    pthread_mutex_lock(&acceptor->turn);
    unsigned failures = atomic_fetch_add(&acceptor->failures, 1);
    if (failures == 0) {
        log_warning("cannot accept connections: %s; trying again for %d s", strerror(error),
                    TRIES * TRY_AGAIN_MS / 1000);
    }
    if (!is_stopped(acceptor, TRY_AGAIN_MS) && failures >= TRIES) give_up(acceptor, error);
    pthread_mutex_unlock(&acceptor->turn);
}

static void note_failure(struct acceptor *acceptor, int error) {
    if (error == EINTR || is_stopped(acceptor, 0)) return;
    if (may_pass(error)) {
        wait_and_retry(acceptor, error);
    } else if (atomic_load(&acceptor->is_ending)) {
        stop_all(acceptor); /* the queue of our own listener is empty */
    } else if (error == EAGAIN) {
        /* Another thread or process was quicker, or the client went away. */
        atomic_store(&acceptor->failures, 0);
    } else {
        give_up(acceptor, error);
    }
}

int acceptor_next(struct acceptor *acceptor) {
    while (await_connection(acceptor)) {
        int fd = accept4(acceptor->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            atomic_store(&acceptor->failures, 0);
            return fd;
        }
        note_failure(acceptor, errno);
    }
    return -1;
}
