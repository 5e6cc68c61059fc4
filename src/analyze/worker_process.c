#include "analyze/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>

#include "analyze/channel.h"
#include "analyze/facts_area.h"
#include "base/clock.h"
#include "base/fd.h"

#define PATH_ROOM ((size_t)64 << 10)
#define HELLO_TIMEOUT_MS 30000 /* the zygote may be compiling all plans on a loaded machine */
#define HELLO_TRIES 10         /* zygotes that may die before one of them answers */
#define FACTS_KEEP_BYTES ((size_t)4 << 20)

/* Shared memory; closed once it is mapped and sent. */
struct area {
    int fd;
    void *memory;
    size_t bytes;
};

struct worker_process {
    int channel_fd;
    int pid_fd; /* -1: the zygote could not get one; closing the channel must do */
    struct area source, facts;
    uint64_t sequence;
    char prepared[WORKER_LANGUAGES];
};

/* Sealed against resizing: a worker that cuts its area would make us die of SIGBUS. */
static bool area_make(struct area *area, const char *name, size_t bytes, int more_seals)
{
    *area = (struct area){.fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING),
        .memory = MAP_FAILED,
        .bytes = bytes};
    if (area->fd < 0 || ftruncate(area->fd, (off_t)bytes) != 0)
        return false;
    area->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, area->fd, 0);
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | more_seals;
    return area->memory != MAP_FAILED && fcntl(area->fd, F_ADD_SEALS, seals) == 0;
}

static void area_release(struct area *area)
{
    attr_close_fd(&area->fd);
    area->fd = -1;
    if (area->memory != MAP_FAILED && area->memory != NULL)
        (void)munmap(area->memory, area->bytes);
    area->memory = NULL;
}

static struct worker_process *process_new(void)
{
    struct worker_process *worker = memory_new(1, sizeof(*worker));
    worker->channel_fd = worker->pid_fd = worker->source.fd = worker->facts.fd = -1;
    return worker;
}

/* Our mapping of the source was made before the seal, so it stays writable; theirs can only be
 * read. */
static bool make_areas(
    struct worker_process *worker, const struct zygote_settings *settings, struct error *err)
{
    size_t source_bytes = (size_t)settings->max_file_bytes + PATH_ROOM;
    if (!area_make(&worker->source, "srctab-source", source_bytes, F_SEAL_FUTURE_WRITE) ||
        !area_make(&worker->facts, "srctab-facts", FACTS_AREA_BYTES, 0))
        return error_set(
            err, ERROR_ANALYSIS, errno, "could not create shared memory for a worker process");
    return true;
}

/* Ask for a worker at the far end of worker->channel_fd. */
static bool ask_for_worker(
    struct worker_process *worker, struct zygote *zygote, unsigned language, struct error *err)
{
    const struct message request = {
        .kind = MESSAGE_FORK,
        .language = language,
        .n_bytes = worker->source.bytes,
        .path_length = worker->facts.bytes,
        .limits.memory_bytes = zygote_settings(zygote)->file_memory_bytes,
    };
    int ends[2];
    if (!channel_pair(ends))
        return error_set(err, ERROR_ANALYSIS, errno, "could not create a socket pair");
    attr_close_fd(&worker->channel_fd);
    worker->channel_fd = ends[0];
    const int fds[CHANNEL_FDS] = {ends[1], worker->source.fd, worker->facts.fd};
    bool asked = zygote_ask(zygote, &request, fds, CHANNEL_FDS, err);
    close(ends[1]);
    return asked;
}

/* True with *ret_again when the zygote died before it answered. */
static bool take_hello(struct worker_process *worker, bool *ret_again, struct error *err)
{
    struct message hello;
    int fds[CHANNEL_FDS];
    uint64_t deadline_ms = clock_monotonic_ms() + HELLO_TIMEOUT_MS;
    enum channel_result result = channel_receive(worker->channel_fd, deadline_ms, &hello, fds);
    *ret_again = result == CHANNEL_CLOSED;
    if (result == CHANNEL_CLOSED)
        return true;
    if (result != CHANNEL_MESSAGE)
        return error_set(err, ERROR_ANALYSIS, 0, "the analysis process does not answer");
    worker->pid_fd = fd_take(&fds[0]);
    attr_close_fd(&fds[1]);
    attr_close_fd(&fds[2]);
    hello.text[sizeof(hello.text) - 1] = '\0';
    if (hello.kind == MESSAGE_REFUSED)
        return error_set(err, ERROR_ANALYSIS, 0, "%s", hello.text);
    if (hello.kind != MESSAGE_HELLO)
        return error_set(err, ERROR_ANALYSIS, 0, "the analysis process started no worker");
    memcpy(worker->prepared, hello.text, sizeof(worker->prepared));
    return true;
}

bool worker_process_new(
    struct zygote *zygote, unsigned language, struct worker_process **ret_worker, struct error *err)
{
    struct worker_process *worker = process_new();
    bool fine = make_areas(worker, zygote_settings(zygote), err), again = fine;
    for (int try = 0; again && try < HELLO_TRIES; try++) {
        again = false;
        fine = ask_for_worker(worker, zygote, language, err) && take_hello(worker, &again, err);
    }
    if (fine && again)
        fine = error_set(err, ERROR_ANALYSIS, 0, "the analysis process does not stay alive");
    if (!fine) {
        worker_process_free(worker);
        return false;
    }
    attr_close_fd(&worker->source.fd);
    attr_close_fd(&worker->facts.fd);
    worker->source.fd = worker->facts.fd = -1;
    *ret_worker = worker;
    return true;
}

void worker_process_free(struct worker_process *worker)
{
    if (worker == NULL)
        return;
    if (worker->pid_fd >= 0)
        (void)pidfd_send_signal(worker->pid_fd, SIGKILL, NULL, 0); /* ESRCH: dead already */
    attr_close_fd(&worker->pid_fd);
    attr_close_fd(&worker->channel_fd);
    area_release(&worker->source);
    area_release(&worker->facts);
    free(worker);
}

bool worker_process_prepared(const struct worker_process *worker, unsigned language)
{
    return language < WORKER_LANGUAGES && worker->prepared[language] != 0;
}

static bool send_source(struct worker_process *worker, unsigned language, const char *path,
    const uint8_t *bytes, size_t n_bytes, const struct analyze_limits *limits)
{
    size_t path_length = strlen(path);
    char *area = worker->source.memory;
    if (path_length >= PATH_ROOM || n_bytes > worker->source.bytes - PATH_ROOM)
        return false;
    if (n_bytes > 0)
        memcpy(area, bytes, n_bytes);
    memcpy(area + n_bytes, path, path_length + 1);
    const struct message request = {
        .kind = MESSAGE_REQUEST,
        .language = language,
        .sequence = ++worker->sequence,
        .n_bytes = n_bytes,
        .path_length = path_length,
        .limits = *limits,
    };
    /* A worker that is dead already: what the channel still holds says how it died. */
    (void)!channel_send(worker->channel_fd, &request, NULL, 0);
    return true;
}

enum worker_result worker_process_run(struct worker_process *worker, unsigned language,
    const char *path, const uint8_t *bytes, size_t n_bytes, const struct analyze_limits *limits,
    uint64_t deadline_ms, struct arena *arena, struct code_facts *ret_code, int *ret_wait_status,
    struct error *err)
{
    struct message answer;
    if (!send_source(worker, language, path, bytes, n_bytes, limits)) {
        (void)error_set(err, ERROR_BUG, 0, "source or path is larger than the area for it");
        return WORKER_LIED;
    }
    enum channel_result result = channel_receive(worker->channel_fd, deadline_ms, &answer, NULL);
    if (result == CHANNEL_TIMEOUT)
        return WORKER_LATE;
    if (result == CHANNEL_CLOSED)
        return WORKER_LOST;
    if (result == CHANNEL_MESSAGE && answer.kind == MESSAGE_DIED) {
        *ret_wait_status = answer.wait_status;
        return WORKER_DIED;
    }
    if (result != CHANNEL_MESSAGE || answer.kind != MESSAGE_ANSWER ||
        answer.sequence != worker->sequence) {
        (void)error_set(err, ERROR_ANALYSIS, 0, "worker sent an answer that nobody asked for");
        return WORKER_LIED;
    }
    struct facts_header *header = worker->facts.memory;
    bool believed =
        facts_area_read(header, worker->facts.bytes, worker->sequence, arena, ret_code, err);
    /* Pages that one large file has filled would stay until the worker is replaced. */
    if (n_bytes > FACTS_KEEP_BYTES / 8)
        (void)madvise((char *)worker->facts.memory + FACTS_KEEP_BYTES,
            worker->facts.bytes - FACTS_KEEP_BYTES, MADV_REMOVE);
    return believed ? WORKER_ANSWERED : WORKER_LIED;
}
