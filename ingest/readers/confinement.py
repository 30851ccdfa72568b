"""Shuts the current process in before it parses something untrusted: resource limits, no new privileges, no network.

On Linux a seccomp filter (seccomp(2), BPF) refuses sockets, new programs and processes, and every way to change the
file system; where filters are not allowed the process leaves the network by unshare(2). Standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
CLONE_THREAD = 0x00010000

LOAD_WORD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
RETURN_ALLOW = 0x7FFF0000
RETURN_KILL_PROCESS = 0x80000000
RETURN_ERRNO = 0x00050000
NUMBER_OFFSET, ARCHITECTURE_OFFSET, ARGUMENTS_OFFSET = 0, 4, 16
X32_BIT = 0x40000000
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
UNISOLATED_VARIABLE = "ALLOW_UNISOLATED"


@dataclass(frozen=True, slots=True)
class SystemCalls:
    """One architecture's numbers (Linux, arch/*/entry/syscalls/*.tbl and include/uapi/asm-generic/unistd.h)."""

    audit_architecture: int
    refused: tuple[int, ...]
    opens: tuple[tuple[int, int], ...]  # number, index of the flags argument
    clone: int
    clone3: int
    signal_thread: int


# Numbers from 424 on are the same everywhere: pidfd_*, io_uring_*, the new mount calls, openat2, mount_setattr.
COMMON_REFUSED = (424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 437, 438, 442)
X86_64 = SystemCalls(
    audit_architecture=0xC000003E,
    refused=(
        *(41, 42, 43, 44, 46, 49, 50, 53, 288, 307),  # socket … sendmmsg
        *(57, 58, 59, 322, 62, 200, 129, 297, 101, 310, 311),  # fork, exec, kill, sigqueue, ptrace, process_vm_*
        *(76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 132, 133, 235),  # truncate … utimes
        *(188, 189, 190, 197, 198, 199, 258, 259, 260, 261, 263, 264, 265, 266, 268, 280, 316),  # xattr, *at
        *(155, 161, 165, 166, 169, 175, 176, 246, 313, 272, 308),  # mounts, modules, namespaces
        *(248, 249, 250, 298, 304, 319, 321, 323),  # keys, perf, handles, memfd, bpf, userfaultfd
        *COMMON_REFUSED,
    ),
    opens=((2, 1), (257, 2)),
    clone=56,
    clone3=435,
    signal_thread=234,
)
AARCH64 = SystemCalls(
    audit_architecture=0xC00000B7,
    refused=(
        *(198, 199, 200, 201, 202, 203, 206, 211, 242, 269),
        *(221, 281, 129, 130, 138, 240, 117, 270, 271),
        *(45, 33, 34, 35, 36, 37, 38, 52, 53, 54, 55, 88, 276),
        *(5, 6, 7, 14, 15, 16),
        *(39, 40, 41, 51, 142, 104, 105, 106, 273, 97, 268),
        *(217, 218, 219, 241, 265, 279, 280, 282),
        *COMMON_REFUSED,
    ),
    opens=((56, 2),),
    clone=220,
    clone3=435,
    signal_thread=131,
)
ARCHITECTURES = {"x86_64": X86_64, "aarch64": AARCH64}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def limit_resources(memory_bytes: int, cpu_seconds: int, open_files: int = 64) -> None:
    """Limits of this process: address space, CPU time, no file may grow, no core dump, few open files."""
    wanted = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: open_files,
    }
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        capped = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # The soft CPU limit ends the process by a signal that says why; the hard one is there for who ignores it.
        ceiling = hard if kind == resource.RLIMIT_CPU and capped == hard else capped + (kind == resource.RLIMIT_CPU)
        try:
            resource.setrlimit(kind, (capped, ceiling))
        except (OSError, ValueError):
            if kind != resource.RLIMIT_AS:  # macOS does not let the address space be limited
                raise


def drop_privileges() -> None:
    """Linux: no setuid program gives rights back, nobody traces this process, and it ends with its parent."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    library.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def build_filter(calls: SystemCalls) -> bytes:
    """The BPF program (struct sock_filter, 8 bytes each): refuse with EACCES, kill for a foreign architecture."""
    refuse = (RETURN, 0, 0, RETURN_ERRNO | errno.EACCES)
    allow = (RETURN, 0, 0, RETURN_ALLOW)
    program: list[tuple[int, int, int, int]] = [
        (LOAD_WORD, 0, 0, ARCHITECTURE_OFFSET),
        (JUMP_EQUAL, 1, 0, calls.audit_architecture),
        (RETURN, 0, 0, RETURN_KILL_PROCESS),
        (LOAD_WORD, 0, 0, NUMBER_OFFSET),
    ]
    if calls is X86_64:
        program += [(JUMP_AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, RETURN_KILL_PROCESS)]
    for number in calls.refused:
        program += [(JUMP_EQUAL, 0, 1, number), refuse]
    # clone3 hides its flags behind a pointer: "not implemented" sends the C library back to clone.
    program += [(JUMP_EQUAL, 0, 1, calls.clone3), (RETURN, 0, 0, RETURN_ERRNO | errno.ENOSYS)]
    threads_only = [(LOAD_WORD, 0, 0, ARGUMENTS_OFFSET), (JUMP_ANY_BIT, 1, 0, CLONE_THREAD), refuse, allow]
    program += [(JUMP_EQUAL, 0, len(threads_only), calls.clone), *threads_only]
    # A thread may signal its own process (abort does), no other.
    own_signal = [(LOAD_WORD, 0, 0, ARGUMENTS_OFFSET), (JUMP_EQUAL, 1, 0, os.getpid()), refuse, allow]
    program += [(JUMP_EQUAL, 0, len(own_signal), calls.signal_thread), *own_signal]
    for number, flags_index in calls.opens:
        flags_offset = ARGUMENTS_OFFSET + 8 * flags_index
        read_only = [(LOAD_WORD, 0, 0, flags_offset), (JUMP_ANY_BIT, 0, 1, WRITE_FLAGS), refuse, allow]
        program += [(JUMP_EQUAL, 0, len(read_only), number), *read_only]
    program.append(allow)
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def install_filter() -> bool:
    """Install the seccomp filter; false where the kernel, the architecture or the container does not let us."""
    calls = ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or calls is None:
        return False
    code = build_filter(calls)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    library = ctypes.CDLL(None, use_errno=True)
    return (
        library.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0 and not can_open_socket()
    )


def leave_network() -> bool:
    """Move into an empty network namespace; false where that is not permitted."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    return library.unshare(CLONE_NEWNET) == 0 or library.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0


def can_open_socket() -> bool:
    """Whether this process may still open an internet socket: the filter is believed only when it was seen to work."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True


METHODS: tuple[tuple[str, Callable[[], bool]], ...] = (("seccomp", install_filter), ("unshare", leave_network))


def isolate_network(
    environment: Mapping[str, str], methods: Sequence[tuple[str, Callable[[], bool]]] = METHODS
) -> str | None:
    """Cut the network off by the first method that works and return its name: seccomp, unshare, or `none` where nothing
    works and ALLOW_UNISOLATED=1 is set. None: nothing works and untrusted files must not be parsed here."""
    for name, method in methods:
        if method():
            return name
    return "none" if environment.get(UNISOLATED_VARIABLE) == "1" else None
