/*
 * The frame of COPY … TO STDOUT in binary format: a header, tuples, a trailer. The backend sends
 * one tuple a message; the header comes in front of the first one, or alone. (PostgreSQL
 * documentation, COPY, "Binary Format".)
 */
#ifndef PGCOCO_STORE_COPY_FRAMES_H
#define PGCOCO_STORE_COPY_FRAMES_H

#include <stdbool.h>

#include "base/slice.h"

/* All zero: nothing has been read. */
struct copy_frames {
    bool begun; /* the header has been read */
    bool ended; /* the trailer has been read */
};

enum copy_frame {
    COPY_FRAME_MALFORMED,
    COPY_FRAME_NONE,  /* a header alone */
    COPY_FRAME_TUPLE, /* a row */
    COPY_FRAME_END    /* the trailer: no message may follow */
};

/* Takes one message. *tuple is set for COPY_FRAME_TUPLE only: it begins with its number of columns
 * and lies in the message. */
enum copy_frame copy_frames_take(struct copy_frames *frames, struct slice message,
                                 struct slice *tuple);

#endif
