/* Pictures of images: where those of a dataset are, and the way to one. The web server sends the
 * bytes; no thread here waits for a client that loads a picture. */
#ifndef PGCOCO_API_PICTURES_H
#define PGCOCO_API_PICTURES_H

#include "api/exchange.h"

enum {
    PICTURES_BODY_MAX = 16 * 1024 /* bytes, unpacked */
};

/* Tells where the pictures of a dataset are; answers 200 with the document of coco.pictures_put. */
void pictures_put(struct exchange *x);

/* Leads the web server to the file of a picture, or the client to its address elsewhere. */
void picture_get(struct exchange *x);

#endif
