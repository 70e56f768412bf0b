/* The FastCGI records: every way to cut them, and what is against the protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "http/fastcgi.h"

/* Literals whose bytes include NULs. */
#define BYTES(literal) literal, sizeof(literal) - 1

/* Types, as in the specification. */
enum {
    BEGIN = 1,
    ABORT = 2,
    END = 3,
    PARAMS = 4,
    STDIN = 5,
    STDOUT = 6,
    DATA = 8,
    GET_VALUES = 9,
    GET_VALUES_RESULT = 10,
    UNKNOWN = 11
};

/* ---- making records ---------------------------------------------------------------------- */

static void put_padded(struct buf *to, unsigned type, unsigned id, const char *content, size_t len,
                       size_t padding) {
    const unsigned char head[] = {1,
                                  (unsigned char)type,
                                  (unsigned char)(id >> 8),
                                  (unsigned char)id,
                                  (unsigned char)(len >> 8),
                                  (unsigned char)len,
                                  (unsigned char)padding,
                                  0};
    buf_put(to, head, sizeof head);
    buf_put(to, content, len);
    for (size_t i = 0; i < padding; i++) buf_put_char(to, '#');
}

static void put_record(struct buf *to, unsigned type, unsigned id, const char *content,
                       size_t len) {
    put_padded(to, type, id, content, len, 0);
}

static void put_begin(struct buf *to, unsigned id, char role) {
    const char content[8] = {0, role};
    put_record(to, BEGIN, id, content, sizeof content);
}

/* A request with two parameters and a body of two pieces. */
static void put_request(struct buf *to) {
    put_begin(to, 0x123, 1);
    put_padded(to, PARAMS, 0x123, BYTES("\x01\x02Xab\x04"), 5);
    put_padded(to, PARAMS, 0x123, BYTES("\x80\x00\x00\x03PATHxyz\x01\x00Z"), 255);
    put_record(to, PARAMS, 0x123, "", 0);
    put_padded(to, STDIN, 0x123, BYTES("body\0 "), 2);
    put_record(to, STDIN, 0x123, BYTES("more"));
    put_record(to, STDIN, 0x123, "", 0);
}

/* ---- reading them ------------------------------------------------------------------------ */

/* What was read: "P" for parameters, "E" for the end, "A" and "X" for aborted and broken. */
struct seen {
    struct fastcgi fastcgi;
    struct buf events;
    struct buf body;
};

static void seen_init(struct seen *seen) {
    fastcgi_init(&seen->fastcgi);
    buf_init(&seen->events, 1000);
    buf_init(&seen->body, 1 << 20);
}

static void seen_free(struct seen *seen) {
    fastcgi_free(&seen->fastcgi);
    buf_free(&seen->events);
    buf_free(&seen->body);
}

static bool is_over(struct seen *seen) {
    return seen->events.len > 0 && strpbrk(buf_text(&seen->events), "AX");
}

static void feed(struct seen *seen, const char *bytes, size_t len) {
    struct slice input = {bytes, len};
    struct slice piece;
    enum fastcgi_event event;
    while (!is_over(seen) &&
           (event = fastcgi_next(&seen->fastcgi, &input, &piece)) != FASTCGI_WAIT) {
        if (event == FASTCGI_BODY) {
            assert_true(piece.data >= bytes && piece.data + piece.len <= bytes + len);
            buf_put(&seen->body, piece.data, piece.len);
        } else {
            buf_put_char(&seen->events, " P.EAX"[event]);
        }
    }
    assert_true(is_over(seen) || input.len == 0);
}

static void assert_variable(const struct seen *seen, const char *name, const char *expected) {
    const char *value = fastcgi_variable(&seen->fastcgi, name);
    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void assert_request(struct seen *seen) {
    assert_string_equal(buf_text(&seen->events), "PE");
    assert_variable(seen, "X", "ab");
    assert_variable(seen, "PATH", "xyz");
    assert_variable(seen, "Z", "");
    assert_null(fastcgi_variable(&seen->fastcgi, "PAT"));
    assert_int_equal(seen->body.len, 10);
    assert_memory_equal(buf_text(&seen->body), "body\0 more", 10);
    assert_int_equal(seen->fastcgi.replies.len, 0);
}

static void any_cut_gives_the_same(void **state) {
    (void)state;
    struct buf bytes;
    struct seen seen;
    buf_init(&bytes, 1 << 20);
    put_request(&bytes);
    for (size_t first = 0; first <= bytes.len; first++) {
        for (size_t second = first; second <= bytes.len; second++) {
            seen_init(&seen);
            feed(&seen, bytes.data, first);
            feed(&seen, bytes.data + first, second - first);
            feed(&seen, bytes.data + second, bytes.len - second);
            assert_request(&seen);
            seen_free(&seen);
        }
    }
    seen_init(&seen);
    for (size_t i = 0; i < bytes.len; i++) feed(&seen, bytes.data + i, 1);
    assert_request(&seen);
    seen_free(&seen);
    buf_free(&bytes);
}

/* Reads records; returns the events. */
static void read_all(struct buf *bytes, struct seen *seen) {
    seen_init(seen);
    feed(seen, bytes->data, bytes->len);
    buf_free(bytes);
}

static void the_first_of_two_parameters_counts(void **state) {
    (void)state;
    struct buf bytes;
    struct seen seen;
    buf_init(&bytes, 1000);
    put_begin(&bytes, 1, 1);
    put_record(&bytes, PARAMS, 1, BYTES("\x01\x01\x41\x31\x01\x01\x41\x32"));
    put_record(&bytes, PARAMS, 1, "", 0);
    read_all(&bytes, &seen);
    assert_variable(&seen, "A", "1");
    seen_free(&seen);
}

/* ---- parameters that cannot be ----------------------------------------------------------- */

static void parameters_are_checked_against_what_is_there(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *events;
    } cases[] = {
        {BYTES(""), "P"},
        {BYTES("\x01\x01\x41\x31"), "P"},
        {BYTES("\x00\x00"), "P"},
        {BYTES("\x01"), "X"},
        {BYTES("\x80"), "X"},
        {BYTES("\x80\x00\x00"), "X"},
        {BYTES("\x01\x80\x00\x00"), "X"},
        {BYTES("\x01\x02\x41\x31"), "X"},
        {BYTES("\x02\x00\x41"), "X"},
        {BYTES("\xff\xff\xff\xff\x01\x41"), "X"},
        {BYTES("\xff\xff\xff\xfe\x01\x41"), "X"},
        {BYTES("\x01\xff\xff\xff\xff\x41"), "X"},
        {BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\x41"), "X"},
        {BYTES("\x01\x01\x00\x31"), "X"},
        {BYTES("\x01\x01\x41\x00"), "X"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf bytes;
        struct seen seen;
        buf_init(&bytes, 1000);
        put_begin(&bytes, 1, 1);
        if (cases[i].len > 0) put_record(&bytes, PARAMS, 1, cases[i].bytes, cases[i].len);
        put_record(&bytes, PARAMS, 1, "", 0);
        read_all(&bytes, &seen);
        assert_string_equal(buf_text(&seen.events), cases[i].events);
        seen_free(&seen);
    }
}

static void parameters_have_a_limit(void **state) {
    (void)state;
    static char value[FASTCGI_PARAMS_MAX];
    memset(value, 'v', sizeof value);
    for (size_t len = FASTCGI_PARAMS_MAX - 6; len <= FASTCGI_PARAMS_MAX; len++) {
        struct buf bytes;
        struct seen seen;
        const char lengths[] = {
            1, (char)(0x80 | len >> 24), (char)(len >> 16), (char)(len >> 8), (char)len, 'A'};
        buf_init(&bytes, 1 << 20);
        put_begin(&bytes, 1, 1);
        put_record(&bytes, PARAMS, 1, lengths, sizeof lengths);
        put_record(&bytes, PARAMS, 1, value, len / 2);
        put_record(&bytes, PARAMS, 1, value, len - len / 2);
        put_record(&bytes, PARAMS, 1, "", 0);
        read_all(&bytes, &seen);
        bool fits = len + sizeof lengths <= FASTCGI_PARAMS_MAX;
        assert_string_equal(buf_text(&seen.events), fits ? "P" : "X");
        if (fits) assert_int_equal(strlen(fastcgi_variable(&seen.fastcgi, "A")), len);
        seen_free(&seen);
    }
}

/* ---- records that cannot be, or that are not for us -------------------------------------- */

/* A record, sent after the beginning of request 1 with its parameters. */
struct record_case {
    unsigned type;
    unsigned id;
    const char *content;
    size_t len;
    const char *events; /* after "P" */
    const char *replies;
    size_t replies_len;
};

static const struct record_case record_cases[] = {
    {ABORT, 1, BYTES(""), "A", BYTES("")},
    {PARAMS, 1, BYTES("\x01\x01\x41\x31"), "X", BYTES("")},
    {BEGIN, 1, BYTES("\0\1\0\0\0\0\0\0"), "X", BYTES("")},
    {BEGIN, 0, BYTES("\0\1\0\0\0\0\0\0"), "X", BYTES("")},
    {BEGIN, 2, BYTES("\0\1\0\0\0\0\0"), "X", BYTES("")},
    {BEGIN, 2, BYTES("\0\1\0\0\0\0\0\0\0"), "X", BYTES("")},
    {BEGIN, 2, BYTES("\0\1\0\0\0\0\0\0"), "", BYTES("\1\3\0\2\0\10\0\0\0\0\0\0\1\0\0\0")},
    {ABORT, 2, BYTES(""), "", BYTES("")},
    {PARAMS, 2, BYTES("\x01\x01\x41\x31"), "", BYTES("")},
    {STDIN, 2, BYTES("of another"), "", BYTES("")},
    {DATA, 1, BYTES("not for a responder"), "", BYTES("")},
    {77, 1, BYTES("what is this"), "", BYTES("")},
    {77, 0, BYTES("what is this"), "", BYTES("\1\13\0\0\0\10\0\0\115\0\0\0\0\0\0\0")},
    {GET_VALUES, 0, BYTES(""), "", BYTES("\1\12\0\0\0\0\0\0")},
    {GET_VALUES, 0, BYTES("\17\0FCGI_MPXS_CONNS\17\0FCGI_MPXS_CONNS\17\0FCGI_MPXS_CONNS"), "",
     BYTES("\1\12\0\0\0\0\0\0")},
};

static void records_get_what_the_protocol_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof record_cases / sizeof *record_cases; i++) {
        const struct record_case *one = &record_cases[i];
        struct buf bytes;
        struct seen seen;
        char expected[10];
        buf_init(&bytes, 1000);
        put_begin(&bytes, 1, 1);
        put_record(&bytes, PARAMS, 1, "", 0);
        put_record(&bytes, one->type, one->id, one->content, one->len);
        put_record(&bytes, STDIN, 1, BYTES("body"));
        put_record(&bytes, STDIN, 1, "", 0);
        read_all(&bytes, &seen);
        snprintf(expected, sizeof expected, "P%s", one->events[0] ? one->events : "E");
        assert_string_equal(buf_text(&seen.events), expected);
        assert_int_equal(seen.fastcgi.replies.len, one->replies_len);
        assert_memory_equal(buf_text(&seen.fastcgi.replies), one->replies, one->replies_len);
        if (!one->events[0]) assert_string_equal(buf_text(&seen.body), "body");
        seen_free(&seen);
    }
}

static void another_role_is_refused(void **state) {
    (void)state;
    struct buf bytes;
    struct seen seen;
    buf_init(&bytes, 1000);
    put_begin(&bytes, 7, 2);
    put_record(&bytes, PARAMS, 7, "", 0);
    put_record(&bytes, STDIN, 7, "", 0);
    read_all(&bytes, &seen);
    assert_string_equal(buf_text(&seen.events), "");
    assert_int_equal(seen.fastcgi.replies.len, 16);
    assert_memory_equal(buf_text(&seen.fastcgi.replies), "\1\3\0\7\0\10\0\0\0\0\0\0\3\0\0\0", 16);
    seen_free(&seen);
}

static void what_comes_out_of_turn_breaks(void **state) {
    (void)state;
    struct buf bytes;
    struct seen seen;
    for (int i = 0; i < 4; i++) {
        buf_init(&bytes, 1000);
        put_begin(&bytes, 1, 1);
        if (i == 0) put_record(&bytes, STDIN, 1, BYTES("before the parameters"));
        put_record(&bytes, PARAMS, 1, "", 0);
        put_record(&bytes, STDIN, 1, "", 0);
        if (i == 1) put_record(&bytes, STDIN, 1, "", 0);
        if (i == 2) put_record(&bytes, PARAMS, 1, "", 0);
        if (i == 3) buf_put(&bytes, BYTES("GET / HTTP/1.1\r\n\r\n"));
        read_all(&bytes, &seen);
        assert_string_equal(buf_text(&seen.events), i == 0 ? "X" : "PEX");
        seen_free(&seen);
    }
}

static void questions_that_nobody_reads_the_answers_of_have_an_end(void **state) {
    (void)state;
    struct buf bytes;
    struct seen seen;
    buf_init(&bytes, 1 << 20);
    for (int i = 0; i <= FASTCGI_REPLIES_MAX / 8; i++) put_record(&bytes, GET_VALUES, 0, "", 0);
    read_all(&bytes, &seen);
    assert_string_equal(buf_text(&seen.events), "X");
    seen_free(&seen);
}

/* ---- the answer -------------------------------------------------------------------------- */

static void an_answer_has_the_id_of_the_request(void **state) {
    (void)state;
    struct fastcgi fastcgi = {.id = 0x123};
    unsigned char head[FASTCGI_HEAD];
    unsigned char end[FASTCGI_END];
    fastcgi_write_head(&fastcgi, FASTCGI_CONTENT_MAX, head);
    assert_memory_equal(head, "\1\6\1\43\377\370\0\0", 8);
    fastcgi_write_end(&fastcgi, end);
    assert_memory_equal(end, "\1\6\1\43\0\0\0\0\1\3\1\43\0\10\0\0\0\0\0\0\0\0\0\0", 24);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_gives_the_same),
        cmocka_unit_test(the_first_of_two_parameters_counts),
        cmocka_unit_test(parameters_are_checked_against_what_is_there),
        cmocka_unit_test(parameters_have_a_limit),
        cmocka_unit_test(records_get_what_the_protocol_says),
        cmocka_unit_test(another_role_is_refused),
        cmocka_unit_test(what_comes_out_of_turn_breaks),
        cmocka_unit_test(questions_that_nobody_reads_the_answers_of_have_an_end),
        cmocka_unit_test(an_answer_has_the_id_of_the_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
