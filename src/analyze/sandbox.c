#include "analyze/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/fd.h"
#include "base/number.h"

#ifndef SRCTAB_SANITIZE

/* Calls with any arguments. None opens, connects, creates a process or looks at another one. */
static const int allowed_calls[] = {
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close), /* the channel is all there is */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise), /* malloc(3) */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_getres), /* where vdso(7) falls back */
    SCMP_SYS(setitimer),
    SCMP_SYS(getrusage),
    SCMP_SYS(sysinfo),   /* qsort(3) asks how much memory there is */
    SCMP_SYS(getrandom), /* malloc(3) seeds its cache checks */
    SCMP_SYS(futex),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid), /* abort(3) */
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

static bool add_rules(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < ARRAY_SIZE(allowed_calls); i++) {
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0) != 0)
            return false;
    }
    const struct scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp itself = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &not_executable) ==
               0 &&
           seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &not_executable) ==
               0 &&
           /* abort(3) signals the process itself; no other may be signalled. */
           seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &itself) == 0;
}

static bool enter_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return false;
    bool loaded = add_rules(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return loaded;
}

/* Bytes of address space in use: the first number of /proc/self/statm, in pages (proc(5)). 0:
 * unknown. */
static uint64_t mapped_bytes(void)
{
    AUTO_CLOSE int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    char text[128] = "";
    uint64_t pages = 0;
    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
        return 0;
    text[strcspn(text, " ")] = '\0';
    return number_u64(text, 0, UINT64_MAX >> 16, &pages) ? pages * (uint64_t)sysconf(_SC_PAGESIZE)
                                                         : 0;
}

static bool limit_address_space(void)
{
    uint64_t mapped = mapped_bytes();
    if (mapped == 0)
        return false;
    struct rlimit limit = {.rlim_cur = mapped + SANDBOX_HEAP_BYTES};
    limit.rlim_max = limit.rlim_cur;
    return setrlimit(RLIMIT_AS, &limit) == 0;
}

#endif

static bool limit_to_zero(__rlimit_resource_t resource)
{
    const struct rlimit none = {0};
    return setrlimit(resource, &none) == 0;
}

bool sandbox_enter(void)
{
#ifndef SRCTAB_SANITIZE
    if (!limit_address_space())
        return false;
#endif
    if (!limit_to_zero(RLIMIT_CORE) || !limit_to_zero(RLIMIT_NOFILE) ||
        !limit_to_zero(RLIMIT_FSIZE) || !limit_to_zero(RLIMIT_NPROC))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
#ifndef SRCTAB_SANITIZE
    return enter_filter();
#else
    return true;
#endif
}
