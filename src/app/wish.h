/*
 * wish.h - what is asked of a path beyond "look at it": rows of ingestion_queue that wait for it,
 * the sinks they name, and whether all there is to do is to pay a debt. Kept until the job that
 * covers it is made. Thread: main only.
 */
#ifndef APP_WISH_H
#define APP_WISH_H

#include <stdbool.h>

#include "app/task.h"

struct wishes;

/* Taken out of the wishes, the caller's: wish_free(). */
struct wish {
    struct task_request *requests;
    unsigned sinks; /* SINK_BIT mask that the requests name; 0: the root's */
    bool debt_only; /* nobody has reported a change: only the sinks in debt need a row */
};

struct wishes *wishes_new(void);
void wishes_free(struct wishes *wishes);

/** A debt of the path is due; debt_only holds until wishes_changed(). */
void wishes_debt(struct wishes *wishes, const char *path);
/** The path itself has changed: a job of it must serve every sink. */
void wishes_changed(struct wishes *wishes, const char *path);
/** A row of the queue; request is taken over. sinks 0: all of the root. */
void wishes_request(
    struct wishes *wishes, const char *path, struct task_request *request, unsigned sinks);

/** Move what is known of the path out; all zero when there is nothing. */
struct wish wishes_take(struct wishes *wishes, const char *path);
void task_requests_free(struct task_request *requests);

#endif
