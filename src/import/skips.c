/* Counts the rows that were skipped: see skips.h. */
#include "import/skips.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/writer.h"

bool skip_limit_parse(const char *text, struct skip_limit *limit) {
    char *end;
    size_t digits = strspn(text, "0123456789.");
    *limit = (struct skip_limit){.is_set = true, .value = strtod(text, &end)};
    limit->is_percent = *end == '%';
    if (digits == 0 || end != text + digits || strlen(end) > limit->is_percent) return false;
    return limit->is_percent ? limit->value <= 100 : limit->value == floor(limit->value);
}

bool skips_are_within(const struct skips *skips, const struct skip_limit *limit, uint64_t offered) {
    double skipped = (double)skips->total;
    if (!limit->is_set) return true;
    if (!limit->is_percent) return skipped <= limit->value;
    return skipped * 100 <= limit->value * (double)offered;
}

void skips_count(struct skips *skips, enum skip_reason reason, uint64_t count) {
    skips->total += count;
    skips->counts[reason] += count;
}

bool skips_wants_example(const struct skips *skips, enum skip_reason reason) {
    return skips->examples_kept[reason] < SKIP_EXAMPLES;
}

void skips_example(struct skips *skips, enum skip_reason reason,
                   const struct skip_example *example) {
    if (!skips_wants_example(skips, reason)) return;
    skips->examples[reason][skips->examples_kept[reason]++] = *example;
}

static void write_example(const struct skip_example *example, struct buf *into) {
    buf_put_char(into, '{');
    if (example->has_place) {
        buf_printf(into, "\"index\": %" PRIu64 ", \"offset\": %" PRIu64 ", ", example->index,
                   example->offset);
    }
    if (example->has_line) {
        buf_printf(into, "\"line\": %" PRIu64 ", \"column\": %" PRIu64 ", ", example->line.line,
                   example->line.column);
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
