/* Measures how fast a client is: see rate.h. */
#include "http/rate.h"

bool rate_set_slow(const struct body_limits *limits, struct err *err) {
    return err_set(
        err, ERR_SLOW_BODY,
        "the body arrives too slowly: this server waits %u seconds for a byte, and needs "
        "%u bytes a second",
        limits->silence_s, limits->min_rate);
}

bool rate_is_kept(struct rate *rate, unsigned min_rate, int64_t waited_ms, size_t len) {
    rate->waited_ms += waited_ms;
    rate->bytes += len;
    if (rate->waited_ms < (int64_t)RATE_WINDOW_S * 1000) return true;
    bool fast = rate->bytes >= (uint64_t)min_rate * RATE_WINDOW_S;
    rate->waited_ms = 0;
    rate->bytes = 0;
    return fast;
}

bool rate_is_brisk(struct rate *rate, unsigned min_rate, int64_t waited_ms, size_t len) {
    rate->recent_ms += waited_ms;
    rate->recent_bytes += len;
    if (rate->recent_ms >= RATE_RECENT_MS) {
        uint64_t due = (uint64_t)min_rate * RATE_BRISK * (uint64_t)rate->recent_ms / 1000;
        rate->is_slow = rate->recent_bytes < due;
        rate->recent_ms = 0;
        rate->recent_bytes = 0;
    }
    return !rate->is_slow;
}
