#include "app/config_check.h"

#include "app/config_key.h"
#include "app/config_origin.h"

enum {
    MAX_SOCKET_DIR_BYTES = 93
}; /* sun_path is 108 bytes; the server's file name takes the rest */

static const char *origin_of(const struct config *config, const char *key)
{
    return config->origins->keys[config_key_find(key)];
}

static bool is_loopback(const char *listen)
{
    static const char *const names[] = {"127.", "localhost:", "[::1]:", ":"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (strncmp(listen, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

static bool check_http(const struct config *config, struct error *err)
{
    if (config->http.listen[0] == '\0' || is_loopback(config->http.listen) ||
        config->http.token_file[0] != '\0')
        return true;
    error_set(err, ERROR_CONFIG, 0,
        "%s: http.listen: \"%.80s\" is not a loopback address, so http.token_file is required",
        origin_of(config, "http.listen"), config->http.listen);
    return error_hint(err, "listen on 127.0.0.1, or write a token of your own into a file and name "
                           "it in http.token_file");
}

static bool check_priorities(const struct config *config, struct error *err)
{
    for (size_t i = 0; i < config->queue.n_priorities; i++) {
        const struct config_priority *priority = &config->queue.priorities[i];
        if ((priority->match == NULL) == (priority->language == NULL))
            return error_set(err, ERROR_CONFIG, 0,
                "%s: queue.priorities[%zu]: exactly one of match and language is expected",
                origin_of(config, "queue.priorities"), i);
    }
    return true;
}

static bool check_folders(const struct config *config, struct error *err)
{
    for (size_t i = 0; i < config->n_folders; i++) {
        for (size_t k = 0; k < i; k++) {
            const char *left = config->folders[i].codebase;
            const char *right = config->folders[k].codebase;
            if (left != NULL && right != NULL && strcmp(left, right) == 0)
                return error_set(err, ERROR_CONFIG, 0,
                    "%s: folders %.150s and %.150s have the same codebase \"%.80s\"",
                    origin_of(config, "folders"), config->folders[k].path, config->folders[i].path,
                    left);
        }
        if (config->folders[i].codebase != NULL && config->folders[i].codebase[0] == '\0')
            return error_set(err, ERROR_CONFIG, 0, "%s: folders[%zu].codebase: an empty name",
                origin_of(config, "folders"), i);
    }
    return true;
}

static bool check_delay(const struct config *config, struct error *err)
{
    if (config->watch.max_delay_ms >= config->watch.debounce_ms)
        return true;
    return error_set(err, ERROR_CONFIG, 0,
        "%s: watch.max_delay_ms: %u is less than watch.debounce_ms (%u)",
        origin_of(config, "watch.max_delay_ms"), config->watch.max_delay_ms,
        config->watch.debounce_ms);
}

bool config_check(const struct config *config, struct error *err)
{
    if (strlen(config->embedded.socket_dir) > MAX_SOCKET_DIR_BYTES) {
        error_set(err, ERROR_CONFIG, 0,
            "%s: embedded.socket_dir: %zu bytes, %d is the most that a socket's name allows",
            origin_of(config, "embedded.socket_dir"), strlen(config->embedded.socket_dir),
            MAX_SOCKET_DIR_BYTES);
        return error_hint(err, "name a short directory, or a short symbolic link to it");
    }
    if (config->database.mode == DATABASE_EXTERNAL && config->database.schema[0] == '\0')
        return error_set(err, ERROR_CONFIG, 0, "%s: database.schema: an empty name",
            origin_of(config, "database.schema"));
    if (strlen(config->database.schema) > 63)
        return error_set(err, ERROR_CONFIG, 0, "%s: database.schema: longer than 63 bytes",
            origin_of(config, "database.schema"));
    return check_delay(config, err) && check_http(config, err) && check_priorities(config, err) &&
           check_folders(config, err);
}

static bool is_prefix(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    while (length > 0 && directory[length - 1] == '/')
        length--;
    return strncmp(path, directory, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool config_is_below(const char *path, const char *directory)
{
    AUTO_FREE char *real_path = realpath(path, NULL);
    AUTO_FREE char *real_directory = realpath(directory, NULL);
    if (real_path == NULL || real_directory == NULL)
        return is_prefix(path, directory) && strstr(path, "/../") == NULL;
    return is_prefix(real_path, real_directory);
}
