/* Runs maintenance on a thread: see maintainer.h. */
#include "serve/maintainer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "store/maintenance.h"

enum {
    EVERY_MS = 30000, /* retries leaves that readers kept from being dropped */
    SETTLE_MS = 200   /* one collection for several uploads at once */
};

bool maintainer_open(struct maintainer *maintainer, const struct options *options,
                     struct err *err) {
    maintainer->options = options;
    maintainer->wanted = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (maintainer->wanted >= 0) return true;
    return err_set(err, ERR_INTERNAL, "cannot start the maintenance: %s", strerror(errno));
}

void maintainer_run_once(const struct options *options) {
    struct maintenance_done done;
    struct err err;
    if (!maintenance_run(options->conninfo, &options->maintenance, 0, &done, &err)) {
        log_warning("maintenance: %s %s", err.message, err.detail);
    } else if (done.analyzed || done.dropped || done.prepared || done.postponed) {
        log_info("maintenance: %u analyzed, %u dropped, %u prepared, %u postponed", done.analyzed,
                 done.dropped, done.prepared, done.postponed);
    }
}

void maintainer_wake(void *self) {
    struct maintainer *maintainer = self;
    /* Fails only if the counter is full; the thread then wakes, too. */
    (void)eventfd_write(maintainer->wanted, 1);
}

/* poll() measures a duration, so changes of the clock do not matter. */
static void wait_until_wanted(struct maintainer *maintainer) {
    struct pollfd wanted = {.fd = maintainer->wanted, .events = POLLIN};
    eventfd_t wakes;
    (void)poll(&wanted, 1, EVERY_MS);
    usleep(SETTLE_MS * 1000);
    (void)eventfd_read(maintainer->wanted, &wakes); /* fails after EVERY_MS without a wake */
}

void *maintainer_run(void *self) {
    struct maintainer *maintainer = self;
    struct err err;
    if (!maintenance_warn(maintainer->options->conninfo, &err)) {
        log_warning("maintenance: %s %s", err.message, err.detail);
    }
    for (;;) {
        maintainer_run_once(maintainer->options);
        wait_until_wanted(maintainer);
    }
    return NULL;
}
