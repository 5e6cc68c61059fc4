#include "app/metrics_text.h"

#include <unistd.h>

#include "base/fd.h"
#include "base/number.h"

/* HELP texts escape backslash and newline, label values also the quote (exposition format 0.0.4).
 */
static void add_label_value(struct buf *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            buf_adds(out, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *value);
    }
}

static void add_family(struct buf *out, const char *name, const char *help, const char *type)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_root_sample(
    struct buf *out, const char *name, const struct metrics_root *root, const char *value)
{
    buf_addf(out, "%s{codebase=\"", name);
    add_label_value(out, root->codebase_id);
    buf_addf(out, "\"} %s\n", value);
}

/* Name and value in the units that Prometheus wants. */
static void add_counter_name(struct buf *out, const struct counter_info *info)
{
    static const char ms[] = "_ms";
    buf_addf(out, "srctab_%s", info->word);
    if (info->kind == COUNTER_AGE)
        buf_truncate(out, out->length - (sizeof(ms) - 1));
    buf_adds(out, info->kind == COUNTER_SUM ? "_total" : "");
    buf_adds(out, info->kind == COUNTER_AGE ? "_seconds" : "");
}

static void add_counter(
    struct buf *out, enum counter counter, const struct metrics_root *roots, size_t n_roots)
{
    const struct counter_info *info = &counter_infos[counter];
    AUTO_BUF name = BUF_INIT;
    AUTO_BUF value = BUF_INIT;
    add_counter_name(&name, info);
    add_family(out, buf_string(&name), info->help, info->kind == COUNTER_SUM ? "counter" : "gauge");
    for (size_t i = 0; i < n_roots; i++) {
        uint64_t number = roots[i].counters->value[counter];
        buf_clear(&value);
        if (info->kind == COUNTER_AGE)
            buf_addf(
                &value, "%llu.%03u", (unsigned long long)number / 1000, (unsigned)(number % 1000));
        else
            buf_add_u64(&value, number);
        add_root_sample(out, buf_string(&name), &roots[i], buf_string(&value));
    }
}

static void add_states(struct buf *out, const struct metrics_root *roots, size_t n_roots)
{
    add_family(
        out, "srctab_owned", "1 if this daemon writes the codebase, 0 if it stands by.", "gauge");
    for (size_t i = 0; i < n_roots; i++)
        add_root_sample(out, "srctab_owned", &roots[i], roots[i].owned ? "1" : "0");
    add_family(out, "srctab_root_online", "1 if the root is present and watched.", "gauge");
    for (size_t i = 0; i < n_roots; i++)
        add_root_sample(out, "srctab_root_online", &roots[i], roots[i].online ? "1" : "0");
}

/* The second number of /proc/self/statm counts resident pages (proc(5)). */
static uint64_t resident_bytes(void)
{
    AUTO_BUF text = BUF_INIT;
    struct error ignored = ERROR_INIT;
    uint64_t pages;
    if (!fd_read_file("/proc/self/statm", 4096, &text, &ignored))
        return 0;
    const char *second = strchr(buf_string(&text), ' ');
    AUTO_FREE char *number = second != NULL ? strndup(second + 1, strcspn(second + 1, " ")) : NULL;
    if (number == NULL || !number_u64(number, 0, UINT32_MAX, &pages))
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void add_process(struct buf *out, const struct metrics_process *process)
{
    struct timespec used;
    add_family(out, "srctab_build_info", "1, with the version of the program.", "gauge");
    buf_adds(out, "srctab_build_info{version=\"");
    add_label_value(out, process->version);
    buf_adds(out, "\"} 1\n");
    add_family(out, "srctab_database_up", "1 if the main database can be reached.", "gauge");
    buf_addf(out, "srctab_database_up %d\n", process->database_up);
    add_family(out, "process_start_time_seconds", "Start of the process since 1970.", "gauge");
    buf_addf(out, "process_start_time_seconds %.3f\n", process->start_time_s);
    add_family(out, "process_resident_memory_bytes", "Resident memory of the daemon.", "gauge");
    buf_adds(out, "process_resident_memory_bytes ");
    buf_add_u64(out, resident_bytes());
    buf_addc(out, '\n');
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    add_family(out, "process_cpu_seconds_total", "Processor time used by the daemon.", "counter");
    buf_addf(out, "process_cpu_seconds_total %lld.%03ld\n", (long long)used.tv_sec,
        used.tv_nsec / 1000000);
}

void metrics_text(struct buf *out, const struct metrics_process *process,
    const struct metrics_root *roots, size_t n_roots)
{
    add_process(out, process);
    if (n_roots == 0)
        return;
    add_states(out, roots, n_roots);
    for (enum counter counter = 0; counter < COUNTERS; counter++)
        add_counter(out, counter, roots, n_roots);
}
