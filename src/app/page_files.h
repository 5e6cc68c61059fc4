/* page_files.h - the parts of the report page (src/app/page), as the build put them into the
 * program. Thread: any. */
#ifndef APP_PAGE_FILES_H
#define APP_PAGE_FILES_H

#include "base/embedded.h"

extern const struct embedded_file page_files[];

#endif
