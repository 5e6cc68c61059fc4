/* ast_columns.h - writes the ast column: named nodes in pre-order as columns with deltas (schema
 * reference, code_files.ast). Thread: one owner. */
#ifndef ANALYZE_AST_COLUMNS_H
#define ANALYZE_AST_COLUMNS_H

#include <tree_sitter/api.h>

#include "base/arena.h"
#include "base/buf.h"

struct ast_columns {
    const TSLanguage *grammar;
    uint16_t *kind_of;   /* by symbol: its place in kinds plus 1, 0: not met yet */
    uint16_t error_kind; /* the same for ERROR, whose symbol is past the table */
    uint16_t n_kinds;
    uint32_t n_symbols, n_nodes, last_start;
    struct buf kinds, kind, start, length, up;
};

void ast_columns_begin(struct ast_columns *ast, const TSLanguage *grammar, struct arena *arena);

/** The next node. up: how many nodes back its parent is, 0 for the root. */
void ast_columns_add(
    struct ast_columns *ast, TSSymbol symbol, uint32_t start, uint32_t length, uint32_t up);

/** Append the document to out. */
void ast_columns_finish(struct ast_columns *ast, struct buf *out);

void ast_columns_release(struct ast_columns *ast);

#endif
