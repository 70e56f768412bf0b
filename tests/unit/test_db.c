/*
 * Connections to a database that answers what a test wants, for errors that cannot be provoked at
 * will in a real one. A thread plays the server's side of the protocol (PostgreSQL documentation,
 * "Message Formats") on a unix socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "store/db.h"

struct server {
    char folder[32];
    char conninfo[64];
    int listener;
    pthread_t thread;
    const char *tag;      /* of CommandComplete, for every statement */
    const char *sqlstate; /* every statement fails with this error; NULL: none does */
};

static void put_message(int fd, char type, const void *body, size_t len) {
    uint32_t size = htonl((uint32_t)len + 4);
    assert_int_equal(write(fd, &type, 1), 1);
    assert_int_equal(write(fd, &size, 4), 4);
    assert_int_equal(write(fd, body, len), len);
}

static bool get_all(int fd, char *into, size_t len) {
    return len == 0 || recv(fd, into, len, MSG_WAITALL) == (ssize_t)len;
}

/* Reads the length of a message's body; the length field counts itself. */
static bool get_size(int fd, size_t *len) {
    uint32_t size;
    if (!get_all(fd, (char *)&size, 4)) return false;
    *len = ntohl(size) - 4;
    return true;
}

static void put_answer(const struct server *server, int fd, bool extended) {
    char error[64];
    if (server->sqlstate) {
        /* Severity, code and message, each a letter and a C string; a NUL ends them. */
        int len =
            snprintf(error, sizeof error, "SERROR%cC%s%cMrefused%c", 0, server->sqlstate, 0, 0);
        put_message(fd, 'E', error, (size_t)len + 1);
    } else {
        if (extended) {
            put_message(fd, '1', "", 0);
            put_message(fd, '2', "", 0);
            put_message(fd, 'n', "", 0);
        }
        put_message(fd, 'C', server->tag, strlen(server->tag) + 1);
    }
    put_message(fd, 'Z', "I", 1);
}

static void *serve(void *self) {
    const struct server *server = self;
    char body[4096];
    char type;
    size_t len;
    int fd = accept(server->listener, NULL, NULL);
    assert_true(fd >= 0);
    /* The startup message. */
    assert_true(get_size(fd, &len) && len < sizeof body && get_all(fd, body, len));
    put_message(fd, 'R', "\0\0\0\0", 4);
    put_message(fd, 'Z', "I", 1);
    while (get_all(fd, &type, 1) && get_size(fd, &len)) {
        assert_true(len < sizeof body && get_all(fd, body, len));
        if (type == 'Q' || type == 'S') put_answer(server, fd, type == 'S');
    }
    close(fd);
    return NULL;
}

static void start(struct server *server, struct db *db, const char *tag, const char *sqlstate) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct err err;
    *server =
        (struct server){.folder = "/tmp/pgcoco-test-XXXXXX", .tag = tag, .sqlstate = sqlstate};
    assert_non_null(mkdtemp(server->folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", server->folder);
    snprintf(server->conninfo, sizeof server->conninfo, "host=%s port=5432 user=u", server->folder);
    server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->listener, 1), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    assert_true(db_connect(db, server->conninfo, &err));
}

static void end(struct server *server, struct db *db) {
    char path[64];
    db_close(db);
    assert_int_equal(pthread_join(server->thread, NULL), 0);
    close(server->listener);
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", server->folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(server->folder), 0);
}

static void a_commit_is_one_only_if_the_database_says_so(void **state) {
    (void)state;
    struct server server;
    struct db db;
    struct err err;
    start(&server, &db, "COMMIT", NULL);
    assert_true(db_commit(&db, &err));
    server.tag = "ROLLBACK"; /* the tag of COMMIT in a failed transaction */
    assert_false(db_commit(&db, &err));
    assert_int_equal(err.code, ERR_INTERNAL);
    assert_false(db_change(&db, "select 1", 0, NULL, &err));
    end(&server, &db);
}

static void conditions_that_pass_ask_to_try_again(void **state) {
    (void)state;
    static const struct {
        const char *sqlstate;
        enum err_code code;
        const char *words;
    } cases[] = {
        {"40P01", ERR_BUSY, "waited for each other"},  {"40001", ERR_BUSY, "changed the same rows"},
        {"57014", ERR_BUSY, "cancelled a statement"},  {"55P03", ERR_BUSY, "holds a lock"},
        {"25006", ERR_READ_ONLY, "read-only"},         {"25P04", ERR_DATABASE_AWAY, "took longer"},
        {"57P01", ERR_DATABASE_AWAY, "shutting down"}, {"08006", ERR_DATABASE_AWAY, "reached"},
        {"53100", ERR_DATABASE_AWAY, "resources"},     {"53300", ERR_DATABASE_AWAY, "connection"},
        {"CO401", ERR_UNKNOWN_DATASET, "refused"},     {"42601", ERR_INTERNAL, "the log says why"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct server server;
        struct db db;
        struct err err;
        start(&server, &db, "SELECT 1", cases[i].sqlstate);
        assert_false(db_execute(&db, "select 1", 0, NULL, &err));
        assert_int_equal(err.code, cases[i].code);
        assert_string_equal(err.sqlstate, cases[i].sqlstate);
        if (!strstr(err.message, cases[i].words))
            fail_msg("%s: %s", cases[i].sqlstate, err.message);
        end(&server, &db);
    }
}

static void a_standby_is_called_read_only(void **state) {
    (void)state;
    struct server server;
    struct db db;
    struct err err;
    start(&server, &db, "", "0A000"); /* begin … read write */
    assert_false(db_begin(&db, &err));
    assert_int_equal(err.code, ERR_READ_ONLY);
    assert_non_null(strstr(err.message, "standby"));
    end(&server, &db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_is_one_only_if_the_database_says_so),
        cmocka_unit_test(conditions_that_pass_ask_to_try_again),
        cmocka_unit_test(a_standby_is_called_read_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
