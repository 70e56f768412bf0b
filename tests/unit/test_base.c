/* Buffers that cannot be half sent; log lines that cannot be forged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/shown.h"

static void a_buffer_that_is_full_holds_nothing(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    buf_put_text(&buf, "0123456789");
    assert_int_equal(buf.len, 10);
    assert_string_equal(buf_text(&buf), "0123456789");
    buf_put_char(&buf, 'x');
    assert_true(buf.failed);
    assert_int_equal(buf.len, 0);
    assert_string_equal(buf_text(&buf), "");
    buf_put_text(&buf, "y");
    buf_printf(&buf, "%d", 1);
    assert_int_equal(buf.len, 0);
    buf_reset(&buf);
    buf_printf(&buf, "%s-%d", "ok", 7);
    assert_false(buf.failed);
    assert_string_equal(buf_text(&buf), "ok-7");
    buf_free(&buf);
}

static void every_error_has_a_slug_of_its_own(void **state) {
    (void)state;
    for (enum err_code code = ERR_NONE; code < ERR_CODES; code++) {
        assert_non_null(err_slug(code));
        for (enum err_code other = ERR_NONE; other < code; other++) {
            assert_string_not_equal(err_slug(code), err_slug(other));
        }
    }
    assert_string_equal(err_slug(ERR_CODES), "internal");
}

static void text_from_outside_is_shown_on_one_line_of_utf8(void **state) {
    (void)state;
    static const char turned[] = {'a', '\xe2', '\x80', '\xae', '-', '\0'}; /* U+202E */
    static const struct {
        const char *text;
        const char *due;
    } cases[] = {
        {turned, "a?-"},
        {"", ""},
        {"a \"b\" <c> &", "a \"b\" <c> &"},
        {"\xc3\xa9\xe2\x98\x83\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x98\x83\xf0\x9f\x98\x80"},
        {"a\n\x1b[2J\x7f", "a??[2J?"},
        {"\xc2\x9b", "?"},                      /* a control character of two bytes */
        {"\xff\xc3x\xc3", "??x?"},              /* not UTF-8 */
        {"\xc0\xaf", "??"},                     /* overlong */
        {"\xe0\x80\xaf", "???"},                /* overlong */
        {"\xed\xa0\x80", "???"},                /* a surrogate */
        {"\xf4\x90\x80\x80", "????"},           /* beyond U+10FFFF */
        {"\xe2\x80\xa8\xef\xbb\xbf", "??"},     /* a line separator, a byte order mark */
        {"123456789012345", "123456789012345"}, /* fits with its NUL */
        {"1234567890123456", "123456789012..."},
        {"12345678901\xe2\x98\x83\xe2\x98\x83", "12345678901..."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = strdup(cases[i].text);
        char room[16];
        shown_in((struct slice){text, strlen(text)}, room, sizeof room);
        assert_string_equal(room, cases[i].due);
        free(text);
    }
}

/* Standard error redirected to a pipe while lines are logged. */
struct caught {
    int ends[2];
    int saved;
    char line[4096];
};

static void catch_begin(struct caught *caught) {
    caught->saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(caught->ends), 0);
    assert_true(dup2(caught->ends[1], STDERR_FILENO) >= 0);
}

/* Restores standard error. Returns the length of the logged text. */
static size_t catch_end(struct caught *caught) {
    assert_true(dup2(caught->saved, STDERR_FILENO) >= 0);
    ssize_t len = read(caught->ends[0], caught->line, sizeof caught->line - 1);
    assert_true(len > 0);
    caught->line[len] = '\0';
    close(caught->ends[0]);
    close(caught->ends[1]);
    close(caught->saved);
    return (size_t)len;
}

/* Sets JOURNAL_STREAM like systemd does if standard error goes to the journal. */
static void name_stream(int descriptor) {
    struct stat stream;
    char text[64];
    assert_int_equal(fstat(descriptor, &stream), 0);
    snprintf(text, sizeof text, "%ju:%ju", (uintmax_t)stream.st_dev, (uintmax_t)stream.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", text, 1), 0);
}

static void a_line_for_the_journal_begins_with_its_priority(void **state) {
    (void)state;
    struct caught caught;
    catch_begin(&caught);
    name_stream(STDERR_FILENO);
    log_error("one");
    log_warning("two\n");
    log_info("three");
    unsetenv("JOURNAL_STREAM");
    catch_end(&caught);
    assert_string_equal(caught.line, "<3>one\n<4>two\\x0a\n<6>three\n");
}

static void a_line_for_something_else_than_the_journal_has_its_time(void **state) {
    (void)state;
    struct caught caught;
    catch_begin(&caught);
    name_stream(caught.saved); /* the parent's stream, not this one */
    log_warning("elsewhere");
    unsetenv("JOURNAL_STREAM");
    catch_end(&caught);
    assert_non_null(strstr(caught.line, "Z pgcoco["));
    assert_non_null(strstr(caught.line, "] warning: elsewhere\n"));
}

static void a_log_line_is_one_line_of_printable_characters(void **state) {
    (void)state;
    struct caught caught;
    const char *line = caught.line;
    catch_begin(&caught);
    log_info("%s", "a\nb\033[31m\\\xff");
    size_t len = catch_end(&caught);
    assert_non_null(strstr(line, "info: a\\x0ab\\x1b[31m\\x5c\\xff\n"));
    assert_ptr_equal(strchr(line, '\n'), line + len - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_that_is_full_holds_nothing),
        cmocka_unit_test(every_error_has_a_slug_of_its_own),
        cmocka_unit_test(text_from_outside_is_shown_on_one_line_of_utf8),
        cmocka_unit_test(a_line_for_the_journal_begins_with_its_priority),
        cmocka_unit_test(a_line_for_something_else_than_the_journal_has_its_time),
        cmocka_unit_test(a_log_line_is_one_line_of_printable_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
