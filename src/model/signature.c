#include "model/signature.h"

#define RACY_GRAIN_NS                                                                              \
    20000000 /* two ticks of the coarse clock of kernels before 6.13, with room                    \
              */

/* splitmix64's finaliser (Steele, Lea, Flood 2014): every input bit reaches every output bit. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t time_ns(struct timespec t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t stat_signature(const struct stat *st)
{
    uint64_t hash = 0x9e3779b97f4a7c15u;
    const uint64_t parts[] = {(uint64_t)st->st_dev, (uint64_t)st->st_ino, (uint64_t)st->st_size,
        time_ns(st->st_mtim), time_ns(st->st_ctim)};
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        hash = mix(hash ^ parts[i]) + 0x9e3779b97f4a7c15u;
    return hash != 0 ? hash : 1;
}

bool stat_is_racy(const struct stat *st, int64_t wall_ns)
{
    int64_t ctime_ns = (int64_t)time_ns(st->st_ctim), mtime_ns = (int64_t)time_ns(st->st_mtim);
    int64_t newest = ctime_ns > mtime_ns ? ctime_ns : mtime_ns;
    return newest + RACY_GRAIN_NS >= wall_ns;
}
