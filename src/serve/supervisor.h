/* Starts the process that serves again when it has died, for ever. */
#ifndef PGCOCO_SERVE_SUPERVISOR_H
#define PGCOCO_SERVE_SUPERVISOR_H

#include <stdbool.h>

/* Runs `pgcoco serve` with these arguments (ends with NULL) as another process, with the listening
 * socket as its descriptor 0. So requests wait while there is none. One that dies at once is
 * started again after 0.1 s, then 0.2 s, up to 30 s; one that has lived for ten seconds counts as
 * good again. TERM, INT and USR1 are passed on, and end this process, too. Returns the exit status
 * of the last process; EXIT_FAILURE, with a message, if the arguments are more than 254. */
int supervise(int listener, char *const *arguments);

/* True in a process that supervise() has started, once. */
bool supervisor_has_started_this(void);

#endif
