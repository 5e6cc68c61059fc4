#include "app/priority.h"

#include "analyze/language.h"
#include "watch/wildmatch.h"

static bool glob_matches(const char *glob, const char *path)
{
    const char *last = strrchr(path, '/');
    const char *text = last != NULL && strchr(glob, '/') == NULL ? last + 1 : path;
    glob += glob[0] == '/';
    return wildmatch(glob, strlen(glob), text, strlen(text));
}

static bool matches(const struct config_priority *rule, const char *path)
{
    const struct language *language = NULL;
    if (rule->match != NULL)
        return glob_matches(rule->match, path);
    return language_of_name(path, &language) == LANGUAGE_NAMED &&
           strcmp(language->id, rule->language) == 0;
}

int priority_weight(const struct config *config, const char *path)
{
    int weight = 0;
    for (size_t i = 0; i < config->queue.n_priorities; i++) {
        const struct config_priority *rule = &config->queue.priorities[i];
        weight += matches(rule, path) ? rule->add : 0;
    }
    return weight;
}
