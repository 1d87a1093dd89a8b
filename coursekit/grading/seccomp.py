"""Forbid what no exercise needs and what would get round the limits of the sandbox.

A filter for Linux's seccomp, which bubblewrap installs: new namespaces (in which anybody may mount memory),
memory without an owner that nobody would count (memfd, System V, large buffers of sockets), sockets to
whatever no namespace holds back (the host of a virtual machine), other processes' memory, the kernel's
keyrings, tracing and io_uring all answer "not permitted". Everything else passes.
"""

import platform
import struct

# numbers of the system calls: x86_64, aarch64
_NUMBERS = {
    "add_key": (248, 217),
    "bpf": (321, 280),
    "fsopen": (430, 430),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "msgget": (68, 186),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setns": (308, 268),
    "shmget": (29, 194),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_SOCKET, _SOCKETPAIR, _SETSOCKOPT = (41, 198), (53, 199), (54, 208)
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: each namespace has its own
_BUFFERS = (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_X32 = 0x40000000  # the second set of numbers on x86_64

# the instructions of the filter's language (classic BPF) that are used here
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_MACHINE, _AT_FIRST_ARGUMENT, _AT_THIRD_ARGUMENT = 0, 4, 16, 32
_ALLOW, _REFUSE, _NO_SUCH_CALL = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38  # EPERM, ENOSYS


def known_machine() -> bool:
    """Tell whether there is a filter for this kind of machine."""
    return platform.machine() in _MACHINES


def program() -> bytes:
    """Return the filter for this kind of machine, as bubblewrap's ``--seccomp`` reads it.

    Raises:
        KeyError: there is no filter for this kind of machine.
    """
    column, architecture = _MACHINES[platform.machine()]
    lines = [
        (_LOAD, 0, 0, _AT_MACHINE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _AT_NUMBER),
    ]
    if column == 0:
        lines += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]
    for numbers in _NUMBERS.values():
        lines += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _REFUSE)]
    # clone3 hides its flags from a filter; told that there is none, libraries use clone
    lines += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _NO_SUCH_CALL)]
    lines += _only_if(
        _CLONE[column],
        _AT_FIRST_ARGUMENT,
        [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), (_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)],
    )
    for number in (_SOCKET[column], _SOCKETPAIR[column]):
        allowed = [line for n in _FAMILIES for line in ((_EQUAL, 0, 1, n), (_RETURN, 0, 0, _ALLOW))]
        lines += _only_if(number, _AT_FIRST_ARGUMENT, [*allowed, (_RETURN, 0, 0, _REFUSE)])
    refused = [line for n in _BUFFERS for line in ((_EQUAL, 0, 1, n), (_RETURN, 0, 0, _REFUSE))]
    lines += _only_if(_SETSOCKOPT[column], _AT_THIRD_ARGUMENT, [*refused, (_RETURN, 0, 0, _ALLOW)])
    lines += [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


_Line = tuple[int, int, int, int]


def _only_if(number: int, argument: int, decision: list[_Line]) -> list[_Line]:
    """Return the lines that decide about one system call by one of its arguments; all of them end in a return."""
    return [(_EQUAL, 0, len(decision) + 1, number), (_LOAD, 0, 0, argument), *decision]
