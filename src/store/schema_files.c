#include "store/schema_files.h"

#include "base/buf.h"
#include "store/schema.h"
#include "store/sql.h"

struct part {
    enum schema_part bit;
    const char *word;
};

static const struct part part_words[] = {
    {SCHEMA_MAIN, "main"}, {SCHEMA_FILES, "files"}, {SCHEMA_METADATA, "metadata"}};

static bool in_folder(const struct embedded_file *file, const char *folder)
{
    return strncmp(file->name, folder, strlen(folder)) == 0;
}

/* "schema/002_code_files.sql" is version 2; 0: not a migration. */
static int version_of(const struct embedded_file *file)
{
    if (!in_folder(file, "schema/"))
        return 0;
    const char *digits = file->name + strlen("schema/");
    return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

unsigned schema_parts(const struct embedded_file *file)
{
    unsigned parts = 0;
    for (size_t i = 0; i < ARRAY_SIZE(part_words); i++)
        if (sql_header_has((const char *)file->bytes, "part", part_words[i].word))
            parts |= part_words[i].bit;
    return parts;
}

bool schema_record_of(
    const struct embedded_file *file, unsigned parts, struct schema_record *ret_record)
{
    int version = version_of(file);
    if (version == 0 || (schema_parts(file) & ~parts) != 0)
        return false;
    ret_record->version = version;
    ret_record->name = file->name + strlen("schema/");
    ret_record->min_binary = sql_header_number((const char *)file->bytes, "min_binary", version);
    sha256(file->bytes, file->length, ret_record->digest);
    return true;
}

const struct embedded_file *schema_migration(int version)
{
    for (const struct embedded_file *file = sql_files; file->name != NULL; file++)
        if (version > 0 && version_of(file) == version)
            return file;
    return NULL;
}

int schema_newest(void)
{
    int newest = 0;
    for (const struct embedded_file *file = sql_files; file->name != NULL; file++)
        newest = version_of(file) > newest ? version_of(file) : newest;
    return newest;
}

bool schema_is_view(const struct embedded_file *file, unsigned parts)
{
    return in_folder(file, "views/") && (schema_parts(file) & ~parts) == 0;
}

void schema_rest_record(struct schema_record *ret_record)
{
    struct sha256 *state = sha256_new();
    AUTO_BUF comments = BUF_INIT;
    for (const struct embedded_file *file = sql_files; file->name != NULL; file++)
        if (schema_is_view(file, SCHEMA_ALL) || strcmp(file->name, "migrate/roles.sql") == 0)
            sha256_add(state, file->bytes, file->length);
    for (unsigned i = 0; i < METRICS; i++)
        schema_metric_comment((enum metric)i, &comments);
    sha256_add(state, buf_string(&comments), comments.length);
    ret_record->version = 0;
    ret_record->name = "views, comments, roles";
    ret_record->min_binary = schema_newest();
    sha256_finish(state, ret_record->digest);
}
