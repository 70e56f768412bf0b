/* The thread that maintains the database (store/maintenance) while the process serves requests. */
#ifndef PGCOCO_SERVE_MAINTAINER_H
#define PGCOCO_SERVE_MAINTAINER_H

#include "base/err.h"
#include "options.h"

struct maintainer {
    const struct options *options;
    int wanted; /* eventfd */
};

/* Prepares *maintainer, which must live until the process ends, as must options. */
bool maintainer_open(struct maintainer *maintainer, const struct options *options, struct err *err);

/* What the thread runs: maintenance at once, every 30 s, and soon after each maintainer_wake.
 * self: the maintainer. Never returns. */
void *maintainer_run(void *self);

/* Says that an import has left something to analyze or to collect. From any thread. */
void maintainer_wake(void *self);

/* Runs maintenance once, and logs what it did or why it failed. */
void maintainer_run_once(const struct options *options);

#endif
