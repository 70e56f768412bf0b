/* A thread that looks whether images have their files (import/picture_files). */
#ifndef PGCOCO_SERVE_CHECKER_H
#define PGCOCO_SERVE_CHECKER_H

#include "options.h"

struct checker {
    const struct options *options;
    int image_root; /* descriptor; -1: there is nothing to look at */
    int wanted;     /* eventfd */
};

/* Prepares the thread. False with *err filled if that fails. */
bool checker_open(struct checker *checker, const struct options *options, int image_root,
                  struct err *err);

/* Asks for a look, now or when the present one has ended. */
void checker_wake(struct checker *checker);

/* The thread: takes a struct checker, never returns. */
void *checker_run(void *self);

#endif
