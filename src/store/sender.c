/* Sends blocks to the database on a thread: see sender.h. */
#include "store/sender.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/libpq.h"

enum {
    SENDER_STACK = 256 * 1024
};

/* During a copy the backend sends something only if it has failed; libpq would still take bytes. */
static bool backend_spoke(PGconn *conn) {
    struct pollfd socket = {.fd = PQsocket(conn), .events = POLLIN};
    return poll(&socket, 1, 0) != 0;
}

static char *block_at(const struct sender *sender, unsigned number) {
    return sender->memory + (size_t)(number % SENDER_BLOCKS) * SENDER_BLOCK;
}

static void send_block(struct sender *sender, unsigned number) {
    if (atomic_load(&sender->failed)) return;
    int len = (int)sender->lens[number % SENDER_BLOCKS];
    if (backend_spoke(sender->conn) ||
        PQputCopyData(sender->conn, block_at(sender, number), len) != 1) {
        atomic_store(&sender->failed, true);
    }
}

static bool is_silent(const struct sender *sender) {
    return sender->waiting && sender->sent == sender->made && !sender->ending &&
           !atomic_load(&sender->failed);
}

/* Waits for a change, or for SENDER_IDLE_MS. The mutex is held, except while idle() runs. */
static void await_change(struct sender *sender) {
    struct timespec until = clock_in_ms(SENDER_IDLE_MS);
    if (pthread_cond_timedwait(&sender->changed, &sender->mutex, &until) != ETIMEDOUT) return;
    if (!is_silent(sender) || sender->idled) return;
    sender->idling = true;
    pthread_mutex_unlock(&sender->mutex);
    sender->idle(sender->self);
    pthread_mutex_lock(&sender->mutex);
    sender->idling = false;
    sender->idled = true;
    pthread_cond_signal(&sender->changed);
}

static void *run(void *self) {
    struct sender *sender = self;
    pthread_mutex_lock(&sender->mutex);
    for (;;) {
        while (sender->sent == sender->made && !sender->ending) await_change(sender);
        if (sender->sent == sender->made) break;
        pthread_mutex_unlock(&sender->mutex);
        send_block(sender, sender->sent); /* only this thread changes `sent` */
        pthread_mutex_lock(&sender->mutex);
        sender->sent++;
        pthread_cond_signal(&sender->changed);
    }
    pthread_mutex_unlock(&sender->mutex);
    return NULL;
}

static bool start_thread(struct sender *sender) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, SENDER_STACK);
    bool started = pthread_create(&sender->thread, &attributes, run, sender) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

static void init_changed(struct sender *sender) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sender->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

bool sender_start(struct sender *sender, struct pg_conn *conn, void (*idle)(void *self), void *self,
                  struct err *err) {
    *sender = (struct sender){
        .conn = conn,
        .memory = malloc((size_t)SENDER_BLOCKS * SENDER_BLOCK),
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .idle = idle,
        .self = self,
    };
    init_changed(sender);
    sender->running = sender->memory && start_thread(sender);
    if (sender->running) return true;
    pthread_cond_destroy(&sender->changed);
    free(sender->memory);
    return err_set(err, ERR_BUSY, "no memory or no thread to send rows");
}

char *sender_block(struct sender *sender) {
    pthread_mutex_lock(&sender->mutex);
    while (sender->made - sender->sent == SENDER_BLOCKS) {
        pthread_cond_wait(&sender->changed, &sender->mutex);
    }
    pthread_mutex_unlock(&sender->mutex);
    return block_at(sender, sender->made);
}

void sender_send(struct sender *sender, size_t len) {
    pthread_mutex_lock(&sender->mutex);
    sender->lens[sender->made % SENDER_BLOCKS] = len;
    sender->made++;
    pthread_cond_signal(&sender->changed);
    pthread_mutex_unlock(&sender->mutex);
}

void sender_wait(struct sender *sender) {
    pthread_mutex_lock(&sender->mutex);
    sender->waiting = true;
    sender->idled = false;
    pthread_mutex_unlock(&sender->mutex);
}

bool sender_go_on(struct sender *sender) {
    pthread_mutex_lock(&sender->mutex);
    sender->waiting = false;
    while (sender->idling) pthread_cond_wait(&sender->changed, &sender->mutex);
    bool idled = sender->idled;
    pthread_mutex_unlock(&sender->mutex);
    return idled;
}

void sender_drain(struct sender *sender) {
    pthread_mutex_lock(&sender->mutex);
    while (sender->sent != sender->made) pthread_cond_wait(&sender->changed, &sender->mutex);
    pthread_mutex_unlock(&sender->mutex);
}

void sender_fail(struct sender *sender) {
    atomic_store(&sender->failed, true);
}

bool sender_stop(struct sender *sender) {
    if (!sender->running) return true;
    pthread_mutex_lock(&sender->mutex);
    sender->ending = true;
    pthread_cond_signal(&sender->changed);
    pthread_mutex_unlock(&sender->mutex);
    pthread_join(sender->thread, NULL);
    pthread_mutex_destroy(&sender->mutex);
    pthread_cond_destroy(&sender->changed);
    free(sender->memory);
    sender->running = false;
    return !atomic_load(&sender->failed);
}
