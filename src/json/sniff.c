/* Recognizes what is not JSON: see sniff.h. */
#include "json/sniff.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "json/lexical.h"

struct signature {
    size_t at; /* in the file */
    const char *bytes;
    size_t len;
    const char *says;
};

#define AT(place, text, says) \
    { place, text, sizeof(text) - 1, says }
#define SIGN(text, says) AT(0, text, says)

#define ZIP "this is a zip archive; unpack it and import the JSON file in it"
#define UNPACK "; decompress it, or compress it with gzip or zstd instead"
#define IMAGE "this is an image; images are not imported, but a JSON file about them is"
#define PICKLE "this is a Python pickle; load it, and write it with json.dump()"
#define UTF16 "this is UTF-16 or UTF-32, as PowerShell writes; save the file as UTF-8"
#define HTML \
    "this is an HTML page, such as a login or an error in the place of a download; open it in a " \
    "browser to see which"
#define XML "this is XML, such as Pascal VOC; convert it to COCO's JSON first"
#define URLENCODED "this is urlencoded text; send the file itself (curl -T FILE or -F file=@FILE)"
#define BASE64 "this is base64; decode it first"
#define ADDRESS "this is an address; download what is there and import that"

/* Bytes with which no JSON text begins. A tar archive begins with the name of a file. */
static const struct signature files[] = {
    SIGN("PK\3\4", ZIP),
    SIGN("PK\5\6", ZIP),
    AT(257, "ustar", "this is a tar archive; unpack it and import the JSON file in it"),
    SIGN("\xfd"
         "7zXZ",
         "this is compressed with xz" UNPACK),
    SIGN("BZh", "this is compressed with bzip2" UNPACK),
    SIGN("\x04\x22\x4d\x18", "this is compressed with lz4" UNPACK),
    SIGN("\x1f\x9d", "this is compressed with compress" UNPACK),
    SIGN("7z\xbc\xaf\x27\x1c", "this is a 7z archive; unpack it and import the JSON file in it"),
    SIGN("Rar!\x1a", "this is a rar archive; unpack it and import the JSON file in it"),
    SIGN("version https://git-lfs",
         "this is a Git LFS pointer and not the file; run git lfs pull, and import it then"),
    SIGN("\x89PNG", IMAGE),
    SIGN("\xff\xd8\xff", IMAGE),
    SIGN("GIF8", IMAGE),
    SIGN("%PDF-", "this is a PDF document"),
    SIGN("{\\rtf", "this is an RTF document; save it as plain text"),
    SIGN("\x80\2", PICKLE),
    SIGN("\x80\3", PICKLE),
    SIGN("\x80\4", PICKLE),
    SIGN("\x80\5", PICKLE),
    SIGN("\x93NUMPY", "this is a NumPy array; write it with json.dump(array.tolist(), file)"),
    SIGN("PAR1", "this is a Parquet file; convert it to JSON first"),
    SIGN("\x89HDF", "this is an HDF5 file; convert it to JSON first"),
    SIGN("SQLite format 3", "this is an SQLite database; write its rows as JSON first"),
    SIGN("\xff\xfe", UTF16),
    SIGN("\xfe\xff", UTF16),
    SIGN("\0", UTF16),
    AT(1, "\0", UTF16),
};

/* Texts, behind white space and a byte order mark, in upper or lower case. */
static const struct signature texts[] = {
    SIGN("<?xml", XML),
    SIGN("<annotation", XML),
    SIGN("<", HTML),
    SIGN("%5b", URLENCODED),
    SIGN("%7b", URLENCODED),
    SIGN("http://", ADDRESS),
    SIGN("https://", ADDRESS),
    SIGN("@", "this is the name of a file and not what is in it; curl sends that with "
              "--data-binary @FILE or -T FILE"),
    SIGN("W3si", BASE64), /* [{" */
    SIGN("eyJ", BASE64),  /* {" */
};

/* What Python, NumPy and JavaScript print where JSON has something else. */
static const struct signature places[] = {
    SIGN("'", "single quotes, as Python prints; write the file with json.dump(), not with str()"),
    SIGN("None", "None, as Python prints; write the file with json.dump(), not with str()"),
    SIGN("True", "True, as Python prints; write the file with json.dump(), not with str()"),
    SIGN("False", "False, as Python prints; write the file with json.dump(), not with str()"),
    SIGN("(", "a tuple, as Python prints; write the file with json.dump(), not with str()"),
    SIGN("b'", "bytes, as Python prints; call decode() on them before json.dump()"),
    SIGN("b\"", "bytes, as Python prints; call decode() on them before json.dump()"),
    SIGN("u'", "a text as Python 2 prints; write the file with json.dump(), not with str()"),
    SIGN("array(", "a NumPy array; call tolist() on it before json.dump()"),
    SIGN("np.", "a NumPy number; call item() on it before json.dump()"),
    SIGN("tensor(", "a PyTorch tensor; call tolist() on it before json.dump()"),
    SIGN("nan", "nan is no number in JSON; leave the row out, or write null"),
    SIGN("-nan", "nan is no number in JSON; leave the row out, or write null"),
    SIGN("inf", "inf is no number in JSON; leave the row out, or write null"),
    SIGN("-inf", "inf is no number in JSON; leave the row out, or write null"),
    SIGN("undefined", "undefined is no JSON; write null"),
    SIGN("...", "dots for something left out; this was printed for reading, write all of it"),
    SIGN("//", "a comment; JSON has none, remove it"),
    SIGN("/*", "a comment; JSON has none, remove it"),
    SIGN("#", "a comment; JSON has none, remove it"),
};

typedef int compare_bytes(const char *a, const char *b, size_t len);

static int same_bytes(const char *a, const char *b, size_t len) {
    return memcmp(a, b, len);
}

static const char *find(const struct signature *signatures, size_t count, compare_bytes *compare,
                        const char *bytes, size_t len) {
    for (size_t i = 0; i < count; i++) {
        const struct signature *one = &signatures[i];
        if (one->at + one->len > len) continue;
        if (compare(bytes + one->at, one->bytes, one->len) == 0) return one->says;
    }
    return NULL;
}

#define FIND(table, compare, bytes, len) \
    find(table, sizeof(table) / sizeof *(table), compare, bytes, len)

/* ---- lines of text ----------------------------------------------------------------------- */

static size_t count_of(const char *text, size_t len, char c) {
    size_t count = 0;
    for (size_t i = 0; i < len; i++) count += text[i] == c;
    return count;
}

/* Numbers with single blanks between them. */
static bool is_columns(const char *line, size_t len) {
    static const char digits[] = "0123456789+-.eE ";
    for (size_t i = 0; i < len; i++) {
        if (!memchr(digits, line[i], sizeof digits - 1)) return false;
    }
    return count_of(line, len, ' ') >= 4;
}

/* A text without brackets whose first line has columns. */
static const char *sniff_table(const char *text, size_t len) {
    const char *end = memchr(text, '\n', len);
    size_t line = end ? (size_t)(end - text) : len;
    if (line > 0 && text[line - 1] == '\r') line--;
    if (memchr(text, '{', line) || memchr(text, '[', line)) return NULL;
    if (count_of(text, line, ',') >= 2 || count_of(text, line, ';') >= 2 ||
        count_of(text, line, '\t') >= 2) {
        return "this is a CSV file or another table; write its rows as JSON first";
    }
    return is_columns(text, line) ? "these are numbers in columns, such as YOLO labels; convert "
                                    "them to COCO's JSON first"
                                  : NULL;
}

static const char *sniff_text(const char *text, size_t len) {
    static const char header[] = "Content-Disposition:";
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    while (len > 0 && lexical_is_space(*text)) {
        text++;
        len--;
    }
    if (len > 2 && memcmp(text, "--", 2) == 0 && memmem(text, len, header, sizeof header - 1)) {
        return "this is a multipart form whose Content-Type does not say so";
    }
    const char *says = FIND(texts, strncasecmp, text, len);
    return says ? says : sniff_table(text, len);
}

/* ---- both -------------------------------------------------------------------------------- */

const char *sniff_file(const char *bytes, size_t len) {
    const char *says = FIND(files, same_bytes, bytes, len);
    return says ? says : sniff_text(bytes, len);
}

const char *sniff_place(const char *text, size_t len) {
    return FIND(places, same_bytes, text, len);
}
