/* Tables of output.h: cells are collected first, so that widths fit what is there. */
#include "app/output.h"

#include <ctype.h>

#include "base/arena.h"
#include "base/utf8.h"

struct output_table {
    size_t n_columns;
    struct arena *arena;
    const char **cells; /* row by row; row 0 is the headings */
    size_t n_cells, capacity;
};

static void add_cell(struct output_table *table, const char *text)
{
    if (table->n_cells == table->capacity) {
        table->capacity = 2 * table->capacity + 64;
        table->cells = memory_resize(table->cells, table->capacity, sizeof(*table->cells));
    }
    table->cells[table->n_cells++] = arena_string(table->arena, text == NULL ? "" : text);
}

struct output_table *output_table_new(size_t n_columns, const char *const *headings)
{
    struct output_table *table = memory_new(1, sizeof(*table));
    table->n_columns = n_columns;
    table->arena = arena_new(0);
    for (size_t i = 0; i < n_columns; i++)
        add_cell(table, headings[i]);
    return table;
}

void output_table_cell(struct output_table *table, const char *text)
{
    add_cell(table, text);
}

static bool is_number(const char *text)
{
    if (*text == '-')
        text++;
    if (!isdigit((unsigned char)*text))
        return *text == '\0';
    return strspn(text, "0123456789.,") == strlen(text);
}

struct column {
    size_t width;
    bool right;
};

static void measure(const struct output_table *table, size_t column, struct column *ret_column)
{
    *ret_column = (struct column){.right = table->n_cells > table->n_columns};
    for (size_t i = column; i < table->n_cells; i += table->n_columns) {
        const char *cell = table->cells[i];
        size_t width = utf8_count(cell, strlen(cell));
        if (width > ret_column->width)
            ret_column->width = width;
        if (i >= table->n_columns && !is_number(cell))
            ret_column->right = false;
    }
}

static void print_spaces(struct output *output, size_t n)
{
    output_text(output, "%*s", (int)n, "");
}

static void print_row(struct output *output, const struct output_table *table, size_t first,
    const struct column *columns)
{
    enum style style = first == 0 ? STYLE_DIM : STYLE_PLAIN;
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *cell = table->cells[first + i];
        size_t pad = columns[i].width - utf8_count(cell, strlen(cell));
        if (i > 0)
            print_spaces(output, 2);
        if (columns[i].right)
            print_spaces(output, pad);
        output_safe(output, style, cell);
        if (!columns[i].right && i + 1 < table->n_columns)
            print_spaces(output, pad);
    }
    output_text(output, "\n");
}

void output_table_print(struct output *output, struct output_table *table)
{
    struct column *columns = arena_alloc(table->arena, table->n_columns, sizeof(*columns));
    for (size_t i = 0; i < table->n_columns; i++)
        measure(table, i, &columns[i]);
    for (size_t first = 0; first + table->n_columns <= table->n_cells; first += table->n_columns)
        print_row(output, table, first, columns);
}

void output_table_free(struct output_table *table)
{
    if (table == NULL)
        return;
    arena_free(table->arena);
    free(table->cells);
    free(table);
}
