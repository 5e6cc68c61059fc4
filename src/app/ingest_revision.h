/* ingest_revision.h - `ingest --rev`: the files of a git revision, read from the object store,
 * become the rows. Thread: main only. */
#ifndef APP_INGEST_REVISION_H
#define APP_INGEST_REVISION_H

#include "app/commands.h"
#include "app/daemon.h"

/** Returns the exit status; err is set when it ended by an error. options.dirs: one repository, or
 * none for the current directory. */
int ingest_revision(struct session *session, const struct daemon_options *options,
    const char *revision, struct error *err);

#endif
