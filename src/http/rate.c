/* Measures how fast a client is: see rate.h. */
#include "http/rate.h"

bool rate_is_kept(struct rate *rate, unsigned min_rate, int64_t waited_ms, size_t len) {
    rate->waited_ms += waited_ms;
    rate->bytes += len;
    if (rate->waited_ms < (int64_t)RATE_WINDOW_S * 1000) return true;
    bool fast = rate->bytes >= (uint64_t)min_rate * RATE_WINDOW_S;
    *rate = (struct rate){0};
    return fast;
}
