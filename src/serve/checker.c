/* Looks for the files of images on a thread: see checker.h. */
#include "serve/checker.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/log.h"
#include "import/picture_files.h"

enum {
    EVERY_MS = 300000 /* finds what another process has left */
};

bool checker_open(struct checker *checker, const struct options *options, int image_root,
                  struct err *err) {
    checker->options = options;
    checker->image_root = image_root;
    checker->wanted = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (checker->wanted >= 0) return true;
    return err_set(err, ERR_INTERNAL, "cannot start the checks of pictures: %s", strerror(errno));
}

void checker_wake(struct checker *checker) {
    /* Fails only if the counter is full; the thread then wakes, too. */
    (void)eventfd_write(checker->wanted, 1);
}

void *checker_run(void *self) {
    struct checker *checker = self;
    struct pollfd wanted = {.fd = checker->wanted, .events = POLLIN};
    eventfd_t wakes;
    struct err err;
    for (;;) {
        if (!picture_files_check(checker->options->conninfo, checker->image_root, &err)) {
            log_warning("checks of pictures: %s %s", err.message, err.detail);
        }
        (void)poll(&wanted, 1, EVERY_MS);
        (void)eventfd_read(checker->wanted, &wakes); /* fails after EVERY_MS without a wake */
    }
    return NULL;
}
