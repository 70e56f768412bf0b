/*
 * The frame of COPY … TO STDOUT in binary format: header, tuples, trailer. The backend sends one
 * tuple per message; the header precedes the first tuple or comes alone (PostgreSQL documentation,
 * COPY, "Binary Format").
 */
#ifndef PGCOCO_STORE_COPY_FRAMES_H
#define PGCOCO_STORE_COPY_FRAMES_H

#include <stdbool.h>

#include "base/slice.h"

/* All zero at the start. */
struct copy_frames {
    bool begun; /* the header has been read */
    bool ended; /* the trailer has been read */
};

enum copy_frame {
    COPY_FRAME_MALFORMED,
    COPY_FRAME_NONE,  /* only a header */
    COPY_FRAME_TUPLE, /* a row */
    COPY_FRAME_END    /* the trailer; no message may follow */
};

/* Reads one message. *tuple is set for COPY_FRAME_TUPLE only; it starts with the number of columns
 * and lies in the message. */
enum copy_frame copy_frames_take(struct copy_frames *frames, struct slice message,
                                 struct slice *tuple);

#endif
