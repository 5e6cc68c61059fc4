#include "app/rows.h"

#include "base/arena.h"

static bool take_columns(void *user, size_t n_columns, const char *const *names)
{
    struct rows *rows = user;
    rows->n_columns = n_columns;
    rows->names = memory_new(n_columns + 1, sizeof(*rows->names));
    for (size_t i = 0; i < n_columns; i++)
        rows->names[i] = memory_string(names[i]);
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

/* JSON's own grammar for numbers (RFC 8259, section 6): what else looks like one stays a text. */
static bool is_json_number(const char *text)
{
    text += *text == '-';
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || (digits > 1 && text[0] == '0') || digits > 15)
        return false;
    text += digits;
    if (*text == '.') {
        digits = strspn(text + 1, "0123456789");
        if (digits == 0)
            return false;
        text += 1 + digits;
    }
    return *text == '\0';
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
        else if (is_json_number(values[i]))
            json_raw(&json, values[i], strlen(values[i]));
        else
            json_string(&json, values[i]);
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
    rows->table = NULL;
    rows->names = NULL;
}
