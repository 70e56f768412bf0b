/*
 * Forms, from sources that give them in pieces of every size and cut at every byte. None of that
 * may change the result.
 */
#include "http/multipart.h"

#include <stdlib.h>

#include "base/buf.h"
#include "source.h"

#define FORM "multipart/form-data; boundary=XYZ"
#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define END "\r\n--XYZ--\r\n"
#define TEXT(literal) literal, sizeof(literal) - 1

/* How a caller reads: the sizes of the reads it gets, and of those it asks for. */
struct manner {
    size_t first;
    size_t chunk;
    size_t room;
};

static ssize_t put_content(struct multipart *form, size_t room, struct buf *into, struct err *err) {
    char bytes[512];
    ssize_t len;
    while ((len = multipart_read(form, bytes, room, err)) > 0) {
        assert_true((size_t)len <= room);
        buf_put(into, bytes, (size_t)len);
    }
    return len;
}

/* Writes every part as `name(filename)=content;`. False if the form is refused. */
static bool read_form(const char *content_type, struct source *source, size_t room,
                      struct buf *into, struct err *err) {
    struct multipart form;
    struct multipart_part part;
    bool more;
    if (!multipart_open(&form, &source->reader, content_type, err)) return false;
    for (;;) {
        if (!multipart_next_part(&form, &part, &more, err)) return false;
        if (!more) break;
        buf_put_text(into, part.name);
        if (part.has_filename) buf_printf(into, "(%s)", part.filename);
        buf_put_char(into, '=');
        if (put_content(&form, room, into, err) < 0) return false;
        buf_put_char(into, ';');
    }
    assert_true(source->ended);
    return true;
}

static void read_in_manner(const char *content_type, const char *body, size_t len,
                           struct manner manner, const char *due, size_t due_len,
                           enum err_code code) {
    struct source source;
    struct buf seen;
    struct err err = {0};
    source_init(&source, body, len, manner.first, manner.chunk);
    buf_init(&seen, SIZE_MAX / 2);
    bool taken = read_form(content_type, &source, manner.room, &seen, &err);
    assert_int_equal(err.code, code);
    assert_int_equal(taken, code == ERR_NONE);
    if (taken) {
        assert_int_equal(seen.len, due_len);
        assert_memory_equal(buf_text(&seen), due, due_len);
    }
    buf_free(&seen);
}

/* Reads the form in every manner. due: what read_form must write, unless an error is expected. */
static void read_in_all_manners(const char *content_type, const char *body, size_t len,
                                const char *due, size_t due_len, enum err_code code) {
    static const size_t rooms[] = {1, 5, 512};
    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++) {
        for (size_t n = 1; n <= len; n++) {
            struct manner same_pieces = {n, n, rooms[r]};
            struct manner two_pieces = {n, len, rooms[r]};
            read_in_manner(content_type, body, len, same_pieces, due, due_len, code);
            read_in_manner(content_type, body, len, two_pieces, due, due_len, code);
        }
    }
    struct manner whole = {len, len, 512};
    read_in_manner(content_type, body, len, whole, due, due_len, code);
}

static void assert_form(const char *body, size_t len, const char *due, size_t due_len) {
    read_in_all_manners(FORM, body, len, due, due_len, ERR_NONE);
}

static void assert_refused(const char *body, size_t len, enum err_code code) {
    read_in_all_manners(FORM, body, len, "", 0, code);
}

/* ---- what is taken ------------------------------------------------------------------------ */

static void a_browsers_form_comes_out_part_by_part(void **state) {
    (void)state;
    assert_form(TEXT("--XYZ\r\n" FIELD(
                    "dataset") "val2017\r\n"
                               "--XYZ\r\n" FIELD(
                                   "run_name") "\r\n"
                                               "--XYZ\r\nContent-Disposition: form-data; "
                                               "name=\"file\"; filename=\"a.json\"\r\n"
                                               "Content-Type: "
                                               "application/json\r\n\r\n[{\"image_id\": 1}]" END),
                TEXT("dataset=val2017;run_name=;file(a.json)=[{\"image_id\": 1}];"));
}

static void preamble_epilogue_and_padding_are_passed_over(void **state) {
    (void)state;
    assert_form(
        TEXT("a preamble\r\n--XY\r\n--XYZ \t \r\n" FIELD(
            "a") "1\r\n"
                 "--XYZ\t\r\n" FIELD("b") "2\r\n--XYZ-- \r\nan epilogue\r\n--XYZ\r\nnothing"),
        TEXT("a=1;b=2;"));
}

static void the_last_line_may_end_with_the_body(void **state) {
    (void)state;
    assert_form(TEXT("--XYZ\r\n" FIELD("a") "1\r\n--XYZ--"), TEXT("a=1;"));
    assert_form(TEXT("--XYZ\r\n" FIELD("a") "1\r\n--XYZ-- "), TEXT("a=1;"));
    assert_form(TEXT("--XYZ\r\n" FIELD("a") "1\r\n--XYZ--\r"), TEXT("a=1;"));
}

static void a_form_without_parts_is_a_form(void **state) {
    (void)state;
    assert_form(TEXT("--XYZ--\r\n"), TEXT(""));
    assert_form(TEXT("preamble" END), TEXT(""));
}

static void what_only_looks_like_a_boundary_is_content(void **state) {
    (void)state;
#define CONTENT \
    "--XYZW\r\n--XYZW\r\n--XY\r\n--XYZ-\r\n--XYZ--W\r\n--XYZ- \r\n--XYZ\n--XYZ\r--XYZ\r\n\r\r\n-" \
    "\r\n--\r\n-- XYZ\r\n --XYZ\r\n--XYZ\rW\r\n--xyz\r\n\r\n--XYZ--\n--XYZ--\r\n--"
    assert_form(TEXT("--XYZ\r\n" FIELD("file") CONTENT END), TEXT("file=" CONTENT ";"));
#undef CONTENT
}

static void an_empty_part_is_empty_with_or_without_its_line(void **state) {
    (void)state;
    assert_form(
        TEXT("--XYZ\r\n" FIELD("a") "\r\n--XYZ\r\n" FIELD("b") "--XYZ\r\n" FIELD("c") "--XYZ--"),
        TEXT("a=;b=;c=;"));
}

static void any_byte_passes_unchanged(void **state) {
    (void)state;
    struct buf body;
    struct buf due;
    buf_init(&body, SIZE_MAX / 2);
    buf_init(&due, SIZE_MAX / 2);
    buf_put_text(&due, "file=");
    for (int c = 255; c >= 0; c--) buf_put_char(&due, (char)c);
    buf_put_text(&body, "--XYZ\r\n" FIELD("file"));
    buf_put(&body, due.data + 5, 256);
    buf_put_text(&body, END);
    buf_put_char(&due, ';');
    assert_form(body.data, body.len, due.data, due.len);
    buf_free(&body);
    buf_free(&due);
}

static void headers_come_in_any_spelling(void **state) {
    (void)state;
    assert_form(
        TEXT("--XYZ\r\nX-Other: 1\r\nCONTENT-DISPOSITION:form-DATA ;NAME=a\r\n\r\n1\r\n"
             "--XYZ\r\nContent-Disposition: form-data;\r\n\tname=\"b\";\r\n filename=x.json;\r\n"
             "Content-Transfer-Encoding: binary\r\n\r\n2" END),
        TEXT("a=1;b(x.json)=2;"));
}

static void file_names_stay_as_sent(void **state) {
    (void)state;
#define NAMED(name, end) \
    "--XYZ\r\nContent-Disposition: form-data; name=\"f\"; filename=" name end "\r\n\r\n\r\n"
    assert_form(TEXT(NAMED("\"a%22b%0D%0A.json\"", "") "--XYZ--"), TEXT("f(a%22b%0D%0A.json)=;"));
    assert_form(TEXT(NAMED("\"a\\\"b;c.json\"", "") "--XYZ--"), TEXT("f(a\"b;c.json)=;"));
    assert_form(TEXT(NAMED("\"C:\\data\\x.json\"", "") "--XYZ--"), TEXT("f(C:\\data\\x.json)=;"));
    assert_form(TEXT(NAMED("\"a\\\\b.json\"", "") "--XYZ--"), TEXT("f(a\\b.json)=;"));
    assert_form(TEXT(NAMED("\"\303\251t\303\251.json\"", "") "--XYZ--"),
                TEXT("f(\303\251t\303\251.json)=;"));
    assert_form(TEXT(NAMED("\"\"", "") "--XYZ--"), TEXT("f()=;"));
    assert_form(TEXT(NAMED("\"x\"", "; filename*=UTF-8''y") "--XYZ--"), TEXT("f(x)=;"));
#undef NAMED
}

static void the_boundary_is_found_in_the_content_type(void **state) {
    (void)state;
    static const char *const content_types[] = {
        "multipart/form-data; boundary=\"a b'c\"",
        "Multipart/Form-Data;charset=utf-8;BOUNDARY=\"a b'c\"",
        "multipart/form-data ; charset=\"x;boundary=no\" ; boundary = \"a b\\'c\"; x=y",
    };
    for (size_t i = 0; i < sizeof content_types / sizeof *content_types; i++) {
        /* A backslash that is not before a quote or a backslash belongs to the value. */
        bool backslash = i == 2;
        const char *body = backslash ? "--a b\\'c\r\n" FIELD("x") "1\r\n--a b\\'c--"
                                     : "--a b'c\r\n" FIELD("x") "1\r\n--a b'c--";
        read_in_all_manners(content_types[i], body, strlen(body), TEXT("x=1;"), ERR_NONE);
    }
}

static void the_longest_boundary_and_name_are_taken(void **state) {
    (void)state;
    char boundary[MULTIPART_BOUNDARY_MAX + 1] = {0};
    char name[MULTIPART_NAME_MAX + 1] = {0};
    memset(boundary, 'b', sizeof boundary - 1);
    memset(name, 'n', sizeof name - 1);
    struct buf type;
    struct buf body;
    struct buf due;
    buf_init(&type, 1024);
    buf_init(&body, 1024);
    buf_init(&due, 1024);
    buf_printf(&type, "multipart/form-data; boundary=%s", boundary);
    buf_printf(&body, "--%s\r\nContent-Disposition: form-data; name=%s\r\n\r\n\r\n--\r\n--%s--",
               boundary, name, boundary);
    buf_printf(&due, "%s=\r\n--;", name);
    read_in_all_manners(buf_text(&type), buf_text(&body), body.len, buf_text(&due), due.len,
                        ERR_NONE);
    buf_free(&type);
    buf_free(&body);
    buf_free(&due);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static const char boundary_of_71[] =
    "multipart/form-data; "
    "boundary=1234567890123456789012345678901234567890123456789012345678901234567890x";

static void a_content_type_without_a_usable_boundary_is_refused(void **state) {
    (void)state;
    static const char *const content_types[] = {
        "",
        "text/plain; boundary=x",
        "multipart/form-data",
        "multipart/form-data;",
        "multipart/form-data; boundary",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"x",
        "multipart/form-data; boundary=\"x \"",
        "multipart/form-data; boundary=\"x\ty\"",
        "multipart/form-data; notboundary=x",
        "multipart/form-datax; boundary=x",
        "multipart/mixed; boundary=x",
        boundary_of_71,
    };
    struct source source;
    source_init(&source, "", 0, 1, 1);
    for (size_t i = 0; i < sizeof content_types / sizeof *content_types; i++) {
        struct multipart form;
        struct err err = {0};
        assert_false(multipart_open(&form, &source.reader, content_types[i], &err));
        assert_int_equal(err.code, ERR_BAD_REQUEST);
    }
    assert_false(source.ended); /* nothing was read */
}

static void a_form_that_stops_anywhere_is_truncated(void **state) {
    (void)state;
    static const char form[] =
        "p\r\n--XYZ \r\n" FIELD("a") "1\r\n--XYZ\r\n" FIELD("f") "[1,\r\n2]\r\n--XYZ--";
    for (size_t len = 0; len < sizeof form - 1; len++) {
        assert_refused(form, len, ERR_TRUNCATED);
    }
}

static void an_error_of_the_source_is_passed_on(void **state) {
    (void)state;
    static const char form[] =
        "--XYZ\r\n" FIELD("a") "1\r\n--XYZ\r\n" FIELD("f") "[1]" END "epilogue";
    for (size_t len = 0; len < sizeof form; len++) {
        struct source source;
        struct buf seen;
        struct err err = {0};
        source_init(&source, form, len, len, len);
        source.gone = true;
        buf_init(&seen, SIZE_MAX / 2);
        assert_false(read_form(FORM, &source, 512, &seen, &err));
        assert_int_equal(err.code, ERR_CLIENT_GONE);
        buf_free(&seen);
    }
}

static void a_malformed_part_is_refused(void **state) {
    (void)state;
#define DISPOSITION "--XYZ\r\nContent-Disposition: "
    assert_refused(TEXT("--XYZ\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT("--XYZ\r\nContent-Type: text/plain\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT("--XYZ\r\nno colon\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data; name=\"\"\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data; filename=\"x\"\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "attachment; name=\"x\"\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data; name=\"x\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data; name\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data name=\"x\"\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data; name=\"x\" y\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data; name=\"a\0b\"\r\n\r\nx" END), ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data; name=a\r\nContent-Disposition: form-data; name=b"
                                    "\r\n\r\nx" END),
                   ERR_BAD_REQUEST);
    assert_refused(TEXT(DISPOSITION "form-data; name=a\r\nContent-Transfer-Encoding: base64"
                                    "\r\n\r\neA==" END),
                   ERR_BAD_REQUEST);
#undef DISPOSITION
}

/* Appends a form with one part, whose header X, name and file name have these lengths. */
static void put_form(struct buf *into, size_t header_len, size_t name_len, size_t filename_len) {
    buf_put_text(into, "--XYZ\r\nX: ");
    for (size_t i = 0; i < header_len; i++) buf_put_char(into, 'x');
    buf_put_text(into, "\r\nContent-Disposition: form-data; name=\"");
    for (size_t i = 0; i < name_len; i++) buf_put_char(into, 'n');
    buf_put_text(into, "\"; filename=\"");
    for (size_t i = 0; i < filename_len; i++) buf_put_char(into, 'f');
    buf_put_text(into, "\"\r\n\r\nx" END);
}

static enum err_code code_of_form(size_t header_len, size_t name_len, size_t filename_len,
                                  size_t chunk) {
    struct buf form;
    struct buf seen;
    struct source source;
    struct err err = {0};
    buf_init(&form, SIZE_MAX / 2);
    buf_init(&seen, SIZE_MAX / 2);
    put_form(&form, header_len, name_len, filename_len);
    source_init(&source, form.data, form.len, chunk, chunk);
    read_form(FORM, &source, 512, &seen, &err);
    buf_free(&form);
    buf_free(&seen);
    return err.code;
}

static void limits_hold_to_the_byte(void **state) {
    (void)state;
    /* The bytes that put_form writes into the headers of the part besides x, n and f. */
    size_t fixed = strlen("X: \r\nContent-Disposition: form-data; name=\"\"; filename=\"\"\r\n");
    size_t most = MULTIPART_HEADER_MAX - fixed - 2;
    static const size_t chunks[] = {1, 7, 4096, 1000000};
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        size_t chunk = chunks[i];
        assert_int_equal(code_of_form(most, 1, 1, chunk), ERR_NONE);
        assert_int_equal(code_of_form(most + 1, 1, 1, chunk), ERR_BAD_REQUEST);
        assert_int_equal(code_of_form(1000000, 1, 1, chunk), ERR_BAD_REQUEST);
        assert_int_equal(code_of_form(1, MULTIPART_NAME_MAX, 1, chunk), ERR_NONE);
        assert_int_equal(code_of_form(1, MULTIPART_NAME_MAX + 1, 1, chunk), ERR_BAD_REQUEST);
        assert_int_equal(code_of_form(1, 1, MULTIPART_FILENAME_MAX, chunk), ERR_NONE);
        assert_int_equal(code_of_form(1, 1, MULTIPART_FILENAME_MAX + 1, chunk), ERR_BAD_REQUEST);
    }
}

static void white_space_without_end_does_not_make_a_boundary(void **state) {
    (void)state;
    static const size_t chunks[] = {1, 7, 4096, 1000000};
    for (size_t pad = MULTIPART_PADDING_MAX; pad <= MULTIPART_PADDING_MAX + 1; pad++) {
        struct buf body;
        struct buf due;
        buf_init(&body, SIZE_MAX / 2);
        buf_init(&due, SIZE_MAX / 2);
        buf_printf(&body, "--XYZ\r\n" FIELD("a") "1\r\n--XYZ%*s\r\n" FIELD("b") "2" END, (int)pad,
                   "");
        if (pad == MULTIPART_PADDING_MAX) {
            buf_put_text(&due, "a=1;b=2;");
        } else {
            buf_printf(&due, "a=1\r\n--XYZ%*s\r\n" FIELD("b") "2;", (int)pad, "");
        }
        for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
            struct manner manner = {chunks[i], chunks[i], 512};
            read_in_manner(FORM, body.data, body.len, manner, due.data, due.len, ERR_NONE);
        }
        buf_free(&body);
        buf_free(&due);
    }
}

/* ---- reading and not reading --------------------------------------------------------------- */

static void an_unread_part_is_skipped(void **state) {
    (void)state;
    static const char body[] =
        "--XYZ\r\n" FIELD("a") "0123456789\r\n--XY\r\n--XYZ\r\n" FIELD("b") "2" END;
    for (size_t taken = 0; taken <= 10; taken++) {
        for (size_t chunk = 1; chunk < sizeof body; chunk++) {
            struct source source;
            struct multipart form;
            struct multipart_part part;
            struct err err;
            bool more;
            char bytes[64];
            source_init(&source, body, sizeof body - 1, chunk, chunk);
            assert_true(multipart_open(&form, &source.reader, FORM, &err));
            assert_true(multipart_next_part(&form, &part, &more, &err) && more);
            for (size_t i = 0; i < taken; i++) {
                assert_int_equal(multipart_read(&form, bytes, 1, &err), 1);
                assert_int_equal(bytes[0], '0' + (char)i);
            }
            assert_true(multipart_next_part(&form, &part, &more, &err) && more);
            assert_string_equal(part.name, "b");
            assert_true(multipart_read_text(&form, bytes, sizeof bytes, &err));
            assert_string_equal(bytes, "2");
            assert_true(multipart_next_part(&form, &part, &more, &err) && !more);
            assert_true(multipart_next_part(&form, &part, &more, &err) && !more);
            assert_int_equal(multipart_read(&form, bytes, 1, &err), 0);
        }
    }
}

/* Reads the text of the first part into `room` bytes. Returns the error code, or ERR_NONE. */
static enum err_code read_text(const char *body, size_t len, size_t chunk, char *into,
                               size_t room) {
    struct source source;
    struct multipart form;
    struct multipart_part part;
    struct err err = {0};
    bool more;
    source_init(&source, body, len, chunk, chunk);
    assert_true(multipart_open(&form, &source.reader, FORM, &err));
    assert_true(multipart_next_part(&form, &part, &more, &err) && more);
    multipart_read_text(&form, into, room, &err);
    return err.code;
}

static void a_text_field_fits_or_is_refused(void **state) {
    (void)state;
    static const char body[] = "--XYZ\r\n" FIELD("run_name") "yolov8" END;
    static const char nul[] = "--XYZ\r\n" FIELD("run_name") "yo\0v8" END;
    static const char cut[] = "--XYZ\r\n" FIELD("run_name") "yolov8\r\n--XYZ";
    for (size_t chunk = 1; chunk < sizeof body; chunk++) {
        char *into = malloc(7); /* the exact size, for the sanitizer */
        assert_non_null(into);
        assert_int_equal(read_text(TEXT(body), chunk, into, 7), ERR_NONE);
        assert_string_equal(into, "yolov8");
        assert_int_equal(read_text(TEXT(body), chunk, into, 6), ERR_BAD_REQUEST);
        assert_int_equal(read_text(TEXT(body), chunk, into, 1), ERR_BAD_REQUEST);
        assert_int_equal(read_text(TEXT(nul), chunk, into, 7), ERR_BAD_REQUEST);
        assert_int_equal(read_text(TEXT(cut), chunk, into, 7), ERR_TRUNCATED);
        free(into);
    }
}

static void a_part_reads_as_a_source_for_the_next_station(void **state) {
    (void)state;
    static const char body[] = "--XYZ\r\n" FIELD("file") "[]" END;
    struct source source;
    struct multipart form;
    struct multipart_part part;
    struct err err;
    bool more;
    char bytes[8];
    source_init(&source, body, sizeof body - 1, sizeof body, sizeof body);
    assert_true(multipart_open(&form, &source.reader, FORM, &err));
    assert_true(multipart_next_part(&form, &part, &more, &err) && more);
    struct reader reader = multipart_reader(&form);
    assert_int_equal(reader_read(&reader, bytes, sizeof bytes, &err), 2);
    assert_memory_equal(bytes, "[]", 2);
    assert_int_equal(reader_read(&reader, bytes, sizeof bytes, &err), 0);
}

/* ---- a direct implementation of the rules, for comparison ----------------------------------- */

/* Returns the length of the delimiter line "\r\n--ab..." at p; 0 if there is none. */
static size_t delimiter_at(const char *p, const char *end, bool *last) {
    const char *start = p;
    if (end - p < 6 || memcmp(p, "\r\n--ab", 6) != 0) return 0;
    p += 6;
    *last = end - p >= 2 && memcmp(p, "--", 2) == 0;
    if (*last) p += 2;
    while (p < end && *p == ' ') p++;
    if (end - p >= 2 && memcmp(p, "\r\n", 2) == 0) return (size_t)(p + 2 - start);
    return *last && (p == end || (p + 1 == end && *p == '\r')) ? (size_t)(end - start) : 0;
}

/* Writes what read_form must write for a form with one part f and these bytes after its
 * headers. False if it must be refused: no closing delimiter, or a second part, which
 * has no headers here. */
static bool expected(const char *content, size_t len, struct buf *due) {
    const char *end = content + len;
    buf_put_text(due, "f=");
    /* A delimiter may start with the last CR LF of the headers. */
    for (const char *p = content - 2; p < end; p++) {
        bool last;
        if (delimiter_at(p, end, &last) > 0) {
            if (p > content) buf_put(due, content, (size_t)(p - content));
            buf_put_char(due, ';');
            return last;
        }
    }
    return false;
}

static void random_content_comes_out_as_the_rules_have_it(void **state) {
    (void)state;
    static const char head[] = "--ab\r\n" FIELD("f");
    static const char *const pieces[] = {
        "\r",    "\n", "-",    "\r\n", "\r\n--",      "\r\n--a", "--",
        "ab",    "a",  "b",    " ",    "\r\n--ab",    "x",       "--ab",
        "--ab ", "  ", "\r\r", "--\r", "\r\n--ab--x", "b\r",     "-ab"};
    uint64_t seed = 20240229;
    size_t taken = 0;
    for (int round = 0; round < 20000; round++) {
        struct buf body;
        struct buf due;
        buf_init(&body, SIZE_MAX / 2);
        buf_init(&due, SIZE_MAX / 2);
        buf_put_text(&body, head);
        for (size_t n = random_below(&seed, 16); n > 0; n--) {
            buf_put_text(&body, pieces[random_below(&seed, sizeof pieces / sizeof *pieces)]);
        }
        buf_put_text(&body, "\r\n--ab--");
        size_t len = sizeof head - 1;
        bool good = expected(body.data + len, body.len - len, &due);
        taken += good;
        struct source source;
        struct buf seen;
        struct err err = {0};
        size_t chunk = 1 + random_below(&seed, body.len);
        size_t room = 1 + random_below(&seed, 20);
        source_init(&source, body.data, body.len, 1 + random_below(&seed, body.len), chunk);
        buf_init(&seen, SIZE_MAX / 2);
        assert_int_equal(read_form("multipart/form-data; boundary=ab", &source, room, &seen, &err),
                         good);
        if (good) {
            assert_int_equal(seen.len, due.len);
            assert_memory_equal(seen.data, due.data, due.len);
        }
        buf_free(&body);
        buf_free(&due);
        buf_free(&seen);
    }
    assert_true(taken > 10000); /* enough forms had content */
}

static void a_large_file_passes_whatever_the_pieces(void **state) {
    (void)state;
    static const size_t chunks[] = {1, 1000, 8192, 16384, 65536, 10000000};
    uint64_t seed = 7;
    struct buf body;
    struct buf due;
    buf_init(&body, SIZE_MAX / 2);
    buf_init(&due, SIZE_MAX / 2);
    buf_put_text(&due, "file=");
    while (due.len < 300000) {
        size_t plain = random_below(&seed, 20) ? random_below(&seed, 60) : 20000;
        for (size_t i = 0; i < plain; i++) buf_put_char(&due, (char)random_next(&seed));
        buf_put_text(&due, "\r\n--XY");
    }
    buf_put_text(&body, "--XYZ\r\n" FIELD("file"));
    buf_put(&body, due.data + 5, due.len - 5);
    buf_put_text(&body, END);
    buf_put_char(&due, ';');
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        for (size_t room = 1; room <= 512; room += 511) {
            struct manner manner = {chunks[i], chunks[i], room};
            read_in_manner(FORM, body.data, body.len, manner, due.data, due.len, ERR_NONE);
        }
    }
    buf_free(&body);
    buf_free(&due);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_browsers_form_comes_out_part_by_part),
        cmocka_unit_test(preamble_epilogue_and_padding_are_passed_over),
        cmocka_unit_test(the_last_line_may_end_with_the_body),
        cmocka_unit_test(a_form_without_parts_is_a_form),
        cmocka_unit_test(what_only_looks_like_a_boundary_is_content),
        cmocka_unit_test(an_empty_part_is_empty_with_or_without_its_line),
        cmocka_unit_test(any_byte_passes_unchanged),
        cmocka_unit_test(headers_come_in_any_spelling),
        cmocka_unit_test(file_names_stay_as_sent),
        cmocka_unit_test(the_boundary_is_found_in_the_content_type),
        cmocka_unit_test(the_longest_boundary_and_name_are_taken),
        cmocka_unit_test(a_content_type_without_a_usable_boundary_is_refused),
        cmocka_unit_test(a_form_that_stops_anywhere_is_truncated),
        cmocka_unit_test(an_error_of_the_source_is_passed_on),
        cmocka_unit_test(a_malformed_part_is_refused),
        cmocka_unit_test(limits_hold_to_the_byte),
        cmocka_unit_test(white_space_without_end_does_not_make_a_boundary),
        cmocka_unit_test(an_unread_part_is_skipped),
        cmocka_unit_test(a_text_field_fits_or_is_refused),
        cmocka_unit_test(a_part_reads_as_a_source_for_the_next_station),
        cmocka_unit_test(random_content_comes_out_as_the_rules_have_it),
        cmocka_unit_test(a_large_file_passes_whatever_the_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
