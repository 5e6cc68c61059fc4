#include "app/rows.h"

#include "base/arena.h"

static bool take_columns(
    void *user, size_t n_columns, const char *const *names, const uint32_t *types)
{
    struct rows *rows = user;
    rows->n_columns = n_columns;
    rows->names = memory_new(n_columns + 1, sizeof(*rows->names));
    rows->types = memory_new(n_columns + 1, sizeof(*rows->types));
    for (size_t i = 0; i < n_columns; i++) {
        rows->names[i] = memory_string(names[i]);
        rows->types[i] = types[i];
    }
    if (rows->form == ROWS_TABLE)
        rows->table = output_table_new(n_columns, rows->names);
    for (size_t i = 0; rows->form == ROWS_CSV && i < n_columns; i++)
        output_text(rows->output, "%s%s", names[i], i + 1 < n_columns ? "," : "\n");
    return true;
}

/* RFC 4180: quoted where a comma, a quote or a line end is inside; NULL is nothing. */
static void print_csv(struct rows *rows, const char *const *values)
{
    AUTO_BUF line = BUF_INIT;
    for (size_t i = 0; i < rows->n_columns; i++) {
        const char *value = values[i] == NULL ? "" : values[i];
        bool quote = value[strcspn(value, ",\"\r\n")] != '\0';
        buf_adds(&line, i == 0 ? "" : ",");
        buf_adds(&line, quote ? "\"" : "");
        for (; *value != '\0'; value++)
            buf_adds(&line, *value == '"' ? "\"\"" : (char[]){*value, '\0'});
        buf_adds(&line, quote ? "\"" : "");
    }
    output_text(rows->output, "%s\n", buf_string(&line));
}

/* pg_type.oid of what JSON has a form for: bool; int8, int2, int4, oid, float4, float8, numeric;
 * json, jsonb. */
static bool is_number_type(uint32_t type)
{
    static const uint32_t types[] = {20, 21, 23, 26, 700, 701, 1700};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (types[i] == type)
            return true;
    }
    return false;
}

static void add_value(struct json *json, uint32_t type, const char *value)
{
    bool is_json = type == 114 || type == 3802;
    bool is_finite = strpbrk(value, "yN") == NULL; /* Infinity, NaN */
    if (type == 16)
        json_bool(json, value[0] == 't');
    else if (is_json || (is_number_type(type) && is_finite))
        json_raw(json, value, strlen(value));
    else
        json_string(json, value);
}

static void print_json(struct rows *rows, const char *const *values)
{
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    for (size_t i = 0; i < rows->n_columns; i++) {
        json_key(&json, rows->names[i]);
        if (values[i] == NULL)
            json_null(&json);
        else
            add_value(&json, rows->types[i], values[i]);
    }
    json_object_end(&json);
    output_json(rows->output, &line);
}

static bool take_row(void *user, size_t n_columns, const char *const *values)
{
    struct rows *rows = user;
    rows->n_rows++;
    if (rows->form == ROWS_CSV)
        print_csv(rows, values);
    else if (rows->form == ROWS_JSON)
        print_json(rows, values);
    for (size_t i = 0; rows->form == ROWS_TABLE && i < n_columns; i++)
        output_table_cell(rows->table, values[i]);
    return true;
}

const struct pg_text_ops rows_ops = {.columns = take_columns, .row = take_row};

void rows_finish(struct rows *rows)
{
    if (rows->table != NULL && rows->n_rows > 0)
        output_table_print(rows->output, rows->table);
    output_table_free(rows->table);
    for (size_t i = 0; rows->names != NULL && i < rows->n_columns; i++)
        free((char *)rows->names[i]);
    free(rows->names);
    free(rows->types);
    rows->table = NULL;
    rows->names = NULL;
}
