/* What QuickJS's use of the C library would otherwise import from WASI: a clock, and places to print to. */

#include <stdint.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <wasi/api.h>

__attribute__((import_module("emdash"), import_name("now"))) double host_now(void);

int clock_gettime(clockid_t clock, struct timespec *into)
{
    double milliseconds = host_now();
    into->tv_sec = (time_t)(milliseconds / 1000);
    into->tv_nsec = (long)((milliseconds - (double)into->tv_sec * 1000) * 1e6);
    return 0;
}

int gettimeofday(struct timeval *restrict into, void *restrict zone)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    into->tv_sec = now.tv_sec;
    into->tv_usec = now.tv_nsec / 1000;
    return 0;
}

_Noreturn void abort(void)
{
    __builtin_trap();
}

/* The engine's own debug output has nowhere to go. */
__wasi_errno_t __wasi_fd_write(__wasi_fd_t fd, const __wasi_ciovec_t *iovs, size_t count, __wasi_size_t *written)
{
    *written = 0;
    return __WASI_ERRNO_NOSYS;
}

__wasi_errno_t __wasi_fd_close(__wasi_fd_t fd)
{
    return __WASI_ERRNO_NOSYS;
}

__wasi_errno_t __wasi_fd_seek(__wasi_fd_t fd, __wasi_filedelta_t offset, __wasi_whence_t whence,
                              __wasi_filesize_t *position)
{
    return __WASI_ERRNO_NOSYS;
}

__wasi_errno_t __wasi_fd_fdstat_get(__wasi_fd_t fd, __wasi_fdstat_t *into)
{
    return __WASI_ERRNO_NOSYS;
}
