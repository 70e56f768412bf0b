/* Runs the process that serves: see serve.h. */
#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "api/route.h"
#include "api/service.h"
#include "base/clock.h"
#include "base/log.h"
#include "evaluation/cache.h"
#include "http/request.h"
#include "serve/checker.h"
#include "serve/gate.h"
#include "serve/maintainer.h"
#include "serve/queue.h"
#include "store/pool.h"
#include "store/readiness.h"

enum {
    STACK_BYTES = 256 * 1024,
    OTHER_DESCRIPTORS = 64
};

struct server {
    struct service service;
    struct maintainer maintainer;
    struct checker checker;
    struct gate gate;
    struct queue queue;
    atomic_uint threads; /* threads that wait for requests or answer one */
    int idle;            /* eventfd; readable when the last thread has ended */
    int signals;         /* signalfd; readable when a signal asks to end */
};

/* ---- requests ---------------------------------------------------------------------------- */

/* True if a request of this kind must make room for others when its client reads slowly. Uploads
 * and exports make room by their connections. */
static bool must_hurry(enum route_kind kind) {
    return kind == ROUTE_OTHER || kind == ROUTE_EVALUATION;
}

/* False if the request waits for another thread, and the visit is not the caller's any more. */
static bool answer(struct server *server, struct visit *visit) {
    struct request request;
    /* Somebody may follow a request that was deferred: its handler says that it ends. */
    if (channel_is_gone(&visit->channel) && !visit->was_deferred) return true;
    request_from_channel(&request, &visit->channel);
    request.may_defer = visit->kind == ROUTE_OTHER;
    request.was_deferred = visit->was_deferred;
    if (must_hurry(visit->kind)) request_set_hurry(&request, queue_needs_thread, visit);
    route_request(&server->service, &request);
    if (request.is_deferred) {
        if (queue_defer(&server->queue, visit)) return false;
        request.has_no_room = request.was_deferred = true;
        request.may_defer = request.is_deferred = false;
        route_request(&server->service, &request);
    }
    channel_finish(&visit->channel);
    return true;
}

static void *run_requests(void *self) {
    struct server *server = self;
    struct visit *visit;
    while ((visit = queue_take(&server->queue))) {
        if (answer(server, visit)) queue_done(&server->queue, visit);
    }
    if (atomic_fetch_sub(&server->threads, 1) == 1) (void)eventfd_write(server->idle, 1);
    return NULL;
}

/* ---- threads ----------------------------------------------------------------------------- */

static bool start_thread(void *(*run)(void *), void *argument) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    if (failed) log_error("cannot start a thread");
    return !failed;
}

static bool start_threads(struct server *server) {
    unsigned threads = queue_thread_count(&server->queue);
    atomic_store(&server->threads, threads);
    for (unsigned i = 0; i < threads; i++) {
        if (!start_thread(run_requests, server)) return false;
    }
    if (server->checker.image_root >= 0 && !start_thread(checker_run, &server->checker)) {
        return false;
    }
    return start_thread(gate_run, &server->gate) &&
           start_thread(maintainer_run, &server->maintainer);
}

static bool init_service(struct service *service, const struct options *options,
                         const struct directories *directories, struct err *err) {
    service->import_dir = directories->import_dir;
    service->image_root = directories->image_root;
    service->body_limits = options->body;
    service->max_duration_s = options->max_duration_s;
    service->json_limits = options->json;
    service->long_pool = pool_new(options->conninfo, options->long_connections);
    service->short_pool = pool_new(options->conninfo, options->short_connections);
    service->probe_pool = pool_new(options->conninfo, 1);
    service->evaluation_pool = pool_new(options->conninfo, options->evaluation_connections);
    service->second_pool = pool_new(options->conninfo, options->evaluation_connections);
    service->evaluation_cache = cache_new(options->evaluation_cache);
    service->evaluation_threads = options->evaluation_threads;
    service->evaluation_rows = options->evaluation_rows;
    if (service->long_pool && service->short_pool && service->probe_pool &&
        service->evaluation_pool && service->second_pool && service->evaluation_cache) {
        return true;
    }
    return err_set(err, ERR_INTERNAL, "out of memory");
}

static void free_service(struct service *service) {
    pool_free(service->long_pool);
    pool_free(service->short_pool);
    pool_free(service->probe_pool);
    pool_free(service->evaluation_pool);
    pool_free(service->second_pool);
    cache_free(service->evaluation_cache);
}

/* ---- start and end ----------------------------------------------------------------------- */

/* TERM, INT and USR1 end the process. They are blocked, so that only `signals` receives them. HUP,
 * which a closed terminal or a log rotation sends, is ignored. */
static int open_signals(void) {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGUSR1);
    signal(SIGHUP, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* inherited by threads */
    return signalfd(-1, &ends, SFD_CLOEXEC);
}

/* Raises the soft limit of descriptors as far as needed and allowed; returns it. */
static rlim_t raise_descriptors(rlim_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted; /* not known */
    rlim_t before = limit.rlim_cur;
    if (before >= wanted) return before;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

/* Returns how many connections may wait at the gate: so many that descriptors remain for those that
 * are answered, for the database and for files. */
static unsigned fit_descriptors(const struct options *options) {
    rlim_t connections = (rlim_t)options->long_connections + options->short_connections +
                         2 * (rlim_t)options->evaluation_connections;
    rlim_t threads = (rlim_t)options->threads + options->evaluation_connections;
    rlim_t others = OTHER_DESCRIPTORS + 4 * threads + 2 * connections;
    rlim_t limit = raise_descriptors(options->waiting + others);
    if (limit >= options->waiting + others) return options->waiting;
    unsigned left = limit > others ? (unsigned)(limit - others) : 1;
    log_warning("only %u connections may wait for their requests: this process may have %ju "
                "descriptors open (ulimit -n)",
                left, (uintmax_t)limit);
    return left;
}

/* Something was imported, deleted or set. */
static void wake(void *self) {
    struct server *server = self;
    maintainer_wake(&server->maintainer);
    checker_wake(&server->checker);
}

static bool open_server(struct server *server, const struct options *options, int listener,
                        const struct directories *directories, struct err *err) {
    bool is_shared = listener == STDIN_FILENO; /* handed over by a process that outlives this one */
    queue_init(&server->queue, options->threads, options->evaluation_connections);
    if (!gate_open(&server->gate, listener, is_shared, &server->queue, &server->service,
                   fit_descriptors(options), err)) {
        return false;
    }
    if (!maintainer_open(&server->maintainer, options, err) ||
        !checker_open(&server->checker, options, directories->image_root, err)) {
        return false;
    }
    server->signals = open_signals();
    server->idle = eventfd(0, EFD_CLOEXEC);
    if (server->signals < 0 || server->idle < 0) {
        return err_set(err, ERR_INTERNAL, "cannot wait for signals: %s", strerror(errno));
    }
    server->service.wake_maintenance = wake;
    server->service.maintenance = server;
    return readiness_check_start(options->conninfo, err) &&
           init_service(&server->service, options, directories, err);
}

static void log_signal(const struct server *server, const char *what) {
    struct signalfd_siginfo info;
    if (read(server->signals, &info, sizeof info) != sizeof info) return;
    log_info("signal %u: %s", info.ssi_signo, what);
}

/* Waits for a signal, or for the acceptor to give up. Returns the exit status. */
static int await_end(const struct server *server) {
    struct pollfd either[] = {{.fd = server->signals, .events = POLLIN},
                              {.fd = server->gate.acceptor.stop, .events = POLLIN}};
    while (poll(either, 2, -1) < 0 && errno == EINTR) continue;
    if (!either[0].revents) return EXIT_FAILURE;
    log_signal(server, "ending");
    return EXIT_SUCCESS;
}

/* Waits for running requests. When time is up, their uncommitted work rolls back. A second signal
 * ends the wait. */
static void drain(struct server *server, unsigned seconds) {
    struct pollfd either[] = {{.fd = server->idle, .events = POLLIN},
                              {.fd = server->signals, .events = POLLIN}};
    int64_t deadline = clock_ms() + (int64_t)seconds * 1000;
    for (int64_t left; (left = deadline - clock_ms()) > 0;) {
        if (poll(either, 2, (int)left) > 0) break;
    }
    if (either[0].revents) return;
    if (either[1].revents) log_signal(server, "ending at once");
    unsigned requests = atomic_load(&server->queue.open);
    if (requests > 0) log_warning("%u requests did not end in time and are cut off", requests);
}

int serve_fastcgi(const struct options *options, int listener,
                  const struct directories *directories) {
    struct err err;
    /* Not on the stack, because detached threads use it until the process ends. */
    struct server *server = calloc(1, sizeof *server);
    if (!server || !open_server(server, options, listener, directories, &err)) {
        log_error("%s", server ? err.message : "out of memory");
        free(server);
        return EXIT_FAILURE;
    }
    if (!start_threads(server)) _exit(EXIT_FAILURE);
    log_info("serving with %u threads", options->threads);
    int status = await_end(server);
    acceptor_stop(&server->gate.acceptor);
    drain(server, options->drain_s);
    fflush(NULL);
    _exit(status); /* the maintenance thread runs until then */
}

/* ---- plain CGI --------------------------------------------------------------------------- */

static void note_wake(void *self) {
    *(bool *)self = true;
}

/* Closes standard output, so that the web server sees the end of the answer. Descriptor
 * 1 stays in use; otherwise the next socket, to the database, would get its number and
 * receive what is printed. */
static void end_answer(void) {
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0) {
        log_warning("standard output stays open until the maintenance has ended: %s",
                    strerror(errno));
    }
    if (nowhere >= 0) close(nowhere);
}

int serve_cgi(const struct options *options, const struct directories *directories) {
    struct service service = {0};
    struct request request;
    struct err err;
    bool wanted = false;
    if (!init_service(&service, options, directories, &err)) {
        log_error("%s", err.message);
        return EXIT_FAILURE;
    }
    service.wake_maintenance = note_wake;
    service.maintenance = &wanted;
    request_from_cgi(&request, environ);
    route_request(&service, &request);
    free_service(&service);
    if (wanted) {
        end_answer();
        maintainer_run_once(options);
    }
    return EXIT_SUCCESS;
}
