#include "store/schema.h"
#include "store/schema_files.h"
#include "store/sql.h"

void schema_metric_comment(enum metric metric, struct buf *out)
{
    const struct metric_info *info = &metric_infos[metric];
    buf_adds(out, info->definition);
    if (info->formula[0] != '\0')
        buf_addf(out, " Formula: %s.", info->formula);
    if (info->unit[0] != '\0')
        buf_addf(out, " Unit: %s.", info->unit);
    if (strcmp(info->valid, "all") != 0)
        buf_addf(out, " Languages: %s.", info->valid);
    if (info->source[0] != '\0')
        buf_addf(out, " Source: %s.", info->source);
}

/* psql's \set: quotes doubled, backslashes escaped. */
static void set_variable(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "\\set %s '", name);
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            buf_addc(out, *value == '\'' ? '\'' : '\\');
        buf_addc(out, *value);
    }
    buf_adds(out, "'\n");
}

static void add_file(struct buf *out, const char *name)
{
    buf_addf(out, "%s%s;\n", buf_string(out)[0] != '\0' ? "\n" : "", sql_text(name));
}

static void add_record(struct buf *out, const struct schema_record *row)
{
    char hex[2 * SHA256_BYTES + 1];
    AUTO_BUF digest = BUF_INIT, number = BUF_INIT;
    sha256_hex(row->digest, hex);
    buf_addf(&digest, "\\x%s", hex);
    buf_addf(&number, "%d", row->version);
    set_variable(out, "version", buf_string(&number));
    set_variable(out, "name", row->name);
    set_variable(out, "sha256", buf_string(&digest));
    buf_clear(&number);
    buf_addf(&number, "%d", row->min_binary);
    set_variable(out, "min_binary", buf_string(&number));
    add_file(out, "migrate/print_record.sql");
}

static void add_comments(struct buf *out)
{
    for (unsigned i = 0; i < METRICS; i++) {
        AUTO_BUF comment = BUF_INIT;
        schema_metric_comment((enum metric)i, &comment);
        set_variable(out, "column", metric_infos[i].column);
        set_variable(out, "comment", buf_string(&comment));
        add_file(out, "migrate/print_comment.sql");
    }
}

void schema_print(unsigned parts, const char *schema, struct buf *out)
{
    struct schema_record row;
    set_variable(out, "schema", schema);
    add_file(out, "migrate/print_begin.sql");
    add_file(out, "migrate/schema.sql");
    add_file(out, "migrate/table.sql");
    for (const struct embedded_file *file = sql_files; file->name != NULL; file++)
        if (schema_record_of(file, parts, &row)) {
            add_file(out, file->name);
            add_record(out, &row);
        }
    for (const struct embedded_file *file = sql_files; file->name != NULL; file++)
        if (schema_is_view(file, parts))
            add_file(out, file->name);
    if ((parts & SCHEMA_METADATA) != 0)
        add_comments(out);
    add_file(out, "migrate/citus.sql");
    add_file(out, "migrate/roles.sql");
    schema_rest_record(&row);
    add_record(out, &row);
    add_file(out, "session/commit.sql");
}
