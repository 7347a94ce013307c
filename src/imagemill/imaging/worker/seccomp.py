"""A filter on system calls (Linux seccomp): no network, no other process, no change to a file.

Source: Documentation/userspace-api/seccomp_filter.rst of Linux. The filter is a program of classic
BPF over `struct seccomp_data`: the call's number at byte 0, the architecture at 4, and the
arguments, 8 bytes each, from 16. Reading files stays allowed, because decoders are loaded on first
use.
"""

import ctypes
import os
import struct
from errno import ENOSYS, EPERM

# By machine: AUDIT_ARCH_* of linux/audit.h, and the index of the columns below.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
# Numbers of the refused calls on x86_64 and aarch64, None where there is none: asm/unistd.h.
_REFUSED: dict[str, tuple[int | None, int]] = {
    # Network, and files passed through sockets.
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # Rings that make other calls, past this filter.
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    # Programs, and other processes.
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "shmget": (29, 194),
    "msgget": (68, 186),
    # Files.
    "truncate": (76, 45),
    "unlinkat": (263, 35),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "mkdirat": (258, 34),
    "mknodat": (259, 33),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "utimensat": (280, 88),
    # Namespaces, keys and the kernel itself.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
# Calls that only x86_64 has: fork, vfork, creat, unlink, rename, link, symlink, mkdir, rmdir,
# mknod, chmod, chown, lchown.
_REFUSED_ON_X86 = (57, 58, 85, 87, 82, 86, 88, 83, 84, 133, 90, 92, 94)
# From this number on x86_64 has a second set of the same calls: x32.
_X32 = 0x40000000
# Calls whose flags the filter cannot see, clone3 and openat2; glibc then makes the older call.
_UNSUPPORTED = (435, 437)
# Numbers on x86_64 and aarch64 of the calls that depend on an argument.
_OPEN, _OPENAT, _CLONE, _KILL, _TGKILL = (2, None), (257, 56), (56, 220), (62, 129), (234, 131)
# Flags of opening for other purposes than reading: fcntl.h.
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# CLONE_THREAD of sched.h: the call makes a thread, not a process.
_THREAD = 0x10000
# Instructions of linux/bpf_common.h: load a word, jump if equal, greater or equal, any bit set;
# return.
_LOAD, _EQUAL, _FROM, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
# SECCOMP_RET_ALLOW, and SECCOMP_RET_ERRNO with the error.
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT, _ARGUMENT_BYTES = 0, 4, 16, 8
# PR_SET_SECCOMP and SECCOMP_MODE_FILTER: linux/prctl.h, linux/seccomp.h.
_SET_SECCOMP, _FILTER = 22, 2

# Code, operand, and the names of the instructions that follow if a condition holds and if not;
# "" is the next one.
_Instruction = tuple[int, int, str, str]


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install(library: ctypes.CDLL, machine: str, process: int) -> bool:
    """Restrict this process for good; return False if the kernel or the machine cannot.

    `library` is the C library, `process` the id of this process. Threads that exist already are not
    restricted.
    """
    if machine not in _MACHINES:
        return False
    code = program(machine, process)
    filters = _Program(len(code) // 8, code)
    return not library.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(filters), 0, 0)


def program(machine: str, process: int) -> bytes:
    """Return the filter's instructions, 8 bytes each."""
    architecture, at = _MACHINES[machine]
    refused = [numbers[at] for numbers in _REFUSED.values()]
    steps: list[_Instruction] = [
        (_LOAD, _ARCHITECTURE_AT, "", ""),
        (_EQUAL, architecture, "", "refuse"),
        (_LOAD, _NUMBER_AT, "", ""),
    ]
    if machine == "x86_64":
        steps.append((_FROM, _X32, "refuse", ""))
        refused += _REFUSED_ON_X86
    steps += [(_EQUAL, number, "refuse", "") for number in refused if number is not None]
    steps += [(_EQUAL, number, "unsupported", "") for number in _UNSUPPORTED]
    if (number := _OPEN[at]) is not None:
        steps += _by_argument(number, 1, (_ANY_BIT, _WRITES, "refuse", "allow"))
    steps += _by_argument(_OPENAT[at], 2, (_ANY_BIT, _WRITES, "refuse", "allow"))
    steps += _by_argument(_CLONE[at], 0, (_ANY_BIT, _THREAD, "allow", "refuse"))
    steps += _by_argument(_KILL[at], 0, (_EQUAL, process, "allow", "refuse"))
    steps += _by_argument(_TGKILL[at], 0, (_EQUAL, process, "allow", "refuse"))
    return _assembled(steps)


def _by_argument(number: int, argument: int, test: _Instruction) -> list[_Instruction]:
    """Return instructions that test the low half of an argument of one call."""
    low_half_at = _ARGUMENTS_AT + _ARGUMENT_BYTES * argument
    return [(_EQUAL, number, "", "skip two"), (_LOAD, low_half_at, "", ""), test]


def _assembled(steps: list[_Instruction]) -> bytes:
    """Append the three ends, and turn names into distances from the following instruction."""
    ends = {"allow": _ALLOW, "refuse": _ERROR | EPERM, "unsupported": _ERROR | ENOSYS}
    code = b""
    for at, (operation, operand, if_true, if_false) in enumerate(steps):
        to_ends = {name: len(steps) - at - 1 + end for end, name in enumerate(ends)}
        distances = {"": 0, "skip two": 2} | to_ends
        code += struct.pack("=HBBI", operation, distances[if_true], distances[if_false], operand)
    return code + b"".join(struct.pack("=HBBI", _RETURN, 0, 0, value) for value in ends.values())
