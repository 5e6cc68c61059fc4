#include "analyze/worker.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>

#include "analyze/capped_alloc.h"
#include "analyze/channel.h"
#include "analyze/facts_area.h"
#include "analyze/sandbox.h"
#include "analyze/text_lines.h"
#include "base/clock.h"

#define CHANNEL_FD 3
#define HEAP_KEEP_BYTES (16 << 20)
#define ABORT_PROBE_BYTES (SANDBOX_HEAP_BYTES / 2)

struct worker {
    const struct worker_ops *ops;
    void *shared;
    const uint8_t *source;
    size_t source_bytes;
    void *facts;
    size_t facts_bytes;
};

static void over_cap(void)
{
    _exit(WORKER_EXIT_MEMORY);
}

/*
 * CPU time of this process, all of it: a scanner that never returns calls nothing of ours. The
 * parser's own budget ends earlier, with a proper answer; SIGPROF's default action ends the
 * process.
 */
static void arm_cpu_timer(uint32_t cpu_ms)
{
    uint64_t hard_ms = cpu_ms == 0 ? 0 : (uint64_t)cpu_ms * 3 / 2 + 250;
    struct itimerval timer = {0};
    timer.it_value.tv_sec = (time_t)(hard_ms / 1000);
    timer.it_value.tv_usec = (suseconds_t)(hard_ms % 1000 * 1000);
    if (setitimer(ITIMER_PROF, &timer, NULL) != 0)
        _exit(WORKER_EXIT_SETUP);
}

static void analyse(const struct worker *worker, const struct message *request)
{
    struct arena *arena = arena_new(0);
    const char *path = (const char *)worker->source + request->n_bytes;
    struct code_facts code;
    struct error err = ERROR_INIT;
    text_lines_measure(NULL, request->n_bytes, &code);
    arm_cpu_timer(request->limits.cpu_ms);
    capped_begin((size_t)request->limits.memory_bytes, over_cap);
    if (!worker->ops->analyse(worker->shared, request->language, &request->limits, path,
            worker->source, (size_t)request->n_bytes, arena, &code, &err)) {
        text_lines_measure(NULL, request->n_bytes, &code);
        code.parse_status = PARSE_FAILED;
        (void)snprintf(code.reason, sizeof(code.reason), "%.120s", err.message);
    }
    capped_end();
    arm_cpu_timer(0);
    if (!facts_area_write(worker->facts, worker->facts_bytes, request->sequence, &code))
        _exit(WORKER_EXIT_FACTS);
    arena_free(arena);
}

static bool request_fits(const struct worker *worker, const struct message *request)
{
    uint64_t length = 0;
    return request->kind == MESSAGE_REQUEST && request->language < WORKER_LANGUAGES &&
           !__builtin_add_overflow(request->n_bytes, request->path_length, &length) &&
           length < worker->source_bytes && worker->source[length] == 0;
}

static void serve(const struct worker *worker)
{
    struct message request;
    while (channel_receive(CHANNEL_FD, CLOCK_NEVER, &request, NULL) == CHANNEL_MESSAGE) {
        if (!request_fits(worker, &request))
            _exit(WORKER_EXIT_REQUEST);
        analyse(worker, &request);
        struct message answer = {.kind = MESSAGE_ANSWER, .sequence = request.sequence};
        if (!channel_send(CHANNEL_FD, &answer, NULL, 0))
            return;
    }
}

/* Runs on abort(): a failed assert of a scanner, or malloc at the address-space limit. If the limit
 * is near, it was memory. */
static void on_abort(int signal_number)
{
    (void)signal_number;
    void *probe = mmap(NULL, ABORT_PROBE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (probe == MAP_FAILED)
        _exit(WORKER_EXIT_MEMORY);
}

static bool map_areas(struct worker *worker, const struct worker_start *start)
{
    void *source = mmap(NULL, start->source_bytes, PROT_READ, MAP_SHARED, start->source_fd, 0);
    void *facts =
        mmap(NULL, start->facts_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, start->facts_fd, 0);
    worker->source = source;
    worker->source_bytes = start->source_bytes;
    worker->facts = facts;
    worker->facts_bytes = start->facts_bytes;
    return source != MAP_FAILED && facts != MAP_FAILED;
}

/* Only the channel stays open, as CHANNEL_FD. */
static bool keep_channel_alone(int channel_fd)
{
    if (channel_fd != CHANNEL_FD && dup2(channel_fd, CHANNEL_FD) != CHANNEL_FD)
        return false;
    if (close_range(CHANNEL_FD + 1, ~0u, 0) != 0)
        return false;
#ifdef SRCTAB_SANITIZE
    return close_range(0, 1, 0) == 0; /* reports go to standard error */
#else
    return close_range(0, 2, 0) == 0;
#endif
}

static bool set_signals(void)
{
    sigset_t none;
    struct sigaction on_abort_action = {.sa_handler = on_abort, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&none);
    return sigaction(SIGABRT, &on_abort_action, NULL) == 0 &&
           sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

_Noreturn void worker_run(
    const struct worker_ops *ops, void *shared, const struct worker_start *start)
{
    struct worker worker = {.ops = ops, .shared = shared};
    /* The parent may have died before the request to be killed with it. */
    bool ready = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == start->parent_pid;
    (void)prctl(PR_SET_NAME, "srctab-worker");
    /* Keep the heap between files: giving it back and faulting it in again costs more than a small
     * parse. */
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_KEEP_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_KEEP_BYTES / 4);
    ready = ready && map_areas(&worker, start) && capped_reserve((size_t)start->max_memory_bytes) &&
            keep_channel_alone(start->channel_fd) && set_signals() && sandbox_enter();
    if (!ready)
        _exit(WORKER_EXIT_SETUP);
    serve(&worker);
    _exit(WORKER_EXIT_DONE);
}
