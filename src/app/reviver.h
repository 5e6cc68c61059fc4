/* reviver.h - starts the private cluster again when it was killed while the daemon uses it: on a
 * thread of its own, since a server that recovers takes its time. Thread: calls main only. */
#ifndef APP_REVIVER_H
#define APP_REVIVER_H

#include "app/database.h"

struct reviver;

/** database: borrowed. Errors: thread limits. */
CHECKED bool reviver_new(
    struct database *database, struct reviver **ret_reviver, struct error *err);
/** Waits for a start under way. NULL is fine. */
void reviver_free(struct reviver *reviver);

/** Can the database be reached? While it cannot, the server is looked after: at once, then after 1,
 * 2, 4 … 30 s. */
void reviver_tell(struct reviver *reviver, bool database_up);

#endif
