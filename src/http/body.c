/* Reads the body of a request: see body.h. */
#include "http/body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
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
    } else if (!body->request->channel) {
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

bool body_open(struct body *body, struct request *request, const struct body_limits *limits,
               struct err *err) {
    *body = (struct body){.request = request, .limits = *limits};
    body->reader = (struct reader){.read = read_body, .self = body};
    if (!find_encoding(body, err)) return false;
    if (!find_length(body, err)) return false;
    if (limits->max_bytes && body->has_length && body->length > limits->max_bytes) {
        return too_large(body, err);
    }
    return true;
}

void body_close(struct body *body) {
    free(body->prefetched);
    body->prefetched = NULL;
}

static bool slow(const struct body *body, struct err *err) {
    return rate_set_slow(&body->limits, err);
}

static bool gone(const struct body *body, struct err *err) {
    return err_set(err, ERR_CLIENT_GONE, "the client went away after %" PRIu64 " bytes of the body",
                   body->received);
}

/* A slow client is in nobody's way until somebody waits for what its request holds. */
static bool slower_than_others(const struct body *body, struct err *err) {
    return err_set(err, ERR_SLOW_BODY,
                   "the body arrives too slowly: others wait for this upload's connection of the "
                   "database; send at least %u bytes a second, or try again",
                   body->limits.min_rate * RATE_BRISK);
}

/* Judges a read that took waited_ms and gave `len` bytes, or none. */
static bool is_fast(struct body *body, int64_t waited_ms, size_t len, struct err *err) {
    body->silent_ms += waited_ms;
    if (!channel_is_brisk(body->request->channel, waited_ms, len)) {
        return slower_than_others(body, err);
    }
    if (len == 0)
        return body->silent_ms < (int64_t)body->limits.silence_s * 1000 || slow(body, err);
    bool kept = rate_is_kept(&body->rate, body->limits.min_rate, body->silent_ms, len);
    body->silent_ms = 0;
    return kept || slow(body, err);
}

/* Waits for bytes of a client, counting the time spent waiting for it, not the time that the
 * database takes. Returns 0 at the end of the FastCGI stream, and -1 with *err filled. */
static ssize_t read_channel(struct body *body, char *into, size_t room, struct err *err) {
    ssize_t len = CHANNEL_SILENT;
    while (len == CHANNEL_SILENT) {
        int64_t start = clock_ms();
        len = channel_read(body->request->channel, into, room, CHANNEL_LOOK_MS);
        if (len == 0) return 0;
        if (len == -1) {
            gone(body, err);
            return -1;
        }
        if (!is_fast(body, clock_ms() - start, len > 0 ? (size_t)len : 0, err)) return -1;
    }
    return len;
}

/* Standard input may hold more than the body. */
static ssize_t read_cgi(const struct body *body, char *into, size_t room, struct err *err) {
    uint64_t left = body->length - body->received;
    ssize_t len = 0;
    if (room > left) room = left;
    if (room == 0) return 0;
    do len = read(STDIN_FILENO, into, room);
    while (len < 0 && errno == EINTR);
    if (len < 0) gone(body, err);
    return len;
}

/* The source has ended. Returns 0 if the body is complete, else -1 with *err filled. */
static ssize_t end_of_body(struct body *body, struct err *err) {
    body->ended = !body->has_length || body->received == body->length;
    if (body->ended) return 0;
    gone(body, err);
    return -1;
}

static ssize_t receive(struct body *body, char *into, size_t room, struct err *err) {
    ssize_t len = body->request->channel ? read_channel(body, into, room, err)
                                         : read_cgi(body, into, room, err);
    if (len < 0) return -1;
    if (len == 0) return end_of_body(body, err);
    body->received += (uint64_t)len;
    if (body->limits.max_bytes && body->received > body->limits.max_bytes) {
        too_large(body, err);
        return -1;
    }
    return len;
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
