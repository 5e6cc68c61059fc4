#include "app/runtime_dir.h"

#include "base/buf.h"
#include "store/cluster.h"

bool runtime_dir_of(const struct config *config, char **ret_dir, struct error *err)
{
    const struct cluster_settings settings = {
        .dir = config->embedded.dir, .socket_dir = config->embedded.socket_dir};
    AUTO_FREE char *dir = NULL;
    AUTO_FREE char *socket_dir = NULL;
    if (!cluster_dirs(&settings, &dir, &socket_dir, err))
        return false;
    struct buf path = BUF_INIT;
    buf_addf(&path, "%s/control", socket_dir);
    *ret_dir = buf_take(&path);
    return true;
}
