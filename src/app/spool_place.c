#include "app/spool_place.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/sha256.h"
#include "store/cluster.h"
#include "store/spool.h"

#define PLACES 64
#define MOVE_RECORDS 500

/* What libpq would connect to: conninfo fills in from these. */
static const char *const variables[] = {
    "PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE"};

static void add_database_key(struct buf *out, const char *conninfo, const char *schema)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    struct sha256 *hash = sha256_new();
    sha256_add(hash, conninfo, strlen(conninfo) + 1);
    sha256_add(hash, schema, strlen(schema) + 1);
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
        const char *value = getenv(variables[i]);
        sha256_add(hash, value != NULL ? value : "", value != NULL ? strlen(value) + 1 : 1);
    }
    sha256_finish(hash, digest);
    sha256_hex(digest, hex);
    buf_add(out, hex, 16);
}

struct moving {
    struct spool *into;
    struct error *err;
    bool failed;
};

static bool move_record(void *user, const void *bytes, size_t length, int64_t wall_us)
{
    struct moving *moving = user;
    moving->failed = !spool_add(moving->into, bytes, length, wall_us, moving->err);
    return !moving->failed;
}

static bool move_records(struct spool *from, struct spool *into, struct error *err)
{
    struct moving moving = {.into = into, .err = err};
    for (size_t n = MOVE_RECORDS; n > 0 && spool_count(from) > 0;) {
        if (!spool_peek(from, MOVE_RECORDS, move_record, &moving, &n, err) || moving.failed)
            return false;
        /* Records may be in both for a moment: their ids make the second insert harmless. */
        if (!spool_sync(into, err) || !spool_remove(from, n, false, err))
            return false;
    }
    return true;
}

static void take_over(
    struct buf *path, size_t stem, unsigned own, uint64_t max_bytes, struct spool *into)
{
    for (unsigned place = 0; place < PLACES; place++) {
        struct spool *left = NULL;
        struct error err = ERROR_INIT;
        buf_truncate(path, stem);
        buf_addf(path, "-%u", place);
        if (place == own)
            continue;
        if (access(buf_string(path), F_OK) != 0)
            return;
        if (spool_open(buf_string(path), max_bytes, &left, &err) && move_records(left, into, &err))
            err = ERROR_INIT;
        if (err.kind != ERROR_NONE && err.kind != ERROR_OWNED)
            log_error(LOG_WARN, &err);
        spool_close(left);
    }
}

bool spool_place_open(
    const struct config *config, const char *conninfo, struct spool **ret_spool, struct error *err)
{
    const struct cluster_settings settings = {
        .dir = config->embedded.dir, .socket_dir = config->embedded.socket_dir};
    const uint64_t max_bytes = (uint64_t)config->audit.spool_mb << 20;
    AUTO_FREE char *dir = NULL;
    AUTO_FREE char *socket_dir = NULL;
    AUTO_BUF path = BUF_INIT;
    if (!cluster_dirs(&settings, &dir, &socket_dir, err))
        return false;
    buf_addf(&path, "%s/" SPOOL_PLACE_PREFIX, dir);
    add_database_key(&path, conninfo, config->database.schema);
    size_t stem = path.length;
    for (unsigned place = 0; place < PLACES; place++) {
        *err = ERROR_INIT;
        buf_truncate(&path, stem);
        buf_addf(&path, "-%u", place);
        if (spool_open(buf_string(&path), max_bytes, ret_spool, err)) {
            take_over(&path, stem, place, max_bytes, *ret_spool);
            return true;
        }
        if (err->kind != ERROR_OWNED)
            return false;
    }
    return false;
}
