/* doc_text.h - the text of a documentation comment without its comment signs. Pure. Thread: any. */
#ifndef ANALYZE_DOC_TEXT_H
#define ANALYZE_DOC_TEXT_H

#include "base/buf.h"
#include "model/facts.h"

/**
 * Append what the comment says: signs at the start of lines and around the whole are dropped,
 * indentation that all lines share too; lines are joined by newlines, blank ones at both ends go.
 * Longer texts than 4,000 bytes are cut at a character. Bytes that are not UTF-8 stay.
 */
void doc_text_add(struct buf *out, struct text raw);

#endif
