/* finish.h - what a finished job means: for what is known, for debts, for the requests that waited,
 * for the log. Thread: main only. */
#ifndef APP_FINISH_H
#define APP_FINISH_H

#include "app/root.h"

/** Take in what the task says and release it; its path may have a job again afterwards. */
void finish_task(struct root *root, struct task *task, uint64_t now_ms);

/** Answer rows of the queue and free them. reason NULL: they are done; else they failed. */
void finish_requests(
    struct root *root, struct task_request *requests, const char *reason, const char *sqlstate);

#endif
