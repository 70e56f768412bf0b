/* A thread that sends blocks to the database: see sender.h. */
#include "store/sender.h"

#include <poll.h>
#include <stdlib.h>

#include "store/libpq.h"

enum {
    SENDER_STACK = 256 * 1024
};

/* During a copy the backend speaks only to say that it has failed; libpq would go on taking bytes. */
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

static void *run(void *self) {
    struct sender *sender = self;
    pthread_mutex_lock(&sender->mutex);
    for (;;) {
        while (sender->sent == sender->made && !sender->ending) {
            pthread_cond_wait(&sender->changed, &sender->mutex);
        }
        if (sender->sent == sender->made) break;
        pthread_mutex_unlock(&sender->mutex);
        send_block(sender, sender->sent); /* moved by this thread only */
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

bool sender_start(struct sender *sender, struct pg_conn *conn, struct err *err) {
    *sender = (struct sender){
        .conn = conn,
        .memory = malloc((size_t)SENDER_BLOCKS * SENDER_BLOCK),
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    sender->running = sender->memory && start_thread(sender);
    if (sender->running) return true;
    free(sender->memory);
    return err_set(err, ERR_BUSY, "no memory or no thread to send rows with");
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
