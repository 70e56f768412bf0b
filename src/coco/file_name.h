/*
 * Names of image files, and their parts. Files are moved between folders and get other endings
 * while they stay the same picture. Some tools write a file's number instead of its name: 2 for
 * 0002.jpg.
 */
#ifndef PGCOCO_COCO_FILE_NAME_H
#define PGCOCO_COCO_FILE_NAME_H

#include <stdbool.h>

#include "base/slice.h"

/* Return a part of a name; it points into the name. */

/* After the last slash or backslash. */
struct slice file_name_base(struct slice name);

/* The base without its ending. Like Python's Path.stem: a leading dot does not start an ending. */
struct slice file_name_stem(struct slice name);

/* The number that the stem is, without leading zeros. data is NULL if the stem has anything but
 * digits. */
struct slice file_name_number(struct slice name);

/* True if two names differ in nothing but folders, an ending, or zeros before a number. */
bool file_name_is_same(struct slice a, struct slice b);

#endif
