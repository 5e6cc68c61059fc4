#include "analyze/ast_columns.h"

#include "base/json.h"

void ast_columns_begin(struct ast_columns *ast, const TSLanguage *grammar, struct arena *arena)
{
    *ast = (struct ast_columns){.grammar = grammar, .n_symbols = ts_language_symbol_count(grammar)};
    ast->kind_of = arena_alloc(arena, ast->n_symbols, sizeof(*ast->kind_of));
}

static uint16_t kind_index(struct ast_columns *ast, TSSymbol symbol)
{
    uint16_t *kind = symbol < ast->n_symbols ? &ast->kind_of[symbol] : &ast->error_kind;
    if (*kind == 0) {
        struct json json = JSON_INIT(&ast->kinds);
        if (ast->n_kinds > 0)
            buf_addc(&ast->kinds, ',');
        json_string(&json, ts_language_symbol_name(ast->grammar, symbol));
        *kind = ++ast->n_kinds;
    }
    return (uint16_t)(*kind - 1);
}

enum { MAX_NUMBER_BYTES = 11 }; /* a comma and ten digits */

static void add_number(struct buf *out, uint32_t value)
{
    char *room = buf_room(out, MAX_NUMBER_BYTES);
    *room = ',';
    if (value < 10) { /* most are: kinds, differences, lengths */
        room[1] = (char)('0' + value);
        buf_grew(out, 2);
        return;
    }
    size_t n_digits = 2;
    for (uint32_t rest = value / 100; rest > 0; rest /= 10)
        n_digits++;
    for (size_t i = n_digits; i > 0; i--, value /= 10)
        room[i] = (char)('0' + value % 10);
    buf_grew(out, n_digits + 1);
}

void ast_columns_add(
    struct ast_columns *ast, TSSymbol symbol, uint32_t start, uint32_t length, uint32_t up)
{
    add_number(&ast->kind, kind_index(ast, symbol));
    add_number(&ast->start, start - ast->last_start);
    add_number(&ast->length, length);
    add_number(&ast->up, up);
    ast->last_start = start;
    ast->n_nodes++;
}

/* Every number was written with a comma before it; the first one goes. */
static void add_column(struct buf *out, const char *key, const struct buf *column)
{
    buf_addf(out, ",\"%s\":[", key);
    if (column->length > 0)
        buf_add(out, column->data + 1, column->length - 1);
    buf_addc(out, ']');
}

void ast_columns_finish(struct ast_columns *ast, struct buf *out)
{
    buf_adds(out, "{\"v\":1,\"kinds\":[");
    buf_add(out, buf_string(&ast->kinds), ast->kinds.length);
    buf_addc(out, ']');
    add_column(out, "kind", &ast->kind);
    add_column(out, "start", &ast->start);
    add_column(out, "length", &ast->length);
    add_column(out, "up", &ast->up);
    buf_addc(out, '}');
}

void ast_columns_release(struct ast_columns *ast)
{
    buf_release(&ast->kinds);
    buf_release(&ast->kind);
    buf_release(&ast->start);
    buf_release(&ast->length);
    buf_release(&ast->up);
}
