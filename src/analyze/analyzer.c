#include "analyze/analyzer.h"

#include <signal.h>
#include <sys/wait.h>

#include "analyze/worker_process.h"
#include "base/clock.h"
#include "base/utf8.h"

#define KILLED_TRIES 3 /* a worker that is killed this often on one file was not by chance */
#define LOST_TRIES 10  /* zygotes that may die under one file */
#define TOKEN_PAUSE_NS 2000000L /* between two looks at the one right to use much memory */
/* Peak memory of a parse is 60 to 96 times the source for dense code; most files stay below this.
 */
#define MEMORY_PER_BYTE 64

struct analyzer {
    struct zygote *zygote;
    struct worker_process *worker; /* NULL: the next file starts one */
    unsigned files;                /* that this worker has done */
    struct analyzer_counters counters;
};

/* One attempt at one file. */
struct attempt {
    unsigned language;
    const char *path;
    const struct reading *reading;
    struct analyze_limits limits;
    struct arena *arena;
};

struct analyzer *analyzer_new(struct zygote *zygote)
{
    struct analyzer *analyzer = memory_new(1, sizeof(*analyzer));
    analyzer->zygote = zygote;
    return analyzer;
}

static void drop_worker(struct analyzer *analyzer)
{
    worker_process_free(analyzer->worker);
    analyzer->worker = NULL;
    analyzer->files = 0;
}

void analyzer_free(struct analyzer *analyzer)
{
    if (analyzer == NULL)
        return;
    drop_worker(analyzer);
    free(analyzer);
}

struct analyzer_counters analyzer_counters(const struct analyzer *analyzer)
{
    struct analyzer_counters counters = analyzer->counters;
    counters.zygotes_started = zygote_restarts(analyzer->zygote);
    return counters;
}

/* ── how a worker ended, in words ── */

struct death {
    int number; /* exit status, or signal */
    enum parse_status status;
    const char *reason;
};

static const struct death exits[] = {
    {WORKER_EXIT_MEMORY, PARSE_MEMORY, "parser needed more memory than it may use"},
    {WORKER_EXIT_FACTS, PARSE_MEMORY, "facts are larger than the memory for them"},
    {WORKER_EXIT_REQUEST, PARSE_FAILED, "worker process did not understand the request"},
};

static const struct death signals[] = {
    {SIGPROF, PARSE_TIMEOUT, "parser used more CPU time than it may"},
    {SIGABRT, PARSE_FAILED, "parser aborted: an assertion failed"},
    {SIGSEGV, PARSE_FAILED, "parser crashed: segmentation fault"},
    {SIGBUS, PARSE_FAILED, "parser crashed: bus error"},
    {SIGILL, PARSE_FAILED, "parser crashed: illegal instruction"},
    {SIGFPE, PARSE_FAILED, "parser crashed: arithmetic error"},
    {SIGSYS, PARSE_FAILED, "parser made a forbidden system call"},
    /* After KILLED_TRIES it was no accident: the kernel's out-of-memory killer. */
    {SIGKILL, PARSE_MEMORY, "worker process was killed"},
};

static const struct death *find_death(const struct death *deaths, size_t n, int number)
{
    for (size_t i = 0; i < n; i++) {
        if (deaths[i].number == number)
            return &deaths[i];
    }
    return NULL;
}

static void set_outcome(struct code_facts *code, enum parse_status status, const char *reason)
{
    code->parse_status = status;
    (void)snprintf(
        code->reason, sizeof(code->reason), "%.*s", (int)sizeof(code->reason) - 1, reason);
    size_t length = strlen(code->reason);
    while (!utf8_valid(code->reason, length)) /* the cut may have split a character */
        code->reason[--length] = '\0';
}

static void set_death(struct code_facts *code, int wait_status)
{
    bool by_signal = WIFSIGNALED(wait_status);
    const struct death *death =
        by_signal ? find_death(signals, ARRAY_SIZE(signals), WTERMSIG(wait_status))
                  : find_death(exits, ARRAY_SIZE(exits), WEXITSTATUS(wait_status));
    if (death != NULL) {
        set_outcome(code, death->status, death->reason);
        return;
    }
    code->parse_status = PARSE_FAILED;
    (void)snprintf(code->reason, sizeof(code->reason), "worker process ended with %s %d",
        by_signal ? "signal" : "status",
        by_signal ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
}

/* Somebody else's doing: kill -9 by hand, the out-of-memory killer, a stopped service. */
static bool killed_from_outside(int wait_status)
{
    if (!WIFSIGNALED(wait_status))
        return false;
    int number = WTERMSIG(wait_status);
    return number == SIGKILL || find_death(signals, ARRAY_SIZE(signals), number) == NULL;
}

/* ── one attempt ── */

static bool have_worker(struct analyzer *analyzer, unsigned language, struct error *err)
{
    if (analyzer->worker != NULL && analyzer->files < ANALYZER_FILES_PER_WORKER &&
        worker_process_prepared(analyzer->worker, language))
        return true;
    drop_worker(analyzer);
    if (!worker_process_new(analyzer->zygote, language, &analyzer->worker, err))
        return false;
    analyzer->counters.workers_started++;
    return true;
}

/* The worker's own CPU timer ends what computes; this is for what hangs or is starved, so it is
 * generous. */
static uint64_t wall_deadline_ms(const struct analyze_limits *limits)
{
    return clock_monotonic_ms() + (uint64_t)limits->cpu_ms * 5 + 2000;
}

/* KILLED and LOST: try again. BROKEN: err says why no worker can be had. */
enum verdict { FINAL, KILLED, LOST, BROKEN };

/* Text measures and the reason, for a worker that gave no facts. */
static enum verdict judge_end(struct analyzer *analyzer, enum worker_result result, int wait_status,
    struct code_facts *code, struct error *err)
{
    drop_worker(analyzer);
    if (result == WORKER_LATE) {
        analyzer->counters.workers_late++;
        set_outcome(code, PARSE_TIMEOUT, "worker process gave no answer in time");
        return FINAL;
    }
    if (result == WORKER_LIED) {
        analyzer->counters.workers_lied++;
        set_outcome(code, PARSE_FAILED, err->message);
        return FINAL;
    }
    analyzer->counters.workers_died++;
    if (result == WORKER_LOST)
        return LOST;
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == WORKER_EXIT_SETUP) {
        (void)error_set(err, ERROR_ANALYSIS, 0, "worker process could not set up its sandbox");
        (void)error_hint(err, "seccomp filters and memfd_create must be allowed here");
        return BROKEN;
    }
    set_death(code, wait_status);
    return killed_from_outside(wait_status) ? KILLED : FINAL;
}

static enum verdict try_once(struct analyzer *analyzer, const struct attempt *attempt,
    struct code_facts *code, struct error *err)
{
    struct code_facts answer;
    struct error reason = ERROR_INIT;
    int wait_status = 0;
    if (!have_worker(analyzer, attempt->language, err))
        return BROKEN;
    analyzer->files++;
    enum worker_result result = worker_process_run(analyzer->worker, attempt->language,
        attempt->path, attempt->reading->source, attempt->reading->source_length, &attempt->limits,
        wall_deadline_ms(&attempt->limits), attempt->arena, &answer, &wait_status, &reason);
    if (result != WORKER_ANSWERED) {
        enum verdict verdict = judge_end(analyzer, result, wait_status, code, &reason);
        if (verdict == BROKEN)
            *err = reason;
        return verdict;
    }
    if (answer.parse_status == PARSE_OK || answer.parse_status == PARSE_PARTIAL)
        *code = answer;
    else
        set_outcome(code, answer.parse_status, answer.reason);
    return FINAL;
}

static bool try_until_final(struct analyzer *analyzer, const struct attempt *attempt,
    struct code_facts *code, struct error *err)
{
    for (int killed = 0, lost = 0; lost < LOST_TRIES;) {
        enum verdict verdict = try_once(analyzer, attempt, code, err);
        if (verdict == BROKEN)
            return false;
        killed += verdict == KILLED;
        lost += verdict == LOST;
        if (verdict == FINAL || killed == KILLED_TRIES)
            return true;
    }
    return error_set(err, ERROR_ANALYSIS, 0, "the analysis process does not stay alive");
}

/* ── memory: many small workers, one large ── */

static bool run_small(struct analyzer *analyzer, struct attempt attempt, uint64_t small_bytes,
    struct code_facts *code, struct error *err)
{
    if (attempt.limits.memory_bytes > small_bytes)
        attempt.limits.memory_bytes = small_bytes;
    return try_until_final(analyzer, &attempt, code, err);
}

static bool run_large(struct analyzer *analyzer, const struct attempt *attempt,
    struct code_facts *code, struct error *err)
{
    const struct timespec pause = {.tv_nsec = TOKEN_PAUSE_NS};
    while (!zygote_take_large(analyzer->zygote))
        (void)nanosleep(&pause, NULL); /* bounded by the holder's deadlines */
    bool done = try_until_final(analyzer, attempt, code, err);
    zygote_give_large(analyzer->zygote);
    return done;
}

static bool run_in_worker(struct analyzer *analyzer, const struct attempt *attempt,
    struct code_facts *code, struct error *err)
{
    uint64_t small_bytes = zygote_small_memory(analyzer->zygote);
    bool fits_small = attempt->limits.memory_bytes <= small_bytes;
    analyzer->counters.files++;
    if (!fits_small && attempt->reading->source_length > small_bytes / MEMORY_PER_BYTE)
        return run_large(analyzer, attempt, code, err);
    if (!run_small(analyzer, *attempt, small_bytes, code, err))
        return false;
    if (fits_small || code->parse_status != PARSE_MEMORY)
        return true;
    /* The guess by size was wrong; what the small limit said must not show in the row. */
    return run_large(analyzer, attempt, code, err);
}

static const char *const verdict_reasons[PARSE_STATUSES] = {
    [PARSE_TOO_BIG] = "file is larger than the limit for parsing",
    [PARSE_MINIFIED] = "file looks minified: very long lines",
    [PARSE_BINARY] = "file is binary",
    [PARSE_UNSUPPORTED] = "no grammar for this file",
};

static void measure_text(
    const struct reading *reading, enum parse_status status, struct code_facts *ret_code)
{
    text_lines_measure(
        reading->has_lines ? &reading->lines : NULL, reading->file.size_bytes, ret_code);
    if (status != PARSE_OK)
        set_outcome(ret_code, status, verdict_reasons[status]);
}

void analyzer_text_only(const struct reading *reading, struct code_facts *ret_code)
{
    enum parse_status verdict = read_verdict(reading, UINT64_MAX, &ANALYZE_LIMITS_DEFAULT);
    bool has_text = verdict == PARSE_OK || verdict == PARSE_MINIFIED;
    measure_text(reading, has_text ? PARSE_UNSUPPORTED : verdict, ret_code);
}

bool analyzer_run(struct analyzer *analyzer, unsigned language, const char *path,
    const struct reading *reading, uint64_t max_parse_bytes, const struct analyze_limits *limits,
    struct arena *arena, struct code_facts *ret_code, struct error *err)
{
    struct code_facts code;
    uint64_t area_bytes = zygote_settings(analyzer->zygote)->max_file_bytes;
    enum parse_status verdict =
        read_verdict(reading, max_parse_bytes < area_bytes ? max_parse_bytes : area_bytes, limits);
    const struct attempt attempt = {
        .language = language,
        .path = path,
        .reading = reading,
        .limits = *limits,
        .arena = arena,
    };
    measure_text(reading, verdict, &code);
    if (verdict == PARSE_OK && !run_in_worker(analyzer, &attempt, &code, err))
        return false;
    *ret_code = code;
    return true;
}
