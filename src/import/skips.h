/* The skipped rows: how many for each reason, with the first few as examples. */
#ifndef PGCOCO_IMPORT_SKIPS_H
#define PGCOCO_IMPORT_SKIPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text_place.h"
#include "coco/skip.h"

enum {
    SKIP_EXAMPLES = 10
};

struct skip_example {
    bool has_place;
    bool has_line;          /* false for rows that the database found: it knows no lines */
    uint64_t index;         /* in the array of the file, from 0 */
    uint64_t offset;        /* of the element in the decompressed file, in bytes */
    struct text_place line; /* line and column of this offset */
    char detail[sizeof((struct skip *)0)->detail];
};

struct skips {
    uint64_t total;
    uint64_t counts[SKIP_REASONS];
    unsigned examples_kept[SKIP_REASONS];
    struct skip_example examples[SKIP_REASONS][SKIP_EXAMPLES];
};

/* The number or percentage of skipped rows above which the file is refused. */
struct skip_limit {
    bool is_set;
    bool is_percent;
    double value;
};

/* Reads "10" or "2.5%". False if it is neither. */
bool skip_limit_parse(const char *text, struct skip_limit *limit);

/* True if not more rows than the limit were skipped. offered: the rows of the file, including
 * skipped ones. */
bool skips_are_within(const struct skips *skips, const struct skip_limit *limit, uint64_t offered);

/* Adds `count` rows, without an example. */
void skips_count(struct skips *skips, enum skip_reason reason, uint64_t count);

/* True if another example of this reason would be kept. */
bool skips_wants_example(const struct skips *skips, enum skip_reason reason);

/* Keeps an example if there are few. Does not count it. */
void skips_example(struct skips *skips, enum skip_reason reason,
                   const struct skip_example *example);

/* Appends [{"reason", "count", "examples": [{"index", "offset", "line", "column", "detail"}]}]. */
void skips_write(const struct skips *skips, struct buf *into);

#endif
