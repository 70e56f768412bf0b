/* Ends work early: see progress.h. */
#include "base/progress.h"

#include "base/clock.h"

static enum err_code find_end(struct progress *progress) {
    const struct progress_limits *limits = &progress->limits;
    if (atomic_load_explicit(&progress->stop, memory_order_relaxed)) return ERR_INTERRUPTED;
    if (!limits->is_gone && !limits->seconds) return ERR_NONE;
    int64_t now_ms = clock_ms();
    if (limits->seconds && now_ms - limits->begun_ms >= (int64_t)limits->seconds * 1000) {
        return ERR_TOOK_TOO_LONG;
    }
    if (!limits->is_gone || now_ms - progress->asked_ms < PROGRESS_ASK_MS) return ERR_NONE;
    progress->asked_ms = now_ms;
    return limits->is_gone(limits->client) ? ERR_CLIENT_GONE : ERR_NONE;
}

static bool explain(const struct progress *progress, struct err *err) {
    switch (progress->end) {
    case ERR_NONE:
        return true;
    case ERR_CLIENT_GONE:
        return err_set(err, ERR_CLIENT_GONE, "the client went away before the end");
    case ERR_TOOK_TOO_LONG:
        return err_set(err, ERR_TOOK_TOO_LONG,
                       "this took more than %u seconds, the limit of this server "
                       "(--max-duration); split the file, or ask for more time",
                       progress->limits.seconds);
    default:
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    }
}

bool progress_go_on(struct progress *progress, struct err *err) {
    if (!progress) return true;
    if (progress->end == ERR_NONE) progress->end = find_end(progress);
    return explain(progress, err);
}
