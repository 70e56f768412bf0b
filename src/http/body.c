/* Reads the body of a request: see body.h. */
#include "http/body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"

static ssize_t read_body(void *self, char *into, size_t room, struct err *err);

/* Finds the length of the body, if it is known. */
static bool find_length(struct body *body, struct err *err) {
    const char *text = request_variable(body->request, "CONTENT_LENGTH");
    if (text[0] != '\0') { /* nginx sets an empty one for a chunked body */
        char *end;
        errno = 0;
        body->length = strtoull(text, &end, 10);
        if (*end != '\0' || errno != 0 || text[0] < '0' || text[0] > '9') {
            return err_set(err, ERR_BAD_REQUEST, "Content-Length is not a number");
        }
        body->has_length = true;
    } else if (!body->request->fcgx) {
        struct stat input;
        off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
        if (fstat(STDIN_FILENO, &input) != 0 || !S_ISREG(input.st_mode) || at < 0) {
            return err_set(err, ERR_LENGTH_REQUIRED,
                           "CONTENT_LENGTH is not set and standard input is not a file; set it, or "
                           "redirect a file");
        }
        body->length = input.st_size > at ? (uint64_t)(input.st_size - at) : 0;
        body->has_length = true;
    }
    return true;
}

/* Reads Content-Encoding. x-gzip is the same as gzip (RFC 9110 section 8.4.1.3). */
static bool find_encoding(struct body *body, struct err *err) {
    static const char *const known[] = {"gzip", "x-gzip", "zstd"};
    const char *encoding = request_variable(body->request, "HTTP_CONTENT_ENCODING");
    if (encoding[0] == '\0' || strcasecmp(encoding, "identity") == 0) return true;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcasecmp(encoding, known[i]) == 0) body->encoded = true;
    }
    return body->encoded ||
           err_set(err, ERR_UNSUPPORTED_MEDIA_TYPE,
                   "Content-Encoding is neither gzip nor zstd; use one of them, or "
                   "send the body uncompressed");
}

static bool too_large(const struct body *body, struct err *err) {
    return err_set(err, ERR_BODY_TOO_LARGE,
                   "the body is larger than %" PRIu64 " bytes, the limit of this server",
                   body->limits.max_bytes);
}

/* Limits how long a read waits for a silent client. */
static void limit_silence(const struct body *body) {
    struct timeval timeout = {.tv_sec = body->limits.silence_s};
    if (!body->request->fcgx) return;
    /* If this fails, nginx' client_body_timeout still ends the request. */
    (void)setsockopt(body->request->fcgx->ipcFd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

bool body_open(struct body *body, struct request *request, const struct body_limits *limits,
               struct err *err) {
    *body = (struct body){.request = request, .limits = *limits};
    body->reader = (struct reader){.read = read_body, .self = body};
    if (!find_encoding(body, err)) return false;
    if (!find_length(body, err)) return false;
    if (limits->max_bytes && body->has_length && body->length > limits->max_bytes) {
        return too_large(body, err);
    }
    limit_silence(body);
    return true;
}

void body_close(struct body *body) {
    free(body->prefetched);
    body->prefetched = NULL;
}

static bool slow(const struct body *body, struct err *err) {
    return err_set(
        err, ERR_SLOW_BODY,
        "the body arrives too slowly: this server waits %u seconds for a byte, and needs "
        "%u bytes a second",
        body->limits.silence_s, body->limits.min_rate);
}

/* Counts the time spent waiting for the client, not the time that the database takes. */
static bool check_rate(struct body *body, int64_t waited_ms, size_t len, struct err *err) {
    return rate_is_kept(&body->rate, body->limits.min_rate, waited_ms, len) || slow(body, err);
}

/* Reads what one fill of the FastCGI stream gives, at most `room` bytes; FCGX_GetStr would wait for
 * all of them. Returns -1 at the end, good or bad. */
static ssize_t read_fcgi(FCGX_Stream *in, char *into, size_t room) {
    int c = FCGX_GetChar(in);
    if (c == EOF) return -1;
    into[0] = (char)c;
    size_t more = (size_t)(in->stop - in->rdNext);
    if (more > room - 1) more = room - 1;
    memcpy(into + 1, in->rdNext, more);
    in->rdNext += more;
    return (ssize_t)(1 + more);
}

static ssize_t read_cgi(char *into, size_t room) {
    ssize_t len;
    do len = read(STDIN_FILENO, into, room);
    while (len < 0 && errno == EINTR);
    return len > 0 ? len : -1;
}

/* The source has ended. Returns 0 if the body is complete, else -1 with *err filled. */
static ssize_t end_of_body(struct body *body, int64_t waited_ms, struct err *err) {
    bool broken = body->request->fcgx && FCGX_GetError(body->request->fcgx->in) != 0;
    if (body->has_length && body->received != body->length) broken = true;
    if (!broken) {
        body->ended = true;
        return 0;
    }
    if (body->request->fcgx && waited_ms >= (int64_t)body->limits.silence_s * 1000) {
        slow(body, err);
    } else {
        err_set(err, ERR_CLIENT_GONE, "the client went away after %" PRIu64 " bytes of the body",
                body->received);
    }
    return -1;
}

static ssize_t receive(struct body *body, char *into, size_t room, struct err *err) {
    if (!body->request->fcgx) {
        /* Standard input may hold more than the body. */
        uint64_t left = body->length - body->received;
        if (left == 0) return end_of_body(body, 0, err);
        if (room > left) room = left;
    }
    int64_t start = clock_ms();
    ssize_t len =
        body->request->fcgx ? read_fcgi(body->request->fcgx->in, into, room) : read_cgi(into, room);
    int64_t waited = clock_ms() - start;
    if (len < 0) return end_of_body(body, waited, err);
    body->received += (uint64_t)len;
    if (body->limits.max_bytes && body->received > body->limits.max_bytes) {
        too_large(body, err);
        return -1;
    }
    return check_rate(body, waited, (size_t)len, err) ? len : -1;
}

bool body_prefetch(struct body *body, struct err *err) {
    body->prefetched = malloc(BODY_PREFETCH);
    if (!body->prefetched) return err_set(err, ERR_BUSY, "out of memory");
    while (body->prefetched_len < BODY_PREFETCH && !body->ended) {
        ssize_t len = receive(body, body->prefetched + body->prefetched_len,
                              BODY_PREFETCH - body->prefetched_len, err);
        if (len < 0) return false;
        body->prefetched_len += (size_t)len;
    }
    return true;
}

static ssize_t read_body(void *self, char *into, size_t room, struct err *err) {
    struct body *body = self;
    size_t there = body->prefetched_len - body->prefetched_used;
    if (there > 0) {
        if (there > room) there = room;
        memcpy(into, body->prefetched + body->prefetched_used, there);
        body->prefetched_used += there;
        return (ssize_t)there;
    }
    return body->ended ? 0 : receive(body, into, room, err);
}
