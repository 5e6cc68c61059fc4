/*
 * raw - the limit of every ingest: reads and parses each file named on standard input (paths end
 * with NUL, as `srctab files --null` prints them) and throws the tree away. Prints one line: files,
 * bytes, seconds, CPU seconds.
 *
 * usage: raw JOBS DIR < LIST
 */
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <tree_sitter/api.h>
#include <unistd.h>

#include "analyze/language.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"

enum { MAX_FILE_BYTES = 2 << 20, MAX_JOBS = 64, MAX_FILES = 1 << 20 };

/* What the processes share. */
struct share {
    atomic_size_t next, files, bytes;
};

struct list {
    const char **paths;
    size_t n;
};

static struct list read_list(struct buf *text)
{
    struct list list = {memory_new(MAX_FILES, sizeof(*list.paths)), 0};
    char part[65536];
    for (ssize_t n; (n = read(STDIN_FILENO, part, sizeof(part))) > 0;)
        buf_add(text, part, (size_t)n);
    const char *at = buf_string(text), *end = at + text->length;
    for (; at < end && list.n < MAX_FILES; at += strlen(at) + 1)
        list.paths[list.n++] = at;
    return list;
}

static void parse_file(TSParser *parser, struct share *share, const char *path)
{
    AUTO_BUF source = BUF_INIT;
    struct error err = ERROR_INIT;
    if (!fd_read_file(path, MAX_FILE_BYTES, &source, &err))
        return;
    const struct language *language =
        language_of_content(path, (const uint8_t *)buf_string(&source), source.length);
    atomic_fetch_add(&share->files, 1);
    atomic_fetch_add(&share->bytes, source.length);
    if (language && language->grammar && ts_parser_set_language(parser, language->grammar()))
        ts_tree_delete(
            ts_parser_parse_string(parser, NULL, buf_string(&source), (uint32_t)source.length));
}

_Noreturn static void parse_share(const struct list *list, struct share *share)
{
    TSParser *parser = ts_parser_new();
    for (size_t i; (i = atomic_fetch_add(&share->next, 1)) < list->n;)
        parse_file(parser, share, list->paths[i]);
    ts_parser_delete(parser);
    _exit(0);
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    int64_t jobs = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    if (jobs < 1 || jobs > MAX_JOBS || chdir(argv[2]) != 0) {
        (void)fprintf(stderr, "usage: raw JOBS DIR < LIST\n");
        return 2;
    }
    AUTO_BUF text = BUF_INIT;
    struct list list = read_list(&text);
    struct share *share =
        mmap(NULL, sizeof(*share), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (share == MAP_FAILED)
        return 1;
    uint64_t start_us = clock_monotonic_us();
    for (int64_t i = 0; i < jobs; i++)
        if (fork() == 0)
            parse_share(&list, share);
    while (wait(NULL) > 0)
        continue;
    double wall = (double)(clock_monotonic_us() - start_us) / 1e6;
    struct rusage usage;
    if (getrusage(RUSAGE_CHILDREN, &usage) != 0)
        return 1;
    printf("%zu %zu %.4f %.4f\n", atomic_load(&share->files), atomic_load(&share->bytes), wall,
        seconds(usage.ru_utime) + seconds(usage.ru_stime));
    free(list.paths);
    return 0;
}
