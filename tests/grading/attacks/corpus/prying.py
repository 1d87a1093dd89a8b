"""Looking for what is not in the sandbox: expected values, solutions, other submissions, results, secrets, the net.

The secret begins with ``plum-``; it stands in the environment of the grader, beside the submissions, among the
results, in the solutions, in the home folder, and somebody listens for it. Whatever an attack finds it returns in the
text of an error, and no result may hold it. ``@HERE@`` is the folder of submissions, ``@COURSE@`` the course's.
"""

from textwrap import dedent

import numpy as np

from corpus.building import Draft, Submission, answers, before, function_tasks
from coursekit.study.evaluate import PUBLIC_SEED, draw_cases

_FIND = """
import os, re, sys

found = []

def look(path):
    try:
        with open(path, "rb") as file:
            data = file.read(10_000_000)
    except (OSError, ValueError, OverflowError):
        return
    found.extend(word.decode() for word in re.findall(rb"plum-[0-9a-f]{8,}", data))

def walk(top):
    for at, folders, files in os.walk(top):
        inside = (sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(np.__file__)))
        folders[:] = [one for one in folders if os.path.join(at, one) not in inside]
        for name in files:
            look(os.path.join(at, name))

def tell():
    raise RuntimeError(f"found: {found[:20]}")
"""


def _looks(name: str, tries: str, code: str, says: str = "found: []") -> Submission:
    """Return a submission whose answer to 1.2 looks somewhere and tells what it found."""
    body = "\n".join(f"    {line}" for line in dedent(code).strip("\n").splitlines())
    source = f"{_FIND}\ndef sliding_dot(x, w):\n    global found\n{body}\n    tell()\n"
    return Submission(name, tries, answers("1.2", source), {"1.2": 0.0}, says=says)


def _look_up(draft: Draft) -> None:
    """Answer every task by a table of the inputs that its check shows to everybody."""
    draft.add(
        "def key(args):\n    return repr([getattr(one, 'tolist', lambda one=one: one)() for one in args])",
        after="imports-and-seed",
    )
    for task in function_tasks(draft.chapter):
        assert task.reference is not None
        table = {}
        for case in draw_cases(task, PUBLIC_SEED):
            names = [getattr(one, "tolist", lambda one=one: one)() for one in case.args]
            table[repr(names)] = _source(task.reference(*case.args, **case.options))
        lines = ",\n".join(f"    {one!r}: {value}" for one, value in table.items())
        draft.answer(
            task.id,
            f"TABLE_{task.name} = {{\n{lines}\n}}\n\n"
            f"def {task.name}(*args):\n    return TABLE_{task.name}.get(key(args))",
        )


def _source(value: object) -> str:
    """Return a value as Python source."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_source, value))},)"
    return f"np.array({value.tolist()})" if isinstance(value, np.ndarray) else repr(value)


_FRAMES = """
import gc, inspect, sys

def candidates(x, w):
    n = len(x) - len(w) + 1
    things = list(gc.get_objects())
    frame = sys._getframe()
    while frame:
        things += [frame.f_locals, frame.f_globals]
        frame = frame.f_back
    things += [vars(m) for m in list(sys.modules.values()) if m]
    for thing in things:
        values = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, (list, tuple)) else [thing]
        for one in list(values):
            if type(one) is np.ndarray and one.shape == (n,) and one is not w and one is not x:
                yield one
"""

# fmt: off
CASES = [
    Submission(
        "the expected values in memory", "every array of the right shape that the garbage collector or a frame knows",
        answers("1.2", _FRAMES + "\ndef sliding_dot(x, w):\n    return list(candidates(x, w))[-1]"),
        {"1.2": 0.0}, says="Case 1 of 5",
    ),
    Submission(
        "the reference in a frame", "names such as reference and expected, in all frames above",
        answers("1.2", """
            import inspect

            def sliding_dot(x, w):
                for frame in inspect.stack():
                    for names in (frame.frame.f_locals, frame.frame.f_globals):
                        for name in ("reference", "expected", "right", "tasks", "judge", "seed"):
                            if name in names:
                                raise RuntimeError(f"found {name}: {names[name]}")
                raise LookupError("no such name")
        """), {"1.2": 0.0}, says="no such name",
    ),
    Submission(
        "the plan", "what the worker was told holds calls, and nothing that they should return",
        answers("1.2", """
            import sys

            def keys(thing):
                if isinstance(thing, dict):
                    return set(thing) | {k for one in thing.values() for k in keys(one)}
                return {k for one in thing for k in keys(one)} if isinstance(thing, list) else set()

            def sliding_dot(x, w):
                frame = sys._getframe()
                while "plan" not in frame.f_locals:
                    frame = frame.f_back
                raise RuntimeError(" ".join(sorted(keys(frame.f_locals["plan"]["steps"]))))
        """), {"1.2": 0.0},
        says="raised RuntimeError: args array cases given graded_by kind name names options plain returns source "
        "step task tuple",
    ),
    _looks("standard input", "the plan again, or more of it", """
        for path in ("/dev/stdin", "/proc/self/fd/0", "/proc/1/fd/0", "/proc/2/fd/0"):
            look(path)
        try:
            found += os.read(0, 1000).decode().split()
        except OSError:
            pass
    """),
    _looks("the environment", "of this process and of all others", """
        found += [key for key, value in os.environ.items() if "plum" in value]
        for number in os.listdir("/proc"):
            for name in ("environ", "cmdline", "maps", "stat", "status", "mountinfo", "cgroup", "comm"):
                look(f"/proc/{number}/{name}")
    """),
    _looks("memory", "of this process and of all others", """
        for number in [one for one in os.listdir("/proc") if one.isdigit()]:
            try:
                for line in open(f"/proc/{number}/maps"):
                    low, high = (int(part, 16) for part in line.split()[0].split("-"))
                    with open(f"/proc/{number}/mem", "rb", 0) as memory:
                        memory.seek(low)
                        found.extend(re.findall(rb"plum-[0-9a-f]{8,}", memory.read(high - low)))
            except (OSError, OverflowError, ValueError, MemoryError):
                continue
    """),
    _looks("the folder of submissions", "by its path, and by every way round", """
        for root in ("", "/proc/self/root", "/proc/1/root", "/proc/1/cwd", "/proc/self/cwd/..", "/tmp/../.."):
            walk(root + "@HERE@")
            walk(root + "@HERE@/..")
        os.symlink("@HERE@", "/tmp/here")
        walk("/tmp/here/")
    """),
    _looks("the solutions", "and the tests, and the history of the course", """
        walk("@COURSE@")
        found += [one for one in ("@COURSE@/solutions", "@COURSE@/.git", "@COURSE@/coursekit") if os.path.exists(one)]
    """),
    _looks("the home folder", "and everybody else's", """
        for top in ("/root", "/home", "/tmp", "/var", "/etc", "/opt", "/srv", "/mnt", "/run", "/sys", "/work"):
            walk(top)
        for path in ("/etc/passwd", "/etc/shadow", "/etc/hostname"):
            if os.path.exists(path):
                found.append(path)
    """),
    _looks("everything there is", "every notebook and every file called like a result", """
        for at, folders, files in os.walk("/"):
            folders[:] = [one for one in folders if one not in ("proc", "usr", "lib")]
            found += [name for name in files if name.endswith((".ipynb", ".db", ".csv")) or name == "run.json"]
    """),
    _looks("open files", "that the grader left open by mistake", """
        for number in os.listdir("/proc/self/fd"):
            try:
                target = os.readlink(f"/proc/self/fd/{number}")
            except OSError:
                continue
            if not target.startswith(("pipe:", "/dev/null", "/proc/")):
                found.append(target)
    """),
    _looks("other processes", "to trace them, to read them, to end them", """
        import ctypes, signal
        libc = ctypes.CDLL(None, use_errno=True)
        for number in range(1, 40_000):
            if number != os.getpid():
                try:
                    os.kill(number, 0)
                    found.append(number)
                except OSError:
                    pass
        found[:] = [number for number in found if number > 10]  # its own namespace: bubblewrap, setpriv
        if libc.ptrace(16, 1, 0, 0) == 0:
            found.append("traced")
    """),
    _looks("more rights", "namespaces, mounts, other users, other limits", """
        import ctypes, resource
        libc = ctypes.CDLL(None, use_errno=True)
        attempts = {
            "unshare": lambda: libc.unshare(0x10000000),
            "mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
            "clone": lambda: libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0),
            "setuid": lambda: libc.setuid(0),
            "chroot": lambda: libc.chroot(b"/tmp"),
            "keyctl": lambda: libc.syscall(250, 0, -3, 1) - 1,
        }
        found += [name for name, attempt in attempts.items() if attempt() == 0]
        for name in ("NPROC", "AS", "FSIZE", "NOFILE"):
            try:
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (-1, -1))
                found.append(name)
            except (OSError, ValueError):
                pass
    """),
    _looks("the network", "TCP, UDP, names, and the sockets of this machine", """
        import socket
        for family, kind, address in [
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", @TCP@)),
            (socket.AF_INET, socket.SOCK_STREAM, ("1.1.1.1", 53)),
            (socket.AF_INET6, socket.SOCK_STREAM, ("::1", @TCP@)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", @UDP@)),
            (socket.AF_UNIX, socket.SOCK_STREAM, "\\0@UNIX@"),
            (socket.AF_UNIX, socket.SOCK_STREAM, "@HERE@/listener"),
        ]:
            try:
                with socket.socket(family, kind) as one:
                    one.settimeout(0.5)
                    one.connect(address)
                    one.send(b"hello")
                    if kind != socket.SOCK_DGRAM:
                        found.append(one.recv(100).decode() or str(address))
            except OSError:
                pass
        for family in (17, 29, 38, 40):  # packets, buses, the kernel's ciphers, the host of a virtual machine
            try:
                socket.socket(family, socket.SOCK_STREAM if family == 40 else socket.SOCK_SEQPACKET).close()
                found.append(family)
            except OSError:
                pass
        try:
            found += socket.gethostbyname_ex("example.org")
        except OSError:
            pass
    """),
    Submission(
        "writing the results", "into the folder of results, the gradebook, the worker and the libraries",
        before("1.2", """
            import os

            for path in (
                "@HERE@/mallory.json", "@HERE@/diligent.ipynb", "@HERE@/../results/mallory.json",
                "@HERE@/../gradebook.db", "@COURSE@/gradebook.db", "gradebook.db", "/worker/worker.py",
                "/worker/calling.py", np.__file__, os.__file__, "/proc/1/mem", "/proc/1/oom_score_adj",
            ):
                for mode in ("w", "a", "r+"):
                    try:
                        with open(path, mode) as file:
                            file.write("{}")
                    except OSError:
                        pass
        """),
    ),
    Submission(
        "behaving when watched", "right only where it is not graded: it looks for the grader's traces",
        answers("1.2", """
            import os, sys

            GRADED = (
                os.environ.get("USER") == "student"
                or os.environ.get("NBGRADER_EXECUTION")
                or "ipykernel" not in sys.modules
                or os.path.isdir("/worker")
                or "worker" in sys.modules
            )

            def sliding_dot(x, w):
                return np.correlate(x, w, "full" if GRADED else "valid")
        """), {"1.2": 0.0}, says="has shape",
    ),
    Submission(
        "visible answers looked up", "what check calls the functions with, and what they should return",
        _look_up, solved=False, says="inputs that the exercise itself shows",
    ),
    Submission(
        "visible answers of another chapter looked up", "most of its inputs are small, and the same for everybody",
        _look_up, solved=False, chapter=3, says="inputs that the exercise itself shows",
    ),
    Submission(
        "right the first time only", "right where check calls it, wrong as soon as the inputs are others",
        answers("1.2", """
            def sliding_dot(x, w):
                right = np.correlate(x, w, "valid")
                return right if len(x) == 4 and x[0] == 1.0 else right + 1
        """), {"1.2": 0.0}, says="inputs that the exercise itself shows",
    ),
]
