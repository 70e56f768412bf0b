/* What the database of fake_libpq.c holds. */
#ifndef PGCOCO_TESTS_COST_FAKE_LIBPQ_H
#define PGCOCO_TESTS_COST_FAKE_LIBPQ_H

#include <stdbool.h>

enum {
    FAKE_IMAGES = 1000,   /* ids from 1; those with an odd id have sizes */
    FAKE_CATEGORIES = 80, /* ids from 1 */
    FAKE_SIDE = 1024      /* width and height of an image, in pixels */
};

#define FAKE_FILE "image %d.jpg"
#define FAKE_CLASS "class %d"

#endif
