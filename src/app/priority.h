/* priority.h - which files overtake others of their class (queue.priorities). Pure. Thread: any. */
#ifndef APP_PRIORITY_H
#define APP_PRIORITY_H

#include "app/config.h"

/**
 * What the rules that match a path add up to: a weight of settle.h. 0: none matches. A glob without
 * a slash is compared with the last component, others with the whole path, as gitignore(5) does; a
 * language is the one that the name tells. path: relative to its root, bytes.
 */
int priority_weight(const struct config *config, const char *path);

#endif
