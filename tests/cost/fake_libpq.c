/*
 * A database that costs nothing: it takes the place of libpq's functions for connections, so that
 * an import runs as it does in a worker, and all of its processor time is pgcoco's own. It knows
 * FAKE_IMAGES images and FAKE_CATEGORIES categories, takes every row, and says yes to the rest.
 * Unit tests listen to what it is told, and answer themselves. Results are libpq's own.
 */
#include <endian.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_libpq.h"

static struct {
    uint64_t rows;    /* of the current COPY */
    size_t header;    /* bytes of the header of COPY that are still to come */
    int fields;       /* of the current tuple that are still to come */
    uint32_t left;    /* bytes of the current field */
    unsigned partial; /* bytes of a number that the end of a block cuts, */
    uint32_t number;  /* and what they are */
    bool ended;       /* the trailer has come */
    char rows_text[24];
} fake;

static struct {
    const struct fake_listener *listener;
    PGresult *answer; /* which PQgetResult has to give */
    bool in_transaction;
} session;

static char connection; /* its address stands for a PGconn */

void fake_listen(const struct fake_listener *listener) {
    PQclear(session.answer);
    memset(&session, 0, sizeof session);
    session.listener = listener;
}

bool fake_in_transaction(void) {
    return session.in_transaction;
}

/* ---- results ------------------------------------------------------------------------------ */

static PGresult *make(ExecStatusType status) {
    return PQmakeEmptyPGresult(NULL, status);
}

/* A result of `columns` columns, without rows. */
static PGresult *make_rows(int columns) {
    PGresAttDesc described[6];
    PGresult *result = make(PGRES_TUPLES_OK);
    for (int i = 0; i < columns; i++) described[i] = (PGresAttDesc){.name = "x"};
    if (!result || !PQsetResultAttrs(result, columns, described)) abort();
    return result;
}

static void put(PGresult *result, int row, int column, const void *bytes, size_t len) {
    char copy[64];
    memcpy(copy, bytes, len);
    if (!PQsetvalue(result, row, column, copy, (int)len)) abort();
}

static void put_text(PGresult *result, int row, int column, const char *text) {
    put(result, row, column, text, strlen(text));
}

static PGresult *make_ids(int columns, int count) {
    PGresult *result = make_rows(columns);
    uint32_t side = htobe32(FAKE_SIDE);
    for (int i = 0; i < count; i++) {
        uint64_t id = htobe64((uint64_t)i + 1);
        put(result, i, 0, &id, sizeof id);
        for (int column = 1; column < columns && i % 2 == 0; column++) {
            put(result, i, column, &side, sizeof side);
        }
    }
    return result;
}

static PGresult *make_names(const char *pattern, int count) {
    PGresult *result = make_rows(2);
    for (int i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "%d", i + 1);
        put_text(result, i, 0, text);
        snprintf(text, sizeof text, pattern, i + 1);
        put_text(result, i, 1, text);
    }
    return result;
}

static PGresult *make_begun(void) {
    static const char *const values[] = {
        "1", "1", "cost", "coco_parts.a_1", "coco_parts.images_1", "coco_parts.categories_1"};
    PGresult *result = make_rows(6);
    for (int i = 0; i < 6; i++) put_text(result, 0, i, values[i]);
    return result;
}

static PGresult *make_document(void) {
    PGresult *result = make_rows(2);
    put_text(result, 0, 0, "[]");
    put_text(result, 0, 1, "[]");
    return result;
}

static PGresult *make_listeners(const char *sql) {
    const char *values[FAKE_COLUMNS] = {NULL};
    int columns = session.listener->answer(sql, values);
    if (columns < 0) return make(PGRES_FATAL_ERROR);
    PGresult *result = make_rows(columns);
    for (int i = 0; i < columns; i++) {
        if (values[i]) {
            put_text(result, 0, i, values[i]);
        } else if (!PQsetvalue(result, 0, i, NULL, -1)) {
            abort();
        }
    }
    return result;
}

static void hear(const char *sql, const char *const *params) {
    if (strncmp(sql, "begin ", 6) == 0) session.in_transaction = true;
    if (strcmp(sql, "commit") == 0 || strcmp(sql, "rollback") == 0) {
        session.in_transaction = false;
    }
    if (session.listener) session.listener->statement(sql, params);
}

static PGresult *answer(const char *sql, const char *const *params, int count) {
    const char *after = count == 2 ? params[1] : NULL;
    bool first = !after;
    hear(sql, params);
    if (session.listener) return make_listeners(sql);
    if (strstr(sql, "import_begin(")) return make_begun();
    if (strstr(sql, "image_page(")) return make_ids(3, first ? FAKE_IMAGES : 0);
    if (strstr(sql, "category_ids(")) return make_ids(1, first ? FAKE_CATEGORIES : 0);
    if (strstr(sql, "image_name_page(")) return make_names(FAKE_FILE, first ? FAKE_IMAGES : 0);
    if (strstr(sql, "category_name_page(")) {
        return make_names(FAKE_CLASS, first ? FAKE_CATEGORIES : 0);
    }
    if (strstr(sql, "_publish(") || strstr(sql, "count_run(")) return make_document();
    return make_rows(1);
}

/* ---- statements --------------------------------------------------------------------------- */

PGresult *PQexec(PGconn *conn, const char *query) {
    (void)conn;
    hear(query, NULL);
    if (strncmp(query, "copy ", 5) != 0) return make(PGRES_COMMAND_OK);
    memset(&fake, 0, sizeof fake);
    fake.header = 19;
    return make(PGRES_COPY_IN);
}

PGresult *PQexecParams(PGconn *conn, const char *command, int nParams, const Oid *paramTypes,
                       const char *const *paramValues, const int *paramLengths,
                       const int *paramFormats, int resultFormat) {
    (void)conn, (void)paramTypes, (void)paramLengths, (void)paramFormats, (void)resultFormat;
    return answer(command, paramValues, nParams);
}

int PQsendQueryParams(PGconn *conn, const char *command, int nParams, const Oid *paramTypes,
                      const char *const *paramValues, const int *paramLengths,
                      const int *paramFormats, int resultFormat) {
    (void)conn, (void)paramTypes, (void)paramLengths, (void)paramFormats, (void)resultFormat;
    session.answer = answer(command, paramValues, nParams);
    return 1;
}

int PQisBusy(PGconn *conn) {
    (void)conn;
    return 0;
}

/* Takes a big-endian number of `len` bytes. False if the block ends before it does. */
static bool take_number(const char **p, const char *end, unsigned len, uint32_t *number) {
    while (*p < end && fake.partial < len) {
        fake.number = fake.number << 8 | (unsigned char)*(*p)++;
        fake.partial++;
    }
    if (fake.partial < len) return false;
    *number = fake.number;
    fake.partial = 0;
    fake.number = 0;
    return true;
}

/* Counts the rows of a COPY in binary format. */
int PQputCopyData(PGconn *conn, const char *buffer, int nbytes) {
    const char *p = buffer;
    const char *end = buffer + nbytes;
    uint32_t number;
    (void)conn;
    if (session.listener) session.listener->copied(buffer, (size_t)nbytes);
    while (p < end && !fake.ended) {
        size_t skipped = fake.header ? fake.header : fake.left;
        if (skipped > (size_t)(end - p)) skipped = (size_t)(end - p);
        p += skipped;
        if (fake.header) {
            fake.header -= skipped;
        } else if (fake.left) {
            fake.left -= (uint32_t)skipped;
        } else if (fake.fields > 0) {
            if (!take_number(&p, end, 4, &number)) break;
            fake.fields--;
            fake.left = number == UINT32_MAX ? 0 : number;
        } else if (take_number(&p, end, 2, &number)) {
            fake.ended = number == UINT16_MAX;
            fake.fields = (int)number;
            fake.rows += !fake.ended;
        }
    }
    return 1;
}

int PQputCopyEnd(PGconn *conn, const char *errormsg) {
    (void)conn, (void)errormsg;
    session.answer = make(PGRES_COMMAND_OK);
    return 1;
}

PGresult *PQgetResult(PGconn *conn) {
    PGresult *result = session.answer;
    (void)conn;
    session.answer = NULL;
    return result;
}

char *PQcmdStatus(PGresult *result) {
    static char commit[] = "COMMIT";
    (void)result;
    return commit;
}

char *PQresultErrorField(const PGresult *result, int fieldcode) {
    static char state[] = FAKE_SQLSTATE;
    bool is_told = fieldcode == PG_DIAG_SQLSTATE || fieldcode == PG_DIAG_MESSAGE_PRIMARY;
    return is_told && PQresultStatus(result) == PGRES_FATAL_ERROR ? state : NULL;
}

char *PQcmdTuples(PGresult *result) {
    (void)result;
    snprintf(fake.rows_text, sizeof fake.rows_text, "%llu", (unsigned long long)fake.rows);
    return fake.rows_text;
}

/* ---- the connection ----------------------------------------------------------------------- */

PGconn *PQconnectdbParams(const char *const *keywords, const char *const *values, int expand) {
    (void)keywords, (void)values, (void)expand;
    return (PGconn *)(void *)&connection;
}

ConnStatusType PQstatus(const PGconn *conn) {
    return conn ? CONNECTION_OK : CONNECTION_BAD;
}

PGTransactionStatusType PQtransactionStatus(const PGconn *conn) {
    (void)conn;
    return session.in_transaction ? PQTRANS_INTRANS : PQTRANS_IDLE;
}

int PQsocket(const PGconn *conn) {
    (void)conn;
    return -1; /* poll() ignores it */
}

char *PQerrorMessage(const PGconn *conn) {
    static char none[] = "";
    (void)conn;
    return none;
}

void PQfinish(PGconn *conn) {
    (void)conn;
}
