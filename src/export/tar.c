/* Writes a tar file: see tar.h. */
#include "export/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

enum {
    BLOCK = 512,
    NAME_ROOM = 100,
    PAX_MAX = 64 * 1024
};

#define OCTAL_MAX UINT64_C(077777777777) /* what eleven digits hold */

struct header {
    char name[NAME_ROOM];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[6];
    char version[2];
    char rest[247]; /* names of owners, numbers of devices, a prefix: none */
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

void tar_open(struct tar *tar, const struct sink *sink, int64_t made_at) {
    *tar = (struct tar){.sink = sink, .made_at = made_at < 0 ? 0 : made_at};
}

/* The checksum counts its own field as spaces. */
static void set_checksum(struct header *header) {
    unsigned sum = 0;
    memset(header->checksum, ' ', sizeof header->checksum);
    for (size_t i = 0; i < BLOCK; i++) sum += ((const unsigned char *)header)[i];
    snprintf(header->checksum, sizeof header->checksum, "%06o", sum);
}

static bool put_header(const struct tar *tar, struct slice name, char type, uint64_t size,
                       struct err *err) {
    struct header header = {.mode = "0000644",
                            .uid = "0000000",
                            .gid = "0000000",
                            .type = type,
                            .magic = "ustar",
                            .version = {'0', '0'}};
    memcpy(header.name, name.data, name.len < NAME_ROOM ? name.len : NAME_ROOM);
    snprintf(header.size, sizeof header.size, "%011" PRIo64, size > OCTAL_MAX ? 0 : size);
    snprintf(header.mtime, sizeof header.mtime, "%011" PRIo64, (uint64_t)tar->made_at & OCTAL_MAX);
    set_checksum(&header);
    return sink_put(tar->sink, (const char *)&header, BLOCK, err);
}

static bool pad(const struct tar *tar, uint64_t size, struct err *err) {
    static const char zeros[BLOCK];
    size_t over = size % BLOCK;
    return over == 0 || sink_put(tar->sink, zeros, BLOCK - over, err);
}

static bool is_plain(struct slice name) {
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] < ' ' || name.data[i] > '~') return false;
    }
    return name.len <= NAME_ROOM;
}

static size_t digits(size_t number) {
    size_t count = 1;
    while (number >= 10) {
        number /= 10;
        count++;
    }
    return count;
}

/* A record begins with its own length, the digits of the length included. */
static void put_record(struct buf *records, const char *key, struct slice value) {
    size_t rest = 3 + strlen(key) + value.len; /* with a space, an equals sign and a line feed */
    size_t len = rest + digits(rest);
    if (digits(len) > digits(rest)) len = rest + digits(len);
    buf_printf(records, "%zu %s=", len, key);
    buf_put(records, value.data, value.len);
    buf_put_char(records, '\n');
}

/* The extended header of the next member: what its own header cannot hold. */
static bool put_extended(const struct tar *tar, struct slice name, uint64_t size, struct err *err) {
    static const struct slice label = {"././@PaxHeader", 14};
    struct buf records;
    char number[24];
    buf_init(&records, PAX_MAX);
    put_record(&records, "path", name);
    int len = snprintf(number, sizeof number, "%" PRIu64, size);
    if (size > OCTAL_MAX) put_record(&records, "size", (struct slice){number, (size_t)len});
    bool good = !records.failed ||
                err_set(err, ERR_INTERNAL, "a name is too long for a tar file, or memory is out");
    good = good && put_header(tar, label, 'x', records.len, err) &&
           sink_put(tar->sink, buf_text(&records), records.len, err) && pad(tar, records.len, err);
    buf_free(&records);
    return good;
}

static bool end_member(const struct tar *tar, struct err *err) {
    if (tar->written != tar->size) {
        return err_set(err, ERR_INTERNAL,
                       "a file of %" PRIu64 " bytes in a tar was announced with %" PRIu64,
                       tar->written, tar->size);
    }
    return pad(tar, tar->size, err);
}

bool tar_begin(struct tar *tar, struct slice name, uint64_t size, struct err *err) {
    if (!end_member(tar, err)) return false;
    if ((!is_plain(name) || size > OCTAL_MAX) && !put_extended(tar, name, size, err)) return false;
    tar->size = size;
    tar->written = 0;
    return put_header(tar, name, '0', size, err);
}

bool tar_put(struct tar *tar, struct slice bytes, struct err *err) {
    tar->written += bytes.len;
    if (tar->written > tar->size) return end_member(tar, err);
    return bytes.len == 0 || sink_put(tar->sink, bytes.data, bytes.len, err);
}

bool tar_finish(struct tar *tar, struct err *err) {
    static const char zeros[2 * BLOCK];
    return end_member(tar, err) && sink_put(tar->sink, zeros, sizeof zeros, err);
}
