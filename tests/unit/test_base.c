/* Buffers that cannot be half sent, log lines that cannot be forged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

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

static void a_log_line_is_one_line_of_printable_characters(void **state) {
    (void)state;
    int ends[2];
    char line[4096];
    int saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    log_info("%s", "a\nb\033[31m\\\xff");
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    ssize_t len = read(ends[0], line, sizeof line - 1);
    assert_true(len > 0);
    line[len] = '\0';
    assert_non_null(strstr(line, "info: a\\x0ab\\x1b[31m\\x5c\\xff\n"));
    assert_ptr_equal(strchr(line, '\n'), line + len - 1);
    close(ends[0]);
    close(ends[1]);
    close(saved);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_that_is_full_holds_nothing),
        cmocka_unit_test(every_error_has_a_slug_of_its_own),
        cmocka_unit_test(a_log_line_is_one_line_of_printable_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
