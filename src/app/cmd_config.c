/* config - show every setting and its origin, check it, print the example. */
#include "app/commands.h"
#include "app/config_key.h"
#include "app/config_show.h"

#include <errno.h>
#include <sys/stat.h>

static const char *no_environment(void *user, const char *name)
{
    (void)user;
    (void)name;
    return NULL;
}

static bool print_example(struct session *session, struct error *err)
{
    struct config *defaults = NULL;
    const struct config_request request = {
        .no_file = true, .directory = "/", .environment = no_environment};
    if (!config_load(&request, &defaults, err))
        return false;
    AUTO_BUF text = BUF_INIT;
    config_example(&text, defaults);
    output_document(session->output, buf_string(&text));
    config_free(defaults);
    return true;
}

/* A connection string may hold a password, and whoever looks at a screen should not read it. */
static const char *shown_value(const struct config_row *row)
{
    bool hidden = config_key_is_secret(row->key) &&
                  (strstr(row->value, "password") != NULL || strstr(row->value, "://") != NULL);
    return hidden ? "(hidden: it may hold a password)" : row->value;
}

static void show_table(struct output *output, const struct config *config)
{
    static const char *const headings[] = {"key", "value", "unit", "origin"};
    struct output_table *table = output_table_new(ARRAY_SIZE(headings), headings);
    struct config_row row;
    for (size_t i = 0; config_show(config, i, &row); i++) {
        AUTO_BUF value = BUF_INIT;
        buf_adds(&value, shown_value(&row));
        if (value.length > 60) {
            buf_truncate(&value, 57);
            buf_adds(&value, "...");
        }
        output_table_cell(table, row.key);
        output_table_cell(table, buf_string(&value));
        output_table_cell(table, row.unit);
        output_table_cell(table, row.origin);
    }
    output_table_print(output, table);
    output_table_free(table);
}

static void show_json(struct output *output, const struct config *config)
{
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    struct config_row row;
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "file", config->file);
    json_key_bool(&json, "file_in_tree", config->file_in_tree);
    json_key(&json, "settings");
    json_array_begin(&json);
    for (size_t i = 0; config_show(config, i, &row); i++) {
        json_object_begin(&json);
        json_key_string(&json, "key", row.key);
        json_key_string(&json, "value", shown_value(&row));
        json_key_string(&json, "unit", row.unit);
        json_key_string(&json, "origin", row.origin);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    output_json(output, &line);
}

/* The token file must be readable by the daemon, and by nobody else. */
static void check_files(struct session *session, const struct config *config, int *n_problems)
{
    struct stat st;
    if (config->http.token_file[0] == '\0')
        return;
    if (stat(config->http.token_file, &st) != 0) {
        output_note(session->output, "http.token_file: could not open file \"%s\": %s",
            config->http.token_file, strerror(errno));
        (*n_problems)++;
    } else if ((st.st_mode & 077) != 0) {
        output_note(session->output,
            "warning: http.token_file \"%s\" can be read by others; run: chmod 600 it",
            config->http.token_file);
    }
}

static int show_or_check(struct session *session, bool check, struct error *err)
{
    struct config *config = NULL;
    int n_problems = 0;
    if (!config_load(session->request, &config, err))
        return error_exit_code(err);
    for (size_t i = 0; i < config->n_warnings; i++)
        output_note(session->output, "warning: %s", config->warnings[i]);
    if (!check && session->output->json) {
        show_json(session->output, config);
    } else if (!check) {
        output_note(session->output, "file: %s", config->file == NULL ? "none" : config->file);
        show_table(session->output, config);
    } else {
        check_files(session, config, &n_problems);
        if (n_problems == 0 && session->output->json)
            output_text(session->output, "{\"v\":1,\"ok\":true}\n");
        else if (n_problems == 0)
            output_text(session->output, "ok: %s\n",
                config->file == NULL ? "no file; built-in values" : config->file);
    }
    config_free(config);
    if (n_problems > 0)
        error_set(err, ERROR_CONFIG, 0, "the configuration has %d problem%s", n_problems,
            n_problems == 1 ? "" : "s");
    return n_problems == 0 ? 0 : error_exit_code(err);
}

int cmd_config(struct session *session, struct error *err)
{
    const char *what = arguments_operand(session->arguments, 0);
    if (strcmp(what, "example") == 0)
        return print_example(session, err) ? 0 : error_exit_code(err);
    return show_or_check(session, strcmp(what, "check") == 0, err);
}
