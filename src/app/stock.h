/*
 * stock.h - takes in what the catch-up reads of the tables: which rows are right, which paths are
 * to be looked at, which rows belong to no file. Thread: main only.
 *
 *   STARTING ──first scan done, ours, database there──► COMPARING ──all rows seen──► LIVE
 *   A table whose connection was lost is compared again while its sink waits: the root stays LIVE.
 */
#ifndef APP_STOCK_H
#define APP_STOCK_H

#include "app/catchup.h"
#include "app/daemon.h"

/** Ask for the compare of every root that is ready for its first one. */
void stock_start(struct daemon *daemon, uint64_t now_ms);

/** A sink can be reached again after its connection was lost: compare its table for all live roots,
 * then resume it. */
void stock_recheck(struct daemon *daemon, enum sink_id id, uint64_t now_ms);

/** A batch of rows, or the end of them. Frees it. Errors that no retry mends (ERROR_CONFIG,
 * ERROR_SCHEMA): false with err. */
CHECKED bool stock_take(
    struct daemon *daemon, struct catchup_batch *batch, uint64_t now_ms, struct error *err);

/** When stock_start() wants to be called again; CLOCK_NEVER: after the next event. */
uint64_t stock_deadline_ms(const struct daemon *daemon);

#endif
