/* Describes outcomes in words: see report.h. */
#include "cli/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/parsed.h"

enum {
    EXAMPLES = 3, /* shown for each reason */
    TEXT_MAX = 4096
};

/* ---- texts ------------------------------------------------------------------------------- */

void report_text(const char *text, size_t len, FILE *out) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool c1 = c == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] < 0xa0;
        fputc(c < 0x20 || c == 0x7f || c1 ? '?' : c, out);
        i += c1;
    }
}

/* What messages of the HTTP interface say, and what a shell needs instead. The first that fits is
 * used. */
static const struct {
    const char *http;
    const char *shell;
} words[] = {
    {"; PUT replaces it", "; without --create it is replaced"},
    {"import=", "--token "},
    {"the body is empty; send the JSON file in it", "the file is empty"},
    {"the body ", "the file "},
    {"the compressed body ends in the middle; send all of it",
     "the compressed file ends in the middle; it is not complete"},
    {"; upload the whole file", "; the file is not complete"},
    {"; send it uncompressed", "; decompress it first"},
    {"these look like results, which go to /datasets/{dataset}/runs/{run}",
     "these look like results, which pgcoco import run takes"},
    {"results go to /datasets/{dataset}/runs/{run}", "pgcoco import run takes results"},
    {"these look like a ground truth, which goes to /datasets/{dataset}",
     "these look like a ground truth, which pgcoco import dataset takes"},
    {"category_offset=", "--category-offset="},
    {"max_skipped is ", "--max-skipped is "},
    {"match=name ", "--match=name "},
    {"match=id ", "--match=id "},
    {"renumber=1", "--renumber"},
    {"force=1", "--force"},
    {"; the log says why", ""}, /* the detail is printed */
};

/* Returns the index of the words with which the text begins; -1 if there are none. */
static int find_words(const char *text, size_t len) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t http = strlen(words[i].http);
        if (http <= len && memcmp(text, words[i].http, http) == 0) return (int)i;
    }
    return -1;
}

/* Prints a message with the words of a shell. */
static void print_message(const char *text, size_t len, FILE *out) {
    size_t printed = 0;
    for (size_t at = 0; at < len;) {
        int found = find_words(text + at, len - at);
        if (found < 0) {
            at++;
            continue;
        }
        report_text(text + printed, at - printed, out);
        fputs(words[found].shell, out);
        at += strlen(words[found].http);
        printed = at;
    }
    report_text(text + printed, len - printed, out);
}

typedef void print_text(const char *text, size_t len, FILE *out);

/* Prints a node: strings without quotes and escapes, everything else verbatim. */
static void print_node(print_text *print, const struct json_value *value, uint32_t node,
                       FILE *out) {
    struct buf plain;
    struct slice text = json_raw(value, node);
    buf_init(&plain, TEXT_MAX);
    if (value->nodes[node].type == JSON_STRING && json_unescape(value, node, &plain)) {
        text = buf_slice(&plain);
    }
    print(text.data, text.len, out);
    buf_free(&plain);
}

static void print_member_by(print_text *print, const struct json_value *value, uint32_t object,
                            const char *name, FILE *out) {
    uint32_t node = json_member(value, object, name);
    if (node != 0) print_node(print, value, node, out);
}

static void print_member(const struct json_value *value, uint32_t object, const char *name,
                         FILE *out) {
    print_member_by(report_text, value, object, name, out);
}

static uint64_t number_of(const struct json_value *value, uint32_t object, const char *name) {
    uint32_t node = json_member(value, object, name);
    uint64_t number = 0;
    if (node == 0) return 0;
    struct slice text = json_raw(value, node);
    for (size_t i = 0; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    return number;
}

static bool has(const struct json_value *value, uint32_t object, const char *name) {
    uint32_t node = json_member(value, object, name);
    return node != 0 && value->nodes[node].type != JSON_NULL;
}

/* ---- what was skipped -------------------------------------------------------------------- */

/* Prints line and column if they are known, else the offset. */
static void print_place_of(const struct json_value *value, uint32_t example, FILE *out) {
    bool in_lines = has(value, example, "line");
    fputs(in_lines ? ", line " : ", byte ", out);
    print_member(value, example, in_lines ? "line" : "offset", out);
    if (!in_lines) return;
    fputs(", column ", out);
    print_member(value, example, "column", out);
}

static void print_example(const struct json_value *value, uint32_t example, FILE *out) {
    fputs("    ", out);
    if (has(value, example, "index")) {
        fputs("element ", out);
        print_member(value, example, "index", out);
        print_place_of(value, example, out);
        fputs(": ", out);
    }
    print_member_by(print_message, value, example, "detail", out);
    fputc('\n', out);
}

static void print_examples(const struct json_value *value, uint32_t reason, FILE *out) {
    uint32_t examples = json_member(value, reason, "examples");
    uint64_t count = number_of(value, reason, "count");
    uint64_t shown = 0;
    if (examples == 0) return;
    uint32_t end = value->nodes[examples].next;
    for (uint32_t i = examples + 1; i < end && shown < EXAMPLES; i = value->nodes[i].next) {
        print_example(value, i, out);
        shown++;
    }
    if (count > shown && shown > 0) fprintf(out, "    and %" PRIu64 " more\n", count - shown);
}

/* skips: the node of an array with an object for each reason. */
static void print_skips(const struct json_value *value, uint32_t skips, FILE *out) {
    if (value->nodes[skips].type != JSON_ARRAY) return;
    uint32_t end = value->nodes[skips].next;
    for (uint32_t i = skips + 1; i < end; i = value->nodes[i].next) {
        fputs("  ", out);
        print_member(value, i, "reason", out);
        fprintf(out, ": %" PRIu64 "\n", number_of(value, i, "count"));
        print_examples(value, i, out);
    }
}

static void print_skips_of(const struct json_value *value, FILE *out) {
    uint32_t skips = json_member(value, 0, "skipped");
    if (skips != 0) print_skips(value, skips, out);
}

static void print_note(const struct json_value *value, const char *label, const char *name,
                       FILE *out) {
    if (!has(value, 0, name)) return;
    fprintf(out, "  %s", label);
    print_member_by(print_message, value, 0, name, out);
    fputc('\n', out);
}

static void print_notes(const struct json_value *value, FILE *out) {
    uint32_t notes = json_member(value, 0, "notes");
    if (notes == 0 || value->nodes[notes].type != JSON_ARRAY) return;
    for (uint32_t i = notes + 1; i < value->nodes[notes].next; i = value->nodes[i].next) {
        fputs("  ", out);
        print_node(print_message, value, i, out);
        fputc('\n', out);
    }
}

/* ---- a run, a dataset -------------------------------------------------------------------- */

static void print_run(const struct json_value *value, bool dry_run, FILE *out) {
    uint64_t replaced = number_of(value, 0, "replaced_count");
    fputs("run ", out);
    print_member(value, 0, "run_name", out);
    fputs(" of ", out);
    print_member(value, 0, "dataset", out);
    fprintf(out, ": %" PRIu64 " predictions %s, %" PRIu64 " skipped",
            number_of(value, 0, "prediction_count"), dry_run ? "would be imported" : "imported",
            number_of(value, 0, "skipped_count"));
    if (replaced > 0) fprintf(out, " (instead of %" PRIu64 " before)", replaced);
    fputc('\n', out);
    print_skips_of(value, out);
    print_note(value, "hint: ", "hint", out);
}

void report_run(struct buf *document, bool dry_run, FILE *out) {
    struct parsed parsed;
    if (parsed_open(&parsed, document)) print_run(&parsed.value, dry_run, out);
    parsed_close(&parsed);
}

static void print_dataset(const struct json_value *value, bool dry_run, const char *note,
                          FILE *out) {
    uint64_t skipped = number_of(value, 0, "skipped_count");
    uint32_t not_kept = json_member(value, 0, "not_kept");
    fputs("dataset ", out);
    print_member(value, 0, "name", out);
    fprintf(out, ": %" PRIu64 " images, %" PRIu64 " annotations, %" PRIu64 " categories%s",
            number_of(value, 0, "image_count"), number_of(value, 0, "annotation_count"),
            number_of(value, 0, "category_count"), dry_run ? " would be imported" : "");
    if (skipped > 0) fprintf(out, ", %" PRIu64 " skipped", skipped);
    if (note) fprintf(out, " (%s)", note);
    fputc('\n', out);
    print_skips_of(value, out);
    print_note(value, "hint: ", "hint", out);
    if (not_kept != 0 && json_child_count(value, not_kept) > 0) {
        print_note(value, "not kept, because too large or not valid JSON: ", "not_kept", out);
    }
    print_notes(value, out);
}

void report_dataset(struct buf *document, bool dry_run, const char *note, FILE *out) {
    struct parsed parsed;
    if (parsed_open(&parsed, document)) print_dataset(&parsed.value, dry_run, note, out);
    parsed_close(&parsed);
}

/* ---- errors ------------------------------------------------------------------------------ */

static void print_place(const struct err *err) {
    fprintf(stderr, " (%s", err_slug(err->code));
    if (err->has_place) {
        fprintf(stderr, ", line %" PRIu64 ", column %" PRIu64, err->place.line, err->place.column);
    } else if (err->has_offset) {
        fprintf(stderr, ", byte %" PRIu64, err->offset);
    }
    if (err->has_index) fprintf(stderr, ", element %" PRIu64, err->index);
    fputs(")\n", stderr);
}

/* Prints the message of the database or the system, if the error says only that
 * something failed. */
static void print_detail(const struct err *err) {
    const char *line = err->detail;
    if (err->code != ERR_DATABASE_AWAY && err->code != ERR_INTERNAL) return;
    while (*line) {
        size_t len = strcspn(line, "\n");
        fputs("  ", stderr);
        report_text(line, len, stderr);
        fputc('\n', stderr);
        line += len + (line[len] == '\n');
    }
}

void report_error(const char *what, const struct err *err, const char *skips) {
    struct parsed parsed;
    struct buf text;
    fprintf(stderr, "pgcoco: ");
    report_text(what, strlen(what), stderr);
    fputs(": ", stderr);
    print_message(err->message, strlen(err->message), stderr);
    print_place(err);
    print_detail(err);
    if (!skips[0]) return;
    buf_init(&text, strlen(skips) + 1);
    buf_put_text(&text, skips);
    if (parsed_open(&parsed, &text)) print_skips(&parsed.value, 0, stderr);
    parsed_close(&parsed);
    buf_free(&text);
}
