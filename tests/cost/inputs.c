/* Makes inputs: see inputs.h. Each maker names its knobs in the order of its enum. */
#include "inputs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "fake_libpq.h"

/* ---- pieces ------------------------------------------------------------------------------- */

enum {
    LARGEST = 4 * 1000 * 1000 /* bytes: pieces of an input that is longer are left out */
};

static bool is_full(const struct buf *into) {
    return into->len >= LARGEST;
}

static void repeat(struct buf *into, const char *text, long times) {
    while (times-- > 0 && !is_full(into)) buf_put_text(into, text);
}

/* A number with so many digits. Forms: whole, a fraction, tiny, with a huge exponent, huge. */
static void put_number(struct buf *into, long digits, long form) {
    static const char *const starts[] = {"", "0.", "0.", "1.", "9"};
    static const char *const ends[] = {"", "", "e-300", "e-99999999", "e300"};
    buf_put_text(into, starts[form]);
    for (long i = 0; i < digits; i++) buf_put_char(into, (char)('1' + (i * 7 + 3) % 9));
    buf_put_text(into, ends[form]);
}

/* A text of `len` characters. Styles: ASCII, two-byte characters, escapes, \u escapes, pairs. */
static void put_text(struct buf *into, long len, long style) {
    static const char *const characters[] = {"a", "\xc3\xa9", "\\n", "\\u00e9", "\\ud83d\\ude00"};
    buf_put_char(into, '"');
    repeat(into, characters[style], len);
    buf_put_char(into, '"');
}

static void put_ids(struct buf *into, long n) {
    buf_printf(into, "\"image_id\":%ld,\"category_id\":%ld,\"score\":0.5", 1 + n * 7 % FAKE_IMAGES,
               1 + n % FAKE_CATEGORIES);
}

/* The beginning of a row, up to the members that differ. */
static void begin_row(struct buf *into, long n) {
    buf_put_text(into, into->len && into->data[into->len - 1] == '}' ? ",\n{" : "{");
    put_ids(into, n);
}

/* ---- rows --------------------------------------------------------------------------------- */

enum {
    ROW_DIGITS,
    ROW_FORM,
    ROW_SPACES,
    ROW_SHAPES, /* ways of writing a row, in turn */
    ROW_KEYPOINTS,
    ROW_FAULT
};

static void put_box(struct buf *into, const long *values, long fault) {
    buf_put_text(into, ",\"bbox\":[");
    for (int i = 0; i < 4; i++) {
        if (i) buf_put_char(into, ',');
        repeat(into, " ", values[ROW_SPACES]);
        put_number(into, values[ROW_DIGITS], values[ROW_FORM]);
    }
    buf_put_text(into, fault == 1 ? ",1]" : "]");
}

static void put_row(struct buf *into, const long *values, long n) {
    static const char *const faults[] = {
        "", "", ",\"image_id\":99999", ",\"category_id\":999", ",\"score\":null", ",\"score\":NaN"};
    begin_row(into, n);
    for (long i = n % values[ROW_SHAPES]; i > 0; i--) buf_printf(into, ",\"k%ld\":%ld", i, i);
    put_box(into, values, values[ROW_FAULT]);
    if (values[ROW_KEYPOINTS] > 0) {
        buf_put_text(into, ",\"keypoints\":[1,2,3");
        for (long i = 1; i < values[ROW_KEYPOINTS] && !is_full(into); i++) {
            buf_put_char(into, ',');
            put_number(into, values[ROW_DIGITS], values[ROW_FORM]);
            buf_put_text(into, ",2,3");
        }
        buf_put_char(into, ']');
    }
    buf_put_text(into, faults[values[ROW_FAULT]]);
    buf_put_char(into, '}');
}

static void make_rows(const long *values, size_t bytes, struct buf *into) {
    buf_put_char(into, '[');
    for (long n = 0; into->len < bytes; n++) put_row(into, values, n);
    buf_put_char(into, ']');
}

static void make_lines(const long *values, size_t bytes, struct buf *into) {
    for (long n = 0; into->len < bytes; n++) {
        put_row(into, values, n);
        repeat(into, "\n", 1 + values[ROW_SPACES]);
    }
}

/* ---- other members ------------------------------------------------------------------------ */

enum {
    MEMBER_KEYS, /* members of a row beside the usual */
    MEMBER_KEY_LEN,
    MEMBER_STYLE,
    MEMBER_LEN, /* of the text that is its value */
    MEMBER_SAME /* the same key again and again */
};

static void make_members(const long *values, size_t bytes, struct buf *into) {
    buf_put_char(into, '[');
    for (long n = 0; into->len < bytes; n++) {
        begin_row(into, n);
        buf_put_text(into, ",\"bbox\":[1,2,3,4]");
        for (long i = 0; i < values[MEMBER_KEYS] && !is_full(into); i++) {
            buf_put_char(into, ',');
            if (values[MEMBER_SAME]) {
                buf_put_text(into, "\"file_nam\\u0065\"");
            } else {
                put_text(into, values[MEMBER_KEY_LEN], values[MEMBER_STYLE]);
            }
            buf_put_char(into, ':');
            put_text(into, values[MEMBER_LEN], values[MEMBER_STYLE]);
        }
        buf_put_char(into, '}');
    }
    buf_put_char(into, ']');
}

enum {
    NEST_DEPTH,
    NEST_WIDTH,
    NEST_OBJECTS
};

static void make_nesting(const long *values, size_t bytes, struct buf *into) {
    const char *open = values[NEST_OBJECTS] ? "{\"\":" : "[";
    const char *close = values[NEST_OBJECTS] ? "}" : "]";
    buf_put_char(into, '[');
    for (long n = 0; into->len < bytes; n++) {
        begin_row(into, n);
        buf_put_text(into, ",\"bbox\":[1,2,3,4],\"deep\":[");
        for (long i = 0; i < values[NEST_WIDTH] && !is_full(into); i++) {
            if (i) buf_put_char(into, ',');
            repeat(into, open, values[NEST_DEPTH]);
            buf_put_char(into, '1');
            repeat(into, close, values[NEST_DEPTH]);
        }
        buf_put_text(into, "]}");
    }
    buf_put_char(into, ']');
}

/* ---- masks -------------------------------------------------------------------------------- */

enum {
    RLE_RUNS,
    RLE_LEN, /* characters or digits of a run */
    RLE_LIST,
    RLE_ESCAPED,
    RLE_SIDE
};

static void put_run(struct buf *into, const long *values, long i) {
    if (values[RLE_LIST]) {
        buf_put_text(into, i ? ",0" : "0");
        if (values[RLE_LEN] > 1) buf_printf(into, ".%0*d", (int)values[RLE_LEN], 0);
        return;
    }
    for (long k = 1; k < values[RLE_LEN] && !is_full(into); k++) buf_put_text(into, "P");
    buf_put_text(into, values[RLE_ESCAPED] ? "\\u0030" : "0"); /* a run of 0 */
}

static void make_rle(const long *values, size_t bytes, struct buf *into) {
    buf_put_char(into, '[');
    for (long n = 0; into->len < bytes; n++) {
        begin_row(into, n * 2); /* images without a size, and others */
        buf_printf(into, ",\"segmentation\":{\"size\":[%ld,%ld],\"counts\":%s", values[RLE_SIDE],
                   values[RLE_SIDE], values[RLE_LIST] ? "[" : "\"");
        for (long i = 0; i < values[RLE_RUNS] && !is_full(into); i++) put_run(into, values, i);
        buf_put_text(into, values[RLE_LIST] ? "]}}" : "\"}}");
    }
    buf_put_char(into, ']');
}

enum {
    POLYGON_CORNERS,
    POLYGON_WIDE,
    POLYGON_HIGH,
    POLYGON_COUNT,
    POLYGON_RANDOM,
    POLYGON_DIGITS
};

static void put_corner(struct buf *into, const long *values, long i) {
    unsigned long mixed = (unsigned long)i * 2654435761u;
    long x = i % 2 ? values[POLYGON_WIDE] : 0;
    long y = values[POLYGON_RANDOM] ? (long)(mixed % (unsigned long)values[POLYGON_HIGH])
                                    : i / 2 % 2 * values[POLYGON_HIGH];
    buf_printf(into, "%s%ld.%0*d,%ld", i ? "," : "", x, (int)values[POLYGON_DIGITS], 5, y);
}

static void make_polygons(const long *values, size_t bytes, struct buf *into) {
    buf_put_char(into, '[');
    for (long n = 0; into->len < bytes; n++) {
        begin_row(into, 2 * n + 1); /* images without a size */
        buf_put_text(into, ",\"segmentation\":[");
        for (long i = 0; i < values[POLYGON_COUNT] && !is_full(into); i++) {
            buf_put_text(into, i ? ",[" : "[");
            for (long k = 0; k < values[POLYGON_CORNERS] && !is_full(into); k++)
                put_corner(into, values, k);
            buf_put_char(into, ']');
        }
        buf_put_text(into, "]}");
    }
    buf_put_char(into, ']');
}

/* ---- names -------------------------------------------------------------------------------- */

enum {
    NAME_LEN,
    NAME_STYLE,
    NAME_KNOWN,
    NAME_FOLDERS,
    NAME_CLASSES
};

static void make_names(const long *values, size_t bytes, struct buf *into) {
    buf_put_char(into, '[');
    for (long n = 0; into->len < bytes; n++) {
        buf_put_text(into, n ? ",\n{" : "{");
        buf_put_text(into, "\"bbox\":[1,2,3,4],\"score\":1,\"image_id\":");
        put_text(into, values[NAME_LEN], values[NAME_STYLE]);
        into->len--; /* goes on before the quote */
        repeat(into, "/", values[NAME_FOLDERS]);
        if (values[NAME_KNOWN]) buf_printf(into, "/image %ld.jpg", 1 + n % FAKE_IMAGES);
        buf_put_text(into, "\",\"category_");
        if (values[NAME_CLASSES]) {
            buf_printf(into, "name\":\"class %ld\"}", 1 + n % FAKE_CATEGORIES);
        } else {
            buf_put_text(into, "id\":1}");
        }
    }
    buf_put_char(into, ']');
}

enum {
    OWN_IMAGES,
    OWN_LEN,
    OWN_LATE,
    OWN_STYLE
};

static void put_own(struct buf *into, const long *values) {
    buf_put_text(into, "\"images\":[");
    for (long i = 0; i < values[OWN_IMAGES] && !is_full(into); i++) {
        buf_printf(into, "%s{\"id\":%ld,\"file_name\":", i ? "," : "", i + 1);
        put_text(into, values[OWN_LEN], values[OWN_STYLE]);
        into->len--;
        buf_printf(into, "/image %ld.jpg\"}", 1 + i % FAKE_IMAGES);
    }
    buf_put_text(into, "],\"categories\":[");
    for (long i = 0; i < FAKE_CATEGORIES; i++) {
        buf_printf(into, "%s{\"id\":%ld,\"name\":\"class %ld\"}", i ? "," : "", i, i + 1);
    }
    buf_put_text(into, "]");
}

static void make_own(const long *values, size_t bytes, struct buf *into) {
    static const long row[] = {1, 0, 0, 1, 0, 0};
    buf_put_char(into, '{');
    if (!values[OWN_LATE]) put_own(into, values);
    buf_put_text(into, values[OWN_LATE] ? "\"annotations\":[" : ",\"annotations\":[");
    for (long n = 0; n == 0 || into->len < bytes; n++) put_row(into, row, n);
    buf_put_char(into, ']');
    if (values[OWN_LATE]) buf_put_char(into, ',');
    if (values[OWN_LATE]) put_own(into, values);
    buf_put_char(into, '}');
}

/* ---- ground truth ------------------------------------------------------------------------- */

enum {
    TRUTH_ARRAY, /* which of its arrays is long */
    TRUTH_LEN,
    TRUTH_STYLE,
    TRUTH_KEYS,
    TRUTH_MEMBERS /* at the top */
};

static void put_truth_row(struct buf *into, const long *values, long n) {
    static const char *const names[] = {"file_name", "name", "kept"};
    buf_printf(into, "%s{\"id\":%ld,\"%s\":", n ? "," : "", n + 1, names[values[TRUTH_ARRAY]]);
    put_text(into, values[TRUTH_LEN], values[TRUTH_STYLE]);
    for (long i = 0; i < values[TRUTH_KEYS] && !is_full(into); i++)
        buf_printf(into, ",\"k%ld\":%ld", i, i);
    buf_put_text(into, values[TRUTH_ARRAY] == 2
                           ? ",\"image_id\":1,\"category_id\":1,\"bbox\":[1,2,3,4],\"area\":12}"
                           : "}");
}

static void make_truth(const long *values, size_t bytes, struct buf *into) {
    static const char *const arrays[] = {"images", "categories", "annotations"};
    buf_put_char(into, '{');
    for (long i = 0; i < values[TRUTH_MEMBERS] && !is_full(into); i++)
        buf_printf(into, "\"m%ld\":[%ld],", i, i);
    for (int i = 0; i < 3; i++) {
        buf_printf(into, "%s\"%s\":[", i ? "," : "", arrays[i]);
        if (i == values[TRUTH_ARRAY]) {
            for (long n = 0; n == 0 || into->len < bytes; n++) put_truth_row(into, values, n);
        } else {
            buf_put_text(into, i == 0 ? "{\"id\":1}" : i == 1 ? "{\"id\":1,\"name\":\"a\"}" : "");
        }
        buf_put_char(into, ']');
    }
    buf_put_char(into, '}');
}

/* ---- detection_annotation ----------------------------------------------------------------- */

enum {
    DETECTION_FILE, /* bytes of one file */
    DETECTION_IMAGE_LEN,
    DETECTION_CLASS_LEN,
    DETECTION_CLASSES,
    DETECTION_STYLE,
    DETECTION_KEYS
};

static void make_detections(const long *values, size_t bytes, struct buf *into) {
    while (into->len < bytes) {
        size_t end = into->len + (size_t)values[DETECTION_FILE];
        buf_put_text(into, "{\"filename\":");
        put_text(into, values[DETECTION_IMAGE_LEN], values[DETECTION_STYLE]);
        into->len--;
        buf_put_text(into, "/image 1.jpg\",\"categories\":{");
        for (long i = 0; i < values[DETECTION_CLASSES] && !is_full(into); i++) {
            buf_printf(into, "%s\"%ld\":", i ? "," : "", i);
            put_text(into, values[DETECTION_CLASS_LEN], values[DETECTION_STYLE]);
        }
        buf_put_text(into, "},\"annotations\":[");
        for (long n = 0; n == 0 || into->len < end; n++) {
            buf_printf(into, "%s{\"bbox\":{\"x\":0,\"y\":0,\"w\":1,\"h\":1},", n ? "," : "");
            for (long i = 0; i < values[DETECTION_KEYS] && !is_full(into); i++)
                buf_put_text(into, "\"\":0,");
            buf_printf(into, "\"confidence\":1,\"class_id\":%ld}", n % values[DETECTION_CLASSES]);
        }
        buf_put(into, "]}", 3);
    }
}

/* ---- forms, queries ----------------------------------------------------------------------- */

enum {
    FORM_NEAR, /* how much of a delimiter the lines of the file repeat */
    FORM_HEADERS,
    FORM_HEADER_LEN,
    FORM_PARTS
};

static void make_form(const long *values, size_t bytes, struct buf *into) {
    static const char delimiter[] = "\r\n--b--   ";
    static const long row[] = {1, 0, 0, 1, 0, 0};
    for (long i = 0; i < values[FORM_PARTS] && !is_full(into); i++) {
        buf_printf(into, "--b\r\nContent-Disposition: form-data; name=\"x%ld\"\r\n", i);
        for (long k = 0; k < values[FORM_HEADERS] && !is_full(into); k++) {
            buf_put_text(into, "X: ");
            repeat(into, "y", values[FORM_HEADER_LEN]);
            buf_put_text(into, "\r\n");
        }
        buf_put_text(into, "\r\n1\r\n");
    }
    buf_put_text(into,
                 "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n[");
    for (long n = 0; into->len < bytes; n++) {
        put_row(into, row, n);
        if (values[FORM_NEAR] > 3) {
            repeat(into, " ", 1);
            buf_put(into, "\r\n\r\n\r\n", 6);
        } else {
            buf_put(into, delimiter, (size_t)values[FORM_NEAR]);
        }
    }
    buf_put_text(into, "]\r\n--b--\r\n");
}

enum {
    QUERY_PAIRS,
    QUERY_LEN,
    QUERY_STYLE
};

static void make_query(const long *values, size_t bytes, struct buf *into) {
    static const char *const characters[] = {"a", "%61", "&", "=", "a=&"};
    while (into->len < bytes) {
        for (long i = 0; i < values[QUERY_PAIRS] && !is_full(into); i++) buf_put_text(into, "&");
        buf_put_text(into, "run_name=");
        repeat(into, characters[values[QUERY_STYLE]], values[QUERY_LEN]);
    }
}

/* ---- compressed --------------------------------------------------------------------------- */

enum {
    PACKED_CONTENT,
    PACKED_PIECE, /* KiB of a member or frame */
    PACKED_TIMES, /* how often it is repeated */
    PACKED_LEVEL
};

static void make_content(const long *values, size_t bytes, struct buf *plain) {
    static const long row[] = {1, 0, 0, 1, 0, 0};
    static const long polygons[] = {6, 100000, 1000000, 1, 0, 0};
    switch (values[PACKED_CONTENT]) {
    case 0:
        while (plain->len < bytes) buf_put_text(plain, "                ");
        break;
    case 1:
        for (long n = 0; plain->len < bytes; n++) put_row(plain, row, 1);
        buf_put_char(plain, ',');
        break;
    case 2:
        make_polygons(polygons, bytes, plain);
        buf_put_char(plain, ',');
        break;
    default:
        while (plain->len < bytes) buf_put_text(plain, "{},{},{},[],1,");
    }
}

typedef size_t pack(const struct buf *plain, long level, char *into, size_t room);

static size_t pack_gzip(const struct buf *plain, long level, char *into, size_t room) {
    z_stream z = {0};
    if (deflateInit2(&z, level > 9 ? 9 : (int)level, Z_DEFLATED, MAX_WBITS + 16, 9,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        abort();
    }
    z.next_in = (unsigned char *)plain->data;
    z.avail_in = (uInt)plain->len;
    z.next_out = (unsigned char *)into;
    z.avail_out = (uInt)room;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) abort();
    size_t len = room - z.avail_out;
    deflateEnd(&z);
    return len;
}

static size_t pack_zstd(const struct buf *plain, long level, char *into, size_t room) {
    return ZSTD_compress(into, room, plain->data, plain->len, (int)level);
}

/* An array whose pieces are packed once and repeated, as members or frames of one text. */
static void make_packed(const long *values, size_t bytes, struct buf *into, pack *pack_some) {
    struct buf plain;
    size_t room = ((size_t)values[PACKED_PIECE] << 11) + (1 << 16);
    char *packed = malloc(room);
    buf_init(&plain, room);
    if (!packed) abort();
    buf_put_char(&plain, '[');
    buf_put(into, packed, pack_some(&plain, values[PACKED_LEVEL], packed, room));
    buf_reset(&plain);
    make_content(values, (size_t)values[PACKED_PIECE] << 10, &plain);
    size_t len = pack_some(&plain, values[PACKED_LEVEL], packed, room);
    for (long i = 0; i < values[PACKED_TIMES] && into->len < bytes; i++) buf_put(into, packed, len);
    buf_reset(&plain);
    buf_put_text(&plain, "{}]");
    buf_put(into, packed, pack_some(&plain, values[PACKED_LEVEL], packed, room));
    free(packed);
    buf_free(&plain);
}

static void make_gzip(const long *values, size_t bytes, struct buf *into) {
    make_packed(values, bytes, into, pack_gzip);
}

static void make_zstd(const long *values, size_t bytes, struct buf *into) {
    make_packed(values, bytes, into, pack_zstd);
}

/* ---- the kinds ---------------------------------------------------------------------------- */

#define ROW_KNOBS \
    { \
        {"digits", 1, 400}, {"form", 0, 4}, {"spaces", 0, 100}, {"shapes", 1, 12}, \
            {"keypoints", 0, 100}, {"fault", 0, 5}, { \
            0 \
        } \
    }
#define PACKED_KNOBS \
    { \
        {"content", 0, 3}, {"piece", 1, 16384}, {"times", 1, 65536}, {"level", 1, 19}, { \
            0 \
        } \
    }

const struct input_kind input_kinds[] = {
    {"rows of results", WAY_RESULTS, ROW_KNOBS, make_rows},
    {"JSON Lines", WAY_RESULTS, ROW_KNOBS, make_lines},
    {"other members",
     WAY_RESULTS,
     {{"keys", 1, 10000},
      {"key_len", 0, 1000},
      {"style", 0, 4},
      {"len", 0, 100000},
      {"same", 0, 1}},
     make_members},
    {"nesting",
     WAY_RESULTS,
     {{"depth", 1, 60}, {"width", 1, 10000}, {"objects", 0, 1}},
     make_nesting},
    {"RLE",
     WAY_RESULTS,
     {{"runs", 1, 100000}, {"len", 1, 12}, {"list", 0, 1}, {"escaped", 0, 1}, {"side", 1, 100000}},
     make_rle},
    {"polygons",
     WAY_RESULTS,
     {{"corners", 3, 10000},
      {"wide", 1, 1000000},
      {"high", 1, 1000000},
      {"polygons", 1, 1000},
      {"random", 0, 1},
      {"digits", 1, 100}},
     make_polygons},
    {"names in rows",
     WAY_RESULTS,
     {{"len", 0, 100000},
      {"style", 0, 4},
      {"known", 0, 1},
      {"folders", 0, 1000},
      {"classes", 0, 1}},
     make_names},
    {"images of the file",
     WAY_MATCHED,
     {{"images", 0, 10000}, {"len", 0, 10000}, {"late", 0, 1}, {"style", 0, 4}},
     make_own},
    {"ground truth",
     WAY_GROUND_TRUTH,
     {{"array", 0, 2},
      {"len", 0, 10000},
      {"style", 0, 4},
      {"keys", 0, 1000},
      {"members", 0, 10000}},
     make_truth},
    {"detection_annotation",
     WAY_DIRECTORY,
     {{"file", 1, 1000000},
      {"image_len", 0, 100000},
      {"class_len", 0, 100000},
      {"classes", 1, 1000},
      {"style", 0, 4},
      {"keys", 0, 100}},
     make_detections},
    {"form",
     WAY_FORM,
     {{"near", 0, 4}, {"headers", 0, 50}, {"header_len", 0, 100}, {"parts", 0, 10000}},
     make_form},
    {"query", WAY_QUERY, {{"pairs", 0, 1000}, {"len", 0, 10000}, {"style", 0, 4}}, make_query},
    {"gzip", WAY_RESULTS, PACKED_KNOBS, make_gzip},
    {"zstd", WAY_RESULTS, PACKED_KNOBS, make_zstd},
    {0},
};
