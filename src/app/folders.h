/*
 * folders.h - which roots there are: those of the command line or the file, and the rows of
 * watch_folders, live (guarantees 2). Thread: main only.
 */
#ifndef APP_FOLDERS_H
#define APP_FOLDERS_H

#include "app/daemon.h"
#include "store/folder.h"

/** Settings of a folder of the command line: its patterns and its id are those of the configuration
 * where that names it too. Strings are borrowed from dir, the options and the configuration. */
struct root_settings folders_settings_of_dir(const struct daemon *daemon, const char *dir);

/** The callbacks of watch_new(), for struct root. */
const struct watch_events *folders_events(void);

/** Make the first roots and write their rows. Errors: a folder that cannot be watched (named), two
 * roots of one id. */
CHECKED bool folders_open(struct daemon *daemon, struct error *err);

/** All rows of this host as they are now: add, change and retire roots. What cannot be done is
 * logged. */
void folders_apply(
    struct daemon *daemon, const struct folder *rows, size_t n_rows, uint64_t now_ms);

/** After a reload of the configuration: its folders replace those of the old one. */
void folders_reload(struct daemon *daemon);

/** Free the retired roots that have nothing in flight any more. */
void folders_reap(struct daemon *daemon);

#endif
