/*
 * stand_in.h - a "parser" that misbehaves on request, for tests of analyzers: the first word of a
 * file says what befalls its worker. The test program is its own zygote, as the real one is.
 * Included by one .c each.
 */
#ifndef STAND_IN_H
#define STAND_IN_H

#include "unit.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "analyze/analyzer.h"
#include "analyze/capped_alloc.h"
#include "base/clock.h"
#include "base/fd.h"

/* ── in the worker process ── */

static volatile char *volatile nowhere;

static void do_segv(void)
{
    *nowhere = 1;
}

static void do_spin(void)
{
    for (volatile unsigned i = 0;; i++)
        continue;
}

static void do_devour(void)
{
    for (;;)
        memset(ts_capped_malloc(1 << 20), 1, 1 << 20);
}

static void do_devour_heap(void)
{
    for (;;)
        memset(memory_new(1 << 20, 1), 1, 1 << 20);
}

/* 80 MiB: over what a small worker may use, within what one may. */
static void do_eat(void)
{
    for (int i = 0; i < 80; i++)
        memset(ts_capped_malloc((1 << 20) - 64), 1, (1 << 20) - 64);
}

static void do_open(void)
{
    (void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void do_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void do_kill_parent(void)
{
    (void)kill(getppid(), SIGKILL);
}

static void do_write_source(void)
{
    /* The source area is the only mapping whose bytes are known: find it by the pointer that was
     * given. */
    nowhere[0] = 'X';
}

static void do_stop(void)
{
    (void)raise(SIGSTOP); /* as if the machine had no time for it */
}

/* Deeper than any stack. */
static size_t recurse(volatile size_t depth)
{
    volatile char page[4096];
    page[depth % sizeof(page)] = 1;
    return depth == SIZE_MAX ? 0 : recurse(depth + 1) + (size_t)page[0];
}

static void do_recurse(void)
{
    (void)recurse(1);
}

static const struct {
    const char *word;
    void (*act)(void);
} misfortunes[] = {
    {"segv", do_segv},
    {"abort", abort},
    {"spin", do_spin},
    {"devour", do_devour},
    {"heap", do_devour_heap},
    {"eat", do_eat},
    {"open", do_open},
    {"socket", do_socket},
    {"kill", do_kill_parent},
    {"write", do_write_source},
    {"stop", do_stop},
    {"recurse", do_recurse},
};

static bool stand_in_start(void **ret_shared, struct error *err)
{
    (void)err;
    *ret_shared = NULL;
    return true;
}

static bool stand_in_prepare(void *shared, unsigned language, struct error *err)
{
    (void)shared;
    if (language == 3)
        return error_set(err, ERROR_BUG, 0, "parsers/x.scm:12: unknown capture \"@x\"");
    return true;
}

static bool word_is(const uint8_t *bytes, size_t n_bytes, const char *word)
{
    return n_bytes >= strlen(word) && memcmp(bytes, word, strlen(word)) == 0;
}

static bool stand_in_analyse(void *shared, unsigned language, const struct analyze_limits *limits,
    const char *path, const uint8_t *bytes, size_t n_bytes, struct arena *arena,
    struct code_facts *ret_code, struct error *err)
{
    (void)shared;
    nowhere = word_is(bytes, n_bytes, "write") ? (volatile char *)(uintptr_t)bytes : NULL;
    for (size_t i = 0; i < ARRAY_SIZE(misfortunes); i++) {
        if (word_is(bytes, n_bytes, misfortunes[i].word))
            misfortunes[i].act();
    }
    if (word_is(bytes, n_bytes, "error"))
        return error_set(err, ERROR_BUG, 0, "no such tree");
    ret_code->parse_status = word_is(bytes, n_bytes, "late") ? PARSE_TIMEOUT : PARSE_OK;
    ret_code->metric[METRIC_LINES_CODE] = (double)n_bytes;
    ret_code->metric[METRIC_LINES_TOTAL] = language + limits->cpu_ms;
    char *text = arena_printf(arena, "[\"%s\", %d]", path, (int)getpid());
    if (word_is(bytes, n_bytes, "lie"))
        text[0] = '{';
    ret_code->blob[BLOB_SYMBOLS] = (struct text){.bytes = text, .length = strlen(text)};
    return true;
}

static const struct worker_ops stand_in = {
    .start = stand_in_start,
    .prepare = stand_in_prepare,
    .analyse = stand_in_analyse,
};

/* ── in the test ── */

struct fixture {
    struct zygote *zygote;
    struct analyzer *analyzer;
    struct arena *arena;
    struct code_facts code;
    struct analyze_limits limits;
    struct error err;
};

static const struct zygote_settings settings = {
    .n_workers = 2,
    .max_file_bytes = 4 << 20,
    .file_memory_bytes = (uint64_t)128 << 20,
    .total_memory_bytes = (uint64_t)512 << 20,
};

static int set_up(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    f->arena = arena_new(0);
    f->limits = (struct analyze_limits){.cpu_ms = 4000, .memory_bytes = (uint64_t)128 << 20};
    if (!zygote_start(&settings, &f->zygote, &f->err))
        return -1;
    f->analyzer = analyzer_new(f->zygote);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    analyzer_free(f->analyzer);
    zygote_stop(f->zygote);
    arena_free(f->arena);
    free(f);
    return 0;
}

static bool try_run(struct fixture *f, unsigned language, const char *text)
{
    struct reading reading;
    read_block(text, strlen(text), 0100644, 1 << 20, f->arena, &reading);
    f->err = ERROR_INIT;
    return analyzer_run(
        f->analyzer, language, "a/b.c", &reading, 1 << 20, &f->limits, f->arena, &f->code, &f->err);
}

static void run(struct fixture *f, const char *text)
{
    if (!try_run(f, 0, text))
        fail_msg("%s", f->err.message);
}

/* The process that analysed the last file. */
static int worker_pid(const struct fixture *f)
{
    int pid = 0;
    assert_non_null(f->code.blob[BLOB_SYMBOLS].bytes);
    assert_int_equal(sscanf(f->code.blob[BLOB_SYMBOLS].bytes, "[\"a/b.c\", %d]", &pid), 1);
    return pid;
}

static inline void next_file_is_fine(struct fixture *f)
{
    run(f, "fine\n");
    assert_int_equal(f->code.parse_status, PARSE_OK);
    assert_string_equal(f->code.reason, "");
}

/* Parent of a process: the fourth field of /proc/PID/stat (proc(5)). 0: it is dead or gone. */
static int parent_of(int pid)
{
    char name[64], run_state = 0;
    int parent = 0;
    AUTO_BUF text = BUF_INIT;
    struct error err = ERROR_INIT;
    (void)snprintf(name, sizeof(name), "/proc/%d/stat", pid);
    if (!fd_read_file(name, 4096, &text, &err))
        return 0;
    const char *behind_name = strrchr(buf_string(&text), ')');
    bool found = behind_name != NULL && sscanf(behind_name, ") %c %d", &run_state, &parent) == 2;
    return found && strchr("ZX", run_state) == NULL ? parent : 0;
}

static void dies(int pid)
{
    uint64_t deadline_ms = clock_monotonic_ms() + 10000;
    while (parent_of(pid) != 0 && clock_monotonic_ms() < deadline_ms)
        (void)poll(NULL, 0, 1);
    assert_int_equal(parent_of(pid), 0);
}

#endif
