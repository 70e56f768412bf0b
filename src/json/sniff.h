/*
 * What a file that is not JSON seems to be. For messages only: called when parsing has failed, so
 * it may look again at what the parser has seen.
 */
#ifndef PGCOCO_JSON_SNIFF_H
#define PGCOCO_JSON_SNIFF_H

#include <stddef.h>

enum {
    SNIFF_HEAD = 512, /* bytes of the start of a file that sniff_file can use */
    SNIFF_PLACE = 12  /* bytes that sniff_place can use */
};

/* Judges a file by its first bytes. Returns what it is and what to do, as the end of a sentence;
 * constant. NULL if it looks like JSON, or like nothing known. */
const char *sniff_file(const char *bytes, size_t len);

/* Judges the text at which parsing stopped. Returns the same; NULL if it is nothing known. */
const char *sniff_place(const char *text, size_t len);

#endif
