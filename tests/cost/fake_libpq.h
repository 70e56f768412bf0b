/* What the database of fake_libpq.c holds, and a way to hear what it is told. */
#ifndef PGCOCO_TESTS_COST_FAKE_LIBPQ_H
#define PGCOCO_TESTS_COST_FAKE_LIBPQ_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FAKE_IMAGES = 1000,   /* ids from 1; those with an odd id have sizes */
    FAKE_CATEGORIES = 80, /* ids from 1 */
    FAKE_SIDE = 1024,     /* width and height of an image, in pixels */
    FAKE_COLUMNS = 2      /* most that a listener answers with */
};

#define FAKE_FILE "image %d.jpg"
#define FAKE_CLASS "class %d"
#define FAKE_SQLSTATE "CO903"

/* What a test hears, and answers in place of the database. */
struct fake_listener {
    /* A statement is sent. params: NULL if it takes none. */
    void (*statement)(const char *sql, const char *const *params);
    /* Sets the texts of the only row of its answer (NULL: null) and returns their number. Returns
     * -1 if the statement fails, with FAKE_SQLSTATE. */
    int (*answer)(const char *sql, const char *values[FAKE_COLUMNS]);
    /* A COPY is sent bytes. */
    void (*copied)(const char *bytes, size_t len);
};

/* From now on, outside of transactions. listener: must stay valid; NULL: nobody listens. */
void fake_listen(const struct fake_listener *listener);

/* True between the beginning and the end of a transaction. */
bool fake_in_transaction(void);

#endif
