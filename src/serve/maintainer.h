/* The thread that maintains the database (store/maintenance) while the process serves requests. */
#ifndef PGCOCO_SERVE_MAINTAINER_H
#define PGCOCO_SERVE_MAINTAINER_H

#include "base/err.h"
#include "options.h"

struct maintainer {
    const struct options *options;
    int wanted; /* eventfd */
};

/* Prepares *maintainer. It and `options` must live until the process ends. */
bool maintainer_open(struct maintainer *maintainer, const struct options *options, struct err *err);

/* Runs on its own thread: maintenance at once, every 30 s, and soon after each maintainer_wake.
 * self: the maintainer. Never returns. */
void *maintainer_run(void *self);

/* Announces that an import has left something to analyze or collect. self: the maintainer. May be
 * called from any thread. */
void maintainer_wake(void *self);

/* Runs maintenance once and logs the result. */
void maintainer_run_once(const struct options *options);

#endif
