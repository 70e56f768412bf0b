/* The process: see serve.h. */
#include "serve.h"

#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "api/route.h"
#include "api/service.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/request.h"
#include "store/maintenance.h"
#include "store/pool.h"

enum {
    STACK_BYTES = 256 * 1024,
    SHUTDOWN_MS = 10000,        /* how long running requests may take to end */
    QUIET_MS = 100,             /* how long nothing may happen before the end */
    MAINTENANCE_EVERY_S = 30,   /* what readers were in the way of is tried again */
    MAINTENANCE_SETTLE_MS = 200 /* several uploads at once need one collection */
};

/* ---- maintenance ------------------------------------------------------------------------- */

struct maintenance {
    const struct options *options;
    pthread_mutex_t mutex;
    pthread_cond_t due;
    bool is_due;
};

static void maintain(const struct options *options) {
    struct maintenance_settings settings = {.grace_s = options->grace_s, .keep_s = options->keep_s};
    struct maintenance_done done;
    struct err err;
    if (!maintenance_run(options->conninfo, &settings, &done, &err)) {
        log_warning("maintenance: %s %s", err.message, err.detail);
    } else if (done.analyzed || done.dropped || done.postponed) {
        log_info("maintenance: %u analyzed, %u dropped, %u postponed", done.analyzed, done.dropped,
                 done.postponed);
    }
}

static void wake_maintenance(void *self) {
    struct maintenance *maintenance = self;
    pthread_mutex_lock(&maintenance->mutex);
    maintenance->is_due = true;
    pthread_cond_signal(&maintenance->due);
    pthread_mutex_unlock(&maintenance->mutex);
}

static void wait_until_due(struct maintenance *maintenance) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += MAINTENANCE_EVERY_S;
    pthread_mutex_lock(&maintenance->mutex);
    while (!maintenance->is_due) {
        if (pthread_cond_timedwait(&maintenance->due, &maintenance->mutex, &at) != 0) break;
    }
    pthread_mutex_unlock(&maintenance->mutex);
    usleep(MAINTENANCE_SETTLE_MS * 1000);
    pthread_mutex_lock(&maintenance->mutex);
    maintenance->is_due = false;
    pthread_mutex_unlock(&maintenance->mutex);
}

static void *run_maintenance(void *self) {
    struct maintenance *maintenance = self;
    struct err err;
    if (!maintenance_warn(maintenance->options->conninfo, &err)) {
        log_warning("maintenance: %s %s", err.message, err.detail);
    }
    for (;;) {
        maintain(maintenance->options);
        wait_until_due(maintenance);
    }
    return NULL;
}

/* ---- requests ---------------------------------------------------------------------------- */

struct server {
    struct service service;
    struct maintenance maintenance;
    int listener;
    atomic_uint running; /* requests being answered */
    atomic_bool stopping;
};

/* A write to a client that takes nothing returns after this long. If it cannot be set, nginx' send_timeout still ends
 * the request. */
static void limit_silence(const FCGX_Request *fcgx, unsigned seconds) {
    struct timeval timeout = {.tv_sec = seconds};
    (void)setsockopt(fcgx->ipcFd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}

/* FastCGI on one thread. Each has a request of its own; the kernel shares out the connections. */
static void *run_requests(void *self) {
    struct server *server = self;
    FCGX_Request fcgx;
    if (FCGX_InitRequest(&fcgx, server->listener, 0) != 0) {
        log_error("a request could not be set up");
        return NULL;
    }
    while (!atomic_load(&server->stopping)) {
        if (FCGX_Accept_r(&fcgx) < 0) {
            log_warning("a connection could not be accepted");
            usleep(100000); /* out of descriptors, most likely: do not spin */
            continue;
        }
        struct request request;
        limit_silence(&fcgx, server->service.body_limits.silence_s);
        atomic_fetch_add(&server->running, 1);
        request_from_fcgi(&request, &fcgx);
        route_request(&server->service, &request);
        FCGX_Finish_r(&fcgx);
        atomic_fetch_sub(&server->running, 1);
    }
    return NULL;
}

static bool start_thread(void *(*run)(void *), void *argument) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    int failed = pthread_create(&thread, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    if (failed) log_error("a thread could not be started");
    return !failed;
}

static bool start_threads(struct server *server, unsigned threads) {
    for (unsigned i = 0; i < threads; i++) {
        if (!start_thread(run_requests, server)) return false;
    }
    return start_thread(run_maintenance, &server->maintenance);
}

static bool init_service(struct service *service, const struct options *options, int import_dir) {
    service->import_dir = import_dir;
    service->body_limits = options->body;
    service->json_limits = options->json;
    service->long_pool = pool_new(options->conninfo, options->long_connections);
    service->short_pool = pool_new(options->conninfo, options->short_connections);
    if (service->long_pool && service->short_pool) return true;
    log_error("out of memory");
    return false;
}

/* Requests that run may end; what they have not committed by then rolls back. One that was accepted
 * just now is counted a moment later: all must be quiet for a while. */
static void drain(struct server *server) {
    int64_t now = clock_ms();
    int64_t deadline = now + SHUTDOWN_MS;
    int64_t quiet_since = now;
    atomic_store(&server->stopping, true);
    for (; now < deadline && now - quiet_since < QUIET_MS; now = clock_ms()) {
        if (atomic_load(&server->running) > 0) quiet_since = now;
        usleep(10000);
    }
}

int serve_fastcgi(const struct options *options, int listener, int import_dir) {
    /* Detached threads use it until the process ends, so it must outlive this function. */
    struct server *server = calloc(1, sizeof *server);
    if (!server || !init_service(&server->service, options, import_dir)) {
        free(server);
        return EXIT_FAILURE;
    }
    server->listener = listener;
    server->maintenance.options = options;
    pthread_mutex_init(&server->maintenance.mutex, NULL);
    pthread_cond_init(&server->maintenance.due, NULL);
    server->service.wake_maintenance = wake_maintenance;
    server->service.maintenance = &server->maintenance;

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* threads inherit it; this one waits for them */
    if (!start_threads(server, options->threads)) return EXIT_FAILURE;
    log_info("serving with %u threads", options->threads);
    int signal_number;
    sigwait(&ends, &signal_number);
    log_info("signal %d: ending", signal_number);
    drain(server);
    fflush(NULL);
    _exit(EXIT_SUCCESS); /* threads still wait in accept() */
}

/* ---- plain CGI --------------------------------------------------------------------------- */

static void note_due(void *self) {
    *(bool *)self = true;
}

int serve_cgi(const struct options *options, int import_dir) {
    struct service service = {0};
    struct request request;
    bool due = false;
    if (!init_service(&service, options, import_dir)) return EXIT_FAILURE;
    service.wake_maintenance = note_due;
    service.maintenance = &due;
    request_from_cgi(&request, environ);
    route_request(&service, &request);
    pool_free(service.long_pool);
    pool_free(service.short_pool);
    if (due) {
        close(STDOUT_FILENO); /* the answer is complete; nobody need wait for the rest */
        maintain(options);
    }
    return EXIT_SUCCESS;
}
