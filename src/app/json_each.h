/* json_each.h - cuts a JSON array of objects into its objects, for json_flat_parse(). The text must
 * be valid JSON. Pure. Thread: any. */
#ifndef APP_JSON_EACH_H
#define APP_JSON_EACH_H

/** The next object at or behind `at`: its start, and its end in *ret_end (where to go on); NULL:
 * there is none. */
const char *json_each(const char *at, const char **ret_end);

#endif
