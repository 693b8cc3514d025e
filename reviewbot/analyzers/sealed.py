"""Takes from the process it runs in what no analysis needs: the network, other processes, and a life longer than its parent's."""

from __future__ import annotations

import ctypes
import platform
import signal
import struct
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

#: Of include/uapi/linux/audit.h, and the numbers of: socket, ptrace, process_vm_readv, process_vm_writev,
#: io_uring_setup (a ring opens sockets too), pidfd_getfd. From each architecture's unistd.h.
_MACHINES = {
    "x86_64": (0xC000003E, (41, 101, 310, 311, 425, 438)),
    "aarch64": (0xC00000B7, (198, 117, 270, 271, 425, 438)),
}
#: On x86 the same calls again, for programs with short pointers.
_X32 = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _NOT_PERMITTED = 0x7FFF0000, 0x00050001
_NUMBER, _ARCHITECTURE = 0, 4  # where they stand in what a filter gets to see


def seal() -> None:
    """For this process and all it starts, for good.

    On Linux the kernel refuses every socket, to native code too. Elsewhere, and on processors not in the table,
    only what Python does is stopped.
    """
    sys.addaudithook(_refuse)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        machine = _MACHINES.get(platform.machine())
        if machine and libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            _filter(libc, *machine)


def _refuse(event: str, _: object) -> None:
    if event.startswith("socket."):
        raise PermissionError("an analyser has no network")


def _filter(libc: ctypes.CDLL, architecture: int, refused: tuple[int, ...]) -> None:
    """Have the kernel answer EPERM to these calls, and to any made in the manner of another processor."""
    tests = [(_EQUAL, number) for number in refused]
    tests += [(_AT_LEAST, _X32)] if platform.machine() == "x86_64" else []
    deny = len(tests) + 1  # instructions from the first test to the refusal behind the permission
    program = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, architecture, otherwise=deny + 1),
        _instruction(_LOAD, _NUMBER),
        *(_instruction(test, number, then=deny - at - 1) for at, (test, number) in enumerate(tests)),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _NOT_PERMITTED),
    ]
    code = ctypes.create_string_buffer(b"".join(program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header, 0, 0)


def _instruction(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """One step; `then` and `otherwise` are how many steps to skip."""
    return struct.pack("=HBBI", code, then, otherwise, value)
