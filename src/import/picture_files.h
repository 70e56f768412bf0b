/* Which images of a dataset have no file in its directory of pictures. It runs apart from imports
 * and from the collection, because a directory may lie on a file system that answers slowly. */
#ifndef PGCOCO_IMPORT_PICTURE_FILES_H
#define PGCOCO_IMPORT_PICTURE_FILES_H

#include <stdbool.h>

#include "base/err.h"

/* Looks at the files of all datasets that are due (coco.picture_check_begin), over a connection of
 * its own. image_root: descriptor of --image-root. False with *err filled if the database could not
 * be asked. */
bool picture_files_check(const char *conninfo, int image_root, struct err *err);

#endif
