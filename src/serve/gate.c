/* Waits for requests: see gate.h. */
#include "serve/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "api/route.h"
#include "api/service.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/body.h"
#include "http/request.h"

enum {
    HEAD_MS = 10000,              /* how long the parameters of a request may take */
    SWEEP_MS = 250,               /* how often silent clients are looked for */
    PAUSE_MS = 50,                /* ... and whether connections may be accepted again */
    EVENTS = 64,                  /* at a time */
    PIECES = 8,                   /* of one connection at a time */
    MEMORY_MAX = 64 * 1024 * 1024 /* bytes */
};

bool gate_open(struct gate *gate, int listener, bool is_shared, struct queue *queue,
               struct service *service, unsigned waiting_max, struct err *err) {
    gate->queue = queue;
    gate->service = service;
    gate->limits = &service->body_limits;
    gate->waiting_max = waiting_max;
    gate->open_max = waiting_max + 4 * queue->threads;
    if (!acceptor_open(&gate->acceptor, listener, is_shared, err)) return false;
    struct epoll_event stop = {.events = EPOLLIN, .data.ptr = &gate->acceptor};
    gate->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (gate->epoll < 0 || epoll_ctl(gate->epoll, EPOLL_CTL_ADD, gate->acceptor.stop, &stop) != 0) {
        return err_set(err, ERR_INTERNAL, "cannot wait for connections: %s", strerror(errno));
    }
    return true;
}

/* ---- the lists --------------------------------------------------------------------------- */

static struct visits *list_of(struct gate *gate, const struct visit *visit) {
    return visit->channel.refused == ERR_NONE ? &gate->waiting : &gate->lingering;
}

static void add(struct gate *gate, struct visit *visit) {
    struct visits *list = list_of(gate, visit);
    visit->next = NULL;
    visit->before = list->newest;
    if (list->newest) list->newest->next = visit;
    if (!list->oldest) list->oldest = visit;
    list->newest = visit;
    list->count++;
}

static void leave(struct gate *gate, struct visit *visit) {
    struct visits *list = list_of(gate, visit);
    if (visit->before) visit->before->next = visit->next;
    if (visit->next) visit->next->before = visit->before;
    if (list->oldest == visit) list->oldest = visit->next;
    if (list->newest == visit) list->newest = visit->before;
    list->count--;
    if (visit->is_watched) (void)epoll_ctl(gate->epoll, EPOLL_CTL_DEL, visit->channel.fd, NULL);
    visit->is_watched = false;
}

static void drop(struct gate *gate, struct visit *visit) {
    leave(gate, visit);
    queue_forget(gate->queue, visit);
}

static bool watch(const struct gate *gate, struct visit *visit) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = visit};
    if (!visit->is_watched) {
        visit->is_watched = epoll_ctl(gate->epoll, EPOLL_CTL_ADD, visit->channel.fd, &event) == 0;
    }
    return visit->is_watched;
}

/* Counts what is allocated, not what has come. */
static void count_memory(struct gate *gate, struct visit *visit) {
    size_t memory = sizeof *visit + channel_memory(&visit->channel);
    atomic_fetch_add(&gate->queue->memory, memory - visit->memory);
    visit->memory = memory;
}

/* ---- those that are refused -------------------------------------------------------------- */

/* Tells a client why. Without parameters there is no request to answer. True if the web server may
 * be sending still. */
static bool tell(struct gate *gate, struct channel *channel) {
    struct request request;
    if (!channel->has_params || channel_is_gone(channel)) return false;
    request_from_channel(&request, channel);
    route_request(gate->service, &request);
    return channel_part(channel);
}

/* The visit is in no list. */
static void refuse(struct gate *gate, struct visit *visit, enum err_code reason) {
    visit->channel.refused = reason;
    if (tell(gate, &visit->channel) && watch(gate, visit)) {
        count_memory(gate, visit);
        visit->heard_ms = clock_ms();
        add(gate, visit);
    } else {
        queue_forget(gate->queue, visit);
    }
}

static void send_away(struct gate *gate, struct visit *visit, enum err_code reason) {
    leave(gate, visit);
    refuse(gate, visit, reason);
}

static void hand_over(struct gate *gate, struct visit *visit) {
    leave(gate, visit);
    if (!queue_put(gate->queue, visit)) refuse(gate, visit, ERR_BUSY);
}

/* Something may have come, which is dropped. */
static void ignore(struct gate *gate, struct visit *visit) {
    if (!channel_ignore(&visit->channel, gate->scratch)) drop(gate, visit);
}

/* ---- bounds ------------------------------------------------------------------------------ */

static bool is_crowded(const struct gate *gate) {
    return atomic_load(&gate->queue->open) >= gate->open_max;
}

static bool is_over_memory(const struct gate *gate) {
    return atomic_load(&gate->queue->memory) > MEMORY_MAX;
}

/* True if nothing more may be accepted. The gate has made what room it could; requests that are
 * queued and answered take the rest. */
static bool is_full(const struct gate *gate) {
    return is_crowded(gate) || is_over_memory(gate);
}

/* True if one of those that wait has to make room. */
static bool must_go(const struct gate *gate) {
    return gate->waiting.count > gate->waiting_max || is_over_memory(gate) ||
           (is_crowded(gate) && !gate->lingering.oldest);
}

static void keep_in_bounds(struct gate *gate) {
    while (gate->waiting.oldest && must_go(gate)) send_away(gate, gate->waiting.oldest, ERR_BUSY);
    while (gate->lingering.oldest && is_crowded(gate)) drop(gate, gate->lingering.oldest);
}

/* ---- one connection ---------------------------------------------------------------------- */

static bool is_ready(const struct visit *visit) {
    const struct channel *channel = &visit->channel;
    if (!channel->has_params) return false;
    return visit->kind != ROUTE_UPLOAD || channel->body_ended || channel->body.len >= BODY_PREFETCH;
}

static void find_kind(struct visit *visit) {
    struct request request;
    request_from_channel(&request, &visit->channel);
    visit->kind = route_kind(&request);
}

/* Takes what has come, a few pieces of it. False if nothing more has come. */
static bool listen_to(struct gate *gate, struct visit *visit, size_t *heard) {
    for (int i = 0; i < PIECES && !is_ready(visit); i++) {
        bool had_params = visit->channel.has_params;
        size_t len = channel_advance(&visit->channel, gate->scratch);
        if (len == 0) return false;
        *heard += len;
        if (visit->channel.has_params && !had_params) find_kind(visit);
    }
    return true;
}

/* Something may have come. */
static void advance(struct gate *gate, struct visit *visit, int64_t now) {
    size_t heard = 0;
    (void)listen_to(gate, visit, &heard);
    count_memory(gate, visit);
    bool kept = heard == 0 ||
                rate_is_kept(&visit->rate, gate->limits->min_rate, now - visit->heard_ms, heard);
    if (heard > 0) visit->heard_ms = now;
    if (visit->channel.is_broken) {
        drop(gate, visit);
    } else if (is_ready(visit)) {
        hand_over(gate, visit);
    } else if (!kept) {
        send_away(gate, visit, ERR_SLOW_BODY);
    } else if (!watch(gate, visit)) {
        send_away(gate, visit, ERR_BUSY);
    }
}

/* ---- all of them ------------------------------------------------------------------------- */

static bool is_silent(const struct gate *gate, const struct visit *visit, int64_t now) {
    if (!visit->channel.has_params) return now - visit->came_ms >= HEAD_MS;
    return now - visit->heard_ms >= (int64_t)gate->limits->silence_s * 1000;
}

static void sweep(struct gate *gate, int64_t now) {
    struct visit *next;
    if (now - gate->swept_ms < SWEEP_MS) return;
    gate->swept_ms = now;
    while (gate->lingering.oldest && now - gate->lingering.oldest->heard_ms >= CHANNEL_LINGER_MS) {
        drop(gate, gate->lingering.oldest);
    }
    for (struct visit *visit = gate->waiting.oldest; visit; visit = next) {
        next = visit->next;
        if (is_silent(gate, visit, now)) send_away(gate, visit, ERR_SLOW_BODY);
    }
}

/* Takes over a new connection. What was sent with it is there in most cases. */
static void welcome(struct gate *gate, int fd, int64_t now) {
    struct visit *visit = calloc(1, sizeof *visit);
    if (!visit) {
        close(fd);
        return;
    }
    atomic_fetch_add(&gate->queue->open, 1);
    visit->came_ms = visit->heard_ms = now;
    channel_open(&visit->channel, fd, gate->limits);
    add(gate, visit);
    advance(gate, visit, now);
    keep_in_bounds(gate);
}

/* Puts the listener into the epoll set, or takes it out: its connections wait in the kernel. */
static void set_accepting(struct gate *gate, bool accepts) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = gate};
    if (accepts == gate->accepts) return;
    int failed = epoll_ctl(gate->epoll, accepts ? EPOLL_CTL_ADD : EPOLL_CTL_DEL,
                           gate->acceptor.listener, &event);
    gate->accepts = accepts && !failed; /* it is tried again after PAUSE_MS */
    if (failed && !gate->has_failed) {
        log_warning("cannot wait for connections: %s; trying again", strerror(errno));
    }
    gate->has_failed = failed;
}

/* Descriptors or memory are used up: the longest wait gives some back, soon if not at once. */
static void make_room(struct gate *gate, int64_t now) {
    if (gate->lingering.oldest) drop(gate, gate->lingering.oldest);
    if (gate->waiting.oldest) send_away(gate, gate->waiting.oldest, ERR_BUSY);
    gate->resume_ms = now + PAUSE_MS;
}

static void accept_some(struct gate *gate, int64_t now) {
    for (int i = 0; i < EVENTS && !is_full(gate); i++) {
        int fd = acceptor_next(&gate->acceptor);
        if (fd == ACCEPTOR_EXHAUSTED) make_room(gate, now);
        if (fd < 0) return;
        welcome(gate, fd, now);
    }
}

/* Decides whether to accept connections now. */
static void look_at_acceptor(struct gate *gate, int64_t now) {
    bool may_accept = !gate->acceptor.is_over && !is_full(gate) && now >= gate->resume_ms;
    set_accepting(gate, may_accept);
    if (gate->acceptor.is_over) {
        (void)epoll_ctl(gate->epoll, EPOLL_CTL_DEL, gate->acceptor.stop, NULL);
    }
}

static bool is_empty(const struct gate *gate) {
    return !gate->waiting.oldest && !gate->lingering.oldest;
}

static int time_to_wait(const struct gate *gate) {
    if (!gate->accepts && !gate->acceptor.is_over) return PAUSE_MS;
    return is_empty(gate) ? -1 : SWEEP_MS;
}

static void look_at(struct gate *gate, struct visit *visit, int64_t now) {
    if (visit->channel.refused == ERR_NONE) {
        advance(gate, visit, now);
    } else {
        ignore(gate, visit);
    }
}

/* Looks after those that wait before it accepts others: an event may belong to a visit that would
 * have to make room for them. Returns whether a connection can be accepted. */
static bool handle(struct gate *gate, const struct epoll_event *events, int count, int64_t now) {
    bool can_accept = false;
    for (int i = 0; i < count; i++) {
        void *what = events[i].data.ptr;
        if (what == gate) {
            can_accept = true;
        } else if (what == &gate->acceptor) {
            gate->acceptor.is_over = true;
        } else {
            look_at(gate, what, now);
        }
    }
    return can_accept;
}

void *gate_run(void *self) {
    struct gate *gate = self;
    struct epoll_event events[EVENTS];
    look_at_acceptor(gate, clock_ms());
    while (!gate->acceptor.is_over || !is_empty(gate)) {
        int count = epoll_wait(gate->epoll, events, EVENTS, time_to_wait(gate));
        int64_t now = clock_ms();
        bool can_accept = handle(gate, events, count, now);
        keep_in_bounds(gate);
        if (can_accept && !gate->acceptor.is_over) accept_some(gate, now);
        sweep(gate, now);
        look_at_acceptor(gate, now);
    }
    queue_close(gate->queue);
    return NULL;
}
