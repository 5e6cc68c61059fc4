/* events.h - what the kernel says, taken from its queue and turned into checks of names.
 * Thread: main only. */
#ifndef WATCH_EVENTS_H
#define WATCH_EVENTS_H

#include "watch/core.h"

/** Read and handle events until the queue is empty (true) or deadline_ms is over (false). */
bool events_read(struct watch *watch, uint64_t deadline_ms);

#endif
