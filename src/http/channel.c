/* A connection from the web server: see channel.h. */
#include "http/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    INPUT_BYTES = 64 * 1024,
    OUTPUT_BYTES = 8 * 1024, /* a short answer goes in one piece */
    /* What channel_advance keeps: a body is read up to BODY_PREFETCH, and a piece more. */
    BODY_KEPT = 128 * 1024
};

void channel_open(struct channel *channel, int fd, const struct body_limits *limits) {
    *channel = (struct channel){.fd = fd, .limits = limits, .rest = {"", 0}};
    fastcgi_init(&channel->records);
    buf_init(&channel->body, BODY_KEPT);
    buf_init(&channel->output, OUTPUT_BYTES);
}

static void free_buffers(struct channel *channel) {
    fastcgi_free(&channel->records);
    buf_free(&channel->body);
    buf_free(&channel->output);
}

void channel_close(struct channel *channel) {
    free_buffers(channel);
    free(channel->input);
    close(channel->fd);
}

size_t channel_memory(const struct channel *channel) {
    return channel->records.params.cap + channel->records.replies.cap + channel->body.cap;
}

const char *channel_variable(const struct channel *channel, const char *name) {
    return fastcgi_variable(&channel->records, name);
}

/* ---- the request ------------------------------------------------------------------------- */

static bool would_block(void) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Reads what has come. Returns 0 if that is nothing, or if the channel is broken. */
static size_t receive(struct channel *channel, char *into, size_t room) {
    ssize_t len = recv(channel->fd, into, room, MSG_DONTWAIT);
    if (len > 0) return (size_t)len;
    if (len == 0 || !would_block()) channel->is_broken = true;
    return 0;
}

/* Reads records up to the next bytes of the body; false if there are none in the input. */
static bool next_piece(struct channel *channel, struct slice *input, struct slice *piece) {
    enum fastcgi_event event;
    while ((event = fastcgi_next(&channel->records, input, piece)) != FASTCGI_WAIT) {
        if (event == FASTCGI_BODY) return true;
        if (event == FASTCGI_PARAMS) channel->has_params = true;
        if (event == FASTCGI_BODY_END) channel->body_ended = true;
        if (event == FASTCGI_ABORTED || event == FASTCGI_BROKEN) {
            channel->is_broken = true;
            return false;
        }
    }
    return false;
}

/* Sends replies of the protocol. They are short: a web server that leaves no room for them does not
 * read at all. */
static void send_replies(struct channel *channel) {
    struct buf *replies = &channel->records.replies;
    if (replies->len == 0) return;
    ssize_t sent = send(channel->fd, replies->data, replies->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent != (ssize_t)replies->len) channel->is_broken = true;
    buf_reset(replies);
}

size_t channel_advance(struct channel *channel, char *scratch) {
    size_t len = receive(channel, scratch, CHANNEL_PIECE);
    struct slice input = {scratch, len};
    struct slice piece;
    while (next_piece(channel, &input, &piece)) {
        buf_put(&channel->body, piece.data, piece.len);
    }
    if (channel->body.failed) channel->is_broken = true;
    send_replies(channel);
    return channel->is_broken ? 0 : len;
}

/* Gives bytes that came before a thread read; frees them after the last. */
static size_t take_kept(struct channel *channel, char *into, size_t room) {
    size_t len = channel->body.len - channel->body_taken;
    if (len > room) len = room;
    if (len == 0) return 0;
    memcpy(into, channel->body.data + channel->body_taken, len);
    channel->body_taken += len;
    if (channel->body_taken == channel->body.len) {
        buf_free(&channel->body);
        channel->body_taken = 0;
    }
    return len;
}

/* Gives bytes of the body out of the input. A piece is never longer than the input it lies in, so
 * that is cut to the room there is. */
static size_t take_input(struct channel *channel, char *into, size_t room) {
    size_t len = 0;
    while (len < room && channel->rest.len > 0 && !channel->is_broken) {
        struct slice input = channel->rest;
        struct slice piece;
        if (input.len > room - len) input.len = room - len;
        size_t offered = input.len;
        if (next_piece(channel, &input, &piece)) {
            memcpy(into + len, piece.data, piece.len);
            len += piece.len;
        }
        channel->rest.data += offered - input.len;
        channel->rest.len -= offered - input.len;
    }
    send_replies(channel);
    return len;
}

/* Fills the empty input. False if nothing has come. */
static bool fill_input(struct channel *channel) {
    if (!channel->input) channel->input = malloc(INPUT_BYTES);
    if (!channel->input) channel->is_broken = true;
    if (channel->is_broken) return false;
    size_t len = receive(channel, channel->input, INPUT_BYTES);
    channel->rest = (struct slice){channel->input, len};
    return len > 0;
}

ssize_t channel_read(struct channel *channel, char *into, size_t room, int wait_ms) {
    struct pollfd socket = {.fd = channel->fd, .events = POLLIN};
    int64_t deadline = clock_ms() + wait_ms; /* also for bytes that are not of the body */
    int64_t left = 0;
    for (bool is_last = false;; is_last = left <= 0) {
        size_t len = take_kept(channel, into, room);
        if (len == 0) len = take_input(channel, into, room);
        if (len > 0) return (ssize_t)len;
        if (channel->body_ended) return 0;
        if (is_last) return CHANNEL_SILENT;
        left = deadline - clock_ms();
        if (!fill_input(channel) && !channel->is_broken && left > 0) {
            (void)poll(&socket, 1, (int)left);
        }
        if (channel->is_broken) return -1;
    }
}

/* Reads what comes behind the body: an ABORT_REQUEST, or nothing that matters. */
static void read_on(struct channel *channel) {
    char bytes[256];
    ssize_t len = recv(channel->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    struct slice input = {bytes, len > 0 ? (size_t)len : 0};
    struct slice piece;
    while (next_piece(channel, &input, &piece)) continue;
}

bool channel_is_gone(struct channel *channel) {
    struct pollfd socket = {.fd = channel->fd, .events = POLLIN};
    if (channel->is_broken) return true;
    if (poll(&socket, 1, 0) <= 0) return false;
    if (socket.revents & (POLLHUP | POLLERR | POLLNVAL)) return true;
    if (channel->body_ended) read_on(channel);
    return channel->is_broken;
}

/* ---- the answer -------------------------------------------------------------------------- */

bool channel_is_brisk(struct channel *channel, int64_t waited_ms, size_t len) {
    return rate_is_brisk(&channel->rate, channel->limits->min_rate, waited_ms, len) ||
           !channel->must_hurry || !channel->must_hurry(channel->self);
}

/* Waits for room in the socket, for a while only: it may take more bytes before poll() says so,
 * which is when three quarters are free. False if the client has been silent for too long, or must
 * make room for others. */
static bool await_room(struct channel *channel, int64_t *silent_ms) {
    struct pollfd socket = {.fd = channel->fd, .events = POLLOUT};
    int64_t start = clock_ms();
    (void)poll(&socket, 1, CHANNEL_LOOK_MS);
    int64_t waited = clock_ms() - start;
    *silent_ms += waited;
    return channel_is_brisk(channel, waited, 0) &&
           *silent_ms < (int64_t)channel->limits->silence_s * 1000;
}

/* Moves past `sent` bytes. Returns how many parts are left. */
static size_t skip_sent(struct iovec **parts, size_t count, size_t sent) {
    for (; count > 0 && sent >= (*parts)->iov_len; count--, ++*parts) sent -= (*parts)->iov_len;
    if (count > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + sent;
        (*parts)->iov_len -= sent;
    }
    return count;
}

static bool send_all(struct channel *channel, struct iovec *parts, size_t count) {
    int64_t silent_ms = 0;
    while (count > 0) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t sent = sendmsg(channel->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (!would_block() || channel->refused != ERR_NONE) return false;
            if (!await_room(channel, &silent_ms)) return false;
            continue;
        }
        count = skip_sent(&parts, count, (size_t)sent);
        if (!channel_is_brisk(channel, 0, (size_t)sent) ||
            !rate_is_kept(&channel->rate, channel->limits->min_rate, silent_ms, (size_t)sent)) {
            return false;
        }
        silent_ms = 0;
    }
    return true;
}

/* Sends the output that is kept, and a record with these bytes unless there are none. */
static void send_record(struct channel *channel, const char *bytes, size_t len) {
    unsigned char head[FASTCGI_HEAD];
    struct buf *output = &channel->output;
    struct iovec parts[] = {{output->data, output->len}, {head, sizeof head}, {(void *)bytes, len}};
    fastcgi_write_head(&channel->records, len, head);
    channel->output_failed = !send_all(channel, parts, len > 0 ? 3 : 1);
    buf_reset(output);
}

bool channel_write(struct channel *channel, const char *bytes, size_t len) {
    while (len > 0 && !channel->output_failed) {
        size_t piece = len < FASTCGI_CONTENT_MAX ? len : FASTCGI_CONTENT_MAX;
        if (channel->output.len + FASTCGI_HEAD + piece + FASTCGI_END <= OUTPUT_BYTES) {
            unsigned char head[FASTCGI_HEAD];
            fastcgi_write_head(&channel->records, piece, head);
            buf_put(&channel->output, head, sizeof head);
            buf_put(&channel->output, bytes, piece);
        } else {
            send_record(channel, bytes, piece);
        }
        bytes += piece;
        len -= piece;
    }
    if (channel->output.failed) channel->output_failed = true;
    return !channel->output_failed;
}

/* The web server may be sending the body still, and would take an error for the end of the answer
 * if the socket was closed. It closes the connection when it has read the answer. */
static void linger(struct channel *channel) {
    char ignored[CHANNEL_PIECE];
    struct pollfd socket = {.fd = channel->fd, .events = POLLIN};
    int64_t deadline = clock_ms() + CHANNEL_LINGER_MS;
    for (int64_t left; (left = deadline - clock_ms()) > 0;) {
        if (poll(&socket, 1, (int)left) <= 0 || !channel_ignore(channel, ignored)) return;
    }
}

/* Sends what is left and the end. True if the web server may be sending still. */
static bool send_end(struct channel *channel) {
    unsigned char end[FASTCGI_END];
    if (channel->output_failed) return false;
    fastcgi_write_end(&channel->records, end);
    buf_put(&channel->output, end, sizeof end);
    send_record(channel, NULL, 0);
    if (channel->body_ended || channel->output_failed) return false;
    return shutdown(channel->fd, SHUT_WR) == 0;
}

bool channel_finish(struct channel *channel) {
    if (send_end(channel)) linger(channel);
    return !channel->output_failed;
}

bool channel_part(struct channel *channel) {
    bool may_send = send_end(channel);
    free_buffers(channel);
    return may_send;
}

bool channel_ignore(struct channel *channel, char *scratch) {
    (void)receive(channel, scratch, CHANNEL_PIECE);
    return !channel->is_broken;
}

void channel_abort(struct channel *channel) {
    static const char no_record[8] = {0}; /* of version 0, which does not exist */
    static const int room = 1 << 20;
    channel->output_failed = true;
    /* With fastcgi_keep_conn on, nginx notices an answer without an end record. Otherwise it takes
     * the end of the connection for the end of the answer; an invalid record makes it break off in
     * the middle of a chunk. Nothing here waits for a client that has stopped reading. */
    (void)setsockopt(channel->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    (void)send(channel->fd, no_record, sizeof no_record, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(channel->fd, SHUT_RDWR);
}
