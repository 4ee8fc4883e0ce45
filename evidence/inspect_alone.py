"""No network and no other program for the inspecting child: a seccomp filter, Linux on x86-64 and arm64.

It needs no privilege and holds inside containers. Elsewhere the child has no socket open, and its decoders are given
bytes and never addresses; docs/evidence.md says so.
"""

import ctypes
import platform
import struct
import sys

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # errno EACCES
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_OTHER_NUMBERING = 0x40000000  # x32's names for the same calls on x86-64
_CALL_NUMBER, _ARCHITECTURE = 0, 4

# socket, connect, bind, execve, ptrace, socketpair …, execveat, io_uring_setup (which would get round the others)
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 43, 44, 49, 50, 53, 59, 101, 322, 425)),
    "aarch64": (0xC00000B7, (198, 199, 200, 201, 202, 203, 206, 117, 221, 281, 425)),
}


def refuse_network() -> bool:
    """From now on this process and its children can neither open a connection nor start a program.

    Returns whether the kernel holds them to it. Raises OSError where it should but does not: the file stays unread.
    """
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    architecture, calls = _CALLS[platform.machine()]
    program = _program(architecture, calls)
    code = ctypes.create_string_buffer(program, len(program))
    call = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(_SET_SECCOMP, _FILTER, call, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel took no seccomp filter")
    return True


def _program(architecture: int, calls: tuple[int, ...]) -> bytes:
    """Refuse the named calls, and every call of another architecture's numbering; allow the rest."""
    lines = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE)]
    lines += [(_LOAD, 0, 0, _CALL_NUMBER), (_AT_LEAST, len(calls) + 1, 0, _OTHER_NUMBERING)]
    for index, call in enumerate(calls):
        lines.append((_EQUAL, len(calls) - index, 0, call))
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
