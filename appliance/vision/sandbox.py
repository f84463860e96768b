"""Takes away from a process all that decoding does not need. Each step is for good, and holds for what it starts.

Landlock: no file can be opened, no address reached, no process outside signalled. System calls: a list of those that
are allowed, by libseccomp; every other fails with EPERM. Limits: memory, processor time, no files written, no dumps.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
from contextlib import suppress
from pathlib import Path

try:
    import pyseccomp
except (ImportError, RuntimeError, OSError):  # there is no libseccomp on this machine
    pyseccomp = None

_libc = ctypes.CDLL(None, use_errno=True)
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""Landlock's system calls have the same numbers on every architecture."""
_VERSION_FLAG = 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many of the rights on files each version of Landlock knows (linux/landlock.h)."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_CLONE_THREAD, _PROT_EXEC = 0x00010000, 4

DECODING = (
    "brk", "clock_getres", "clock_gettime", "close", "exit", "exit_group", "fstat", "futex", "getpid", "getrandom",
    "getrusage", "gettid", "gettimeofday", "lseek", "madvise", "membarrier", "mremap", "munmap", "nanosleep",
    "clock_nanosleep", "newfstatat", "read", "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sched_getaffinity", "sched_yield", "set_robust_list", "sigaltstack", "sysinfo", "tgkill", "write",
)  # fmt: skip
"""What turning bytes in memory into pixels in memory takes."""
WAITING = (
    *DECODING, "fcntl", "getppid", "pipe2", "pipe", "poll", "ppoll", "prctl", "prlimit64", "recvmsg", "seccomp",
    "sendmsg", "sendto", "set_tid_address", "setitimer", "setrlimit", "wait4",
)  # fmt: skip
"""What taking a request, starting a decoder for it and replying takes besides."""


def shut_files() -> int:
    """Shut off every file, address and process outside by Landlock; its version, 0 where the kernel has none."""
    version = int(_libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG))
    if version < 1:
        return 0
    rights = max(count for since, count in _FILE_RIGHTS.items() if since <= version)
    handled = (ctypes.c_uint64 * 3)((1 << rights) - 1, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _libc.syscall(_CREATE_RULESET, handled, size, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done = ruleset >= 0 and _libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    if ruleset >= 0:
        os.close(ruleset)
    return version if done else 0


class Filter:
    """A list of allowed system calls, made once and put on as often as needed."""

    def __init__(self, allowed: tuple[str, ...], *, may_fork: bool) -> None:
        rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
        for name in allowed:
            with suppress(OSError, RuntimeError):  # not every architecture has every one
                rules.add_rule(pyseccomp.ALLOW, name)
        for name in ("mmap", "mprotect"):
            rules.add_rule(pyseccomp.ALLOW, name, pyseccomp.Arg(2, pyseccomp.MASKED_EQ, _PROT_EXEC, 0))
        thread_only = () if may_fork else (pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD),)
        rules.add_rule(pyseccomp.ALLOW, "clone", *thread_only)
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags cannot be looked at: libc uses clone then
        with os.fdopen(os.memfd_create("filter"), "w+b") as file:
            rules.export_bpf(file)
            file.seek(0)
            self._program = ctypes.create_string_buffer(file.read())

    def put_on(self) -> None:
        """Raises OSError if the kernel does not take it."""
        count = (len(self._program) - 1) // 8
        program = _Program(count, ctypes.cast(self._program, ctypes.c_void_p))
        _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if _libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the list of system calls was not taken")


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def filters() -> tuple[Filter, Filter] | None:
    """The lists for waiting and for decoding; None where there is no libseccomp."""
    if pyseccomp is None:
        return None
    return Filter(WAITING, may_fork=True), Filter(DECODING, may_fork=False)


def first_to_go() -> None:
    """When memory runs out, the kernel is to end this process rather than another. No core dumps, no debugger."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def die_with_parent(signal_number: int) -> None:
    """Be sent this signal when the process that started this one is gone."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def mapped_bytes() -> int:
    """Address space that this process has now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()


def limit(*, address_space: int, cpu_s: int) -> None:
    """Bytes of address space in all, seconds of processor time since the process began; no file is opened or grows."""
    for what, most in (
        (resource.RLIMIT_AS, address_space), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
