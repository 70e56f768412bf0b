/*
 * Addresses of pictures, made of file names. These come from strangers: every byte that could mean
 * something in an address is percent-encoded. What cannot be a name of a picture the database has
 * refused before (coco.name_faults).
 */
#ifndef PGCOCO_API_PICTURE_ADDRESS_H
#define PGCOCO_API_PICTURE_ADDRESS_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends the path of a file for the web server's internal locations, such as
 * /_pictures/small/val2017/000139.jpg. size: small, medium or large; "": the file itself, as always
 * where the web server makes no thumbnails of its kind. */
void picture_path(const char *size, const char *directory, const char *file_name, struct buf *into);

/* Appends an address with the file name in the place of {file_name}. Its slashes stay if that is in
 * the path. */
void picture_url(const char *pattern, const char *file_name, struct buf *into);

#endif
