/* The account of rows not taken: see skips.h. */
#include "import/skips.h"

#include <inttypes.h>
#include <stdio.h>

#include "json/writer.h"

void skips_count(struct skips *skips, enum skip_reason reason, uint64_t count) {
    skips->total += count;
    skips->counts[reason] += count;
}

void skips_example(struct skips *skips, enum skip_reason reason,
                   const struct skip_example *example) {
    unsigned *kept = &skips->examples_kept[reason];
    if (*kept < SKIP_EXAMPLES) skips->examples[reason][(*kept)++] = *example;
}

void skips_add(struct skips *skips, const struct skip *skip, uint64_t index, uint64_t offset) {
    skips_count(skips, skip->reason, 1);
    if (skips->examples_kept[skip->reason] == SKIP_EXAMPLES) return;
    struct skip_example example = {.has_place = true, .index = index, .offset = offset};
    snprintf(example.detail, sizeof example.detail, "%s", skip->detail);
    skips_example(skips, skip->reason, &example);
}

static void write_example(const struct skip_example *example, struct buf *into) {
    buf_put_char(into, '{');
    if (example->has_place) {
        buf_printf(into, "\"index\": %" PRIu64 ", \"offset\": %" PRIu64 ", ", example->index,
                   example->offset);
    }
    buf_put_text(into, "\"detail\": ");
    json_write_text(into, example->detail);
    buf_put_char(into, '}');
}

static void write_reason(const struct skips *skips, enum skip_reason reason, struct buf *into) {
    buf_printf(into, "{\"reason\": \"%s\", \"count\": %" PRIu64 ", \"examples\": [",
               skip_slug(reason), skips->counts[reason]);
    for (unsigned i = 0; i < skips->examples_kept[reason]; i++) {
        if (i > 0) buf_put_text(into, ", ");
        write_example(&skips->examples[reason][i], into);
    }
    buf_put_text(into, "]}");
}

void skips_write(const struct skips *skips, struct buf *into) {
    bool first = true;
    buf_put_char(into, '[');
    for (int reason = 0; reason < SKIP_REASONS; reason++) {
        if (skips->counts[reason] == 0) continue;
        if (!first) buf_put_text(into, ", ");
        first = false;
        write_reason(skips, (enum skip_reason)reason, into);
    }
    buf_put_char(into, ']');
}
