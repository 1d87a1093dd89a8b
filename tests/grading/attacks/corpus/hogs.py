"""What takes all there is: memory, disk, output."""

from textwrap import dedent

from corpus.building import Submission, answers, before
from coursekit.grading.result import CRASHED, TIMED_OUT

_NO_POINTS = {"1.2": 0.0}
_TOO_MUCH = "took more than 600 MB"


def _hog(name: str, tries: str, code: str, **expected: object) -> Submission:
    """Return a submission whose answer to 1.2 does nothing but take."""
    options: dict[str, object] = {"points": _NO_POINTS, "state": CRASHED, "says": _TOO_MUCH}
    return Submission(name, tries, answers("1.2", dedent(code)), **{**options, **expected})  # type: ignore[arg-type]


# fmt: off
CASES = [
    _hog("a memory hog", "all of the machine's memory, in one process", """
        def sliding_dot(x, w):
            held = []
            while True:
                held.append(np.ones(1_000_000))
    """, state="graded", says="MemoryError"),
    _hog("a large list", "the same without NumPy", """
        def sliding_dot(x, w):
            return list(range(10**9))
    """, state="graded", says="MemoryError"),
    _hog("many small memory hogs", "each process stays below the limit of one", """
        import os, time

        def sliding_dot(x, w):
            for _ in range(20):
                if os.fork() == 0:
                    held = np.ones(12_000_000)
                    time.sleep(1000)
            time.sleep(1000)
    """),
    _hog("shared memory", "pages that belong to many processes", """
        import mmap, os, time

        def sliding_dot(x, w):
            held = []
            for _ in range(20):
                held.append(mmap.mmap(-1, 100_000_000))
                if os.fork() == 0:
                    for one in held:
                        one.write(b"x" * 100_000_000)
                    time.sleep(1000)
                held.pop().close()
            time.sleep(1000)
    """),
    _hog("memory of nobody", "memfd: pages that no process has mapped", """
        import os

        def sliding_dot(x, w):
            held = []
            while True:
                held.append(os.memfd_create("held"))
                os.write(held[-1], b"x" * 60_000_000)
    """, state="graded", says="PermissionError"),
    _hog("System V memory", "pages that outlive their process", """
        import ctypes

        def sliding_dot(x, w):
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.shmget(0, 100_000_000, 0o1600) < 0:
                raise OSError(ctypes.get_errno(), "shmget")
    """, state="graded", says="shmget"),
    _hog("a full disk", "to fill /tmp and /dev/shm, and to write where it can; both are small and gone afterwards", """
        import os

        def sliding_dot(x, w):
            for folder in ("/tmp", "/dev/shm", "/var/tmp", "/home", "/", "/worker", "/usr/lib", "/dev"):
                for k in range(100):
                    try:
                        with open(f"{folder}/full{k}", "wb") as file:
                            for _ in range(50):
                                file.write(b"x" * 1_000_000)
                    except OSError:
                        break
            raise OSError("full: " + ", ".join(
                folder for folder in ("/tmp", "/dev/shm") if os.statvfs(folder).f_bavail == 0
            ))
    """, state="graded", says="full: /tmp, /dev/shm"),
    _hog("one large file", "more than one file may have", """
        def sliding_dot(x, w):
            with open("/tmp/large", "wb") as file:
                file.seek(10**12)
                file.write(b"x")
    """, state="graded", says="File too large"),
    _hog("many empty files", "they take memory of the kernel's, next to pages of its own that are just allowed", """
        import os

        def sliding_dot(x, w):
            held = np.ones(60_000_000)
            k = 0
            while True:
                os.mkdir(f"/tmp/{k}")
                os.symlink("x" * 120, f"/dev/shm/{k}")
                k += 1
    """),
    _hog("full sockets", "memory of the kernel's: what was sent and nobody takes", """
        import os, socket, time

        def sliding_dot(x, w):
            for _ in range(60):
                if os.fork() == 0:
                    break
            held = []
            try:
                while True:
                    held += socket.socketpair()
                    for one in held[-2:]:
                        one.setblocking(False)
                        try:
                            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10**9)
                        except OSError:
                            pass
                        try:
                            while True:
                                one.send(b"x" * 100_000)
                        except BlockingIOError:
                            pass
            except OSError:
                time.sleep(1000)
    """),
    Submission(
        "a gigabyte printed", "to fill the log",
        answers("1.2", """
            import os, sys

            def sliding_dot(x, w):
                line = "x" * 1_000_000
                for _ in range(500):
                    print(line)
                    print(line, file=sys.stderr)
                    os.write(1, line.encode())
                    os.write(2, line.encode())
                return np.correlate(x, w, "valid")
        """),
    ),
    Submission(
        "a gigabyte written to the grader", "to fill its memory",
        before("1.2", """
            import os

            for number in range(3, 256):
                try:
                    for _ in range(1000):
                        os.write(number, b"\\0" * 1_000_000)
                except OSError:
                    pass
        """), says="ended Python",
    ),
    _hog("a message that never ends", "to be waited for: a head that claims 60 MB, and one byte a second", """
        import os, struct, time

        def sliding_dot(x, w):
            for number in range(3, 256):
                try:
                    os.write(number, struct.pack(">II", 900_000, 60_000_000))
                except OSError:
                    continue
                while True:
                    time.sleep(0.1)
                    os.write(number, b"x")
    """, state=TIMED_OUT, says="did not come back", seconds=1.5),
    _hog("a message of nothing but brackets", "small on the wire, large once it is read", """
        import os, struct

        def sliding_dot(x, w):
            if len(w) > 2:
                return
            text = memoryview(b'{"x": [' + b"{}," * 20_000_000 + b"{}]}")
            for number in range(3, 256):
                try:
                    os.write(number, struct.pack(">II", len(text), 0))
                except OSError:
                    continue
                while text:
                    text = text[os.write(number, text):]
    """, says="ended Python"),
    _hog("millions of small messages", "to keep the grader reading beyond its time", """
        import os, struct

        def sliding_dot(x, w):
            text = b'{"x": 1}'
            many = (struct.pack(">II", len(text), 0) + text) * 100_000
            for number in range(3, 256):
                try:
                    while True:
                        os.write(number, many)
                except OSError:
                    continue
    """, says="ended Python"),
    _hog("millions of arrays", "each of them costs a moment to read", """
        import os, struct

        def sliding_dot(x, w):
            head = b"{'descr':'<f8','fortran_order':False,'shape':(0,)}"
            one = b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(head)) + head
            many = one * (60_000_000 // len(one))
            text = b'{"x": 1}'
            for number in range(3, 256):
                try:
                    os.write(number, struct.pack(">II", len(text), len(many)) + text)
                    many = memoryview(many)
                except OSError:
                    continue
                while many:
                    many = many[os.write(number, many):]
    """, says="ended Python"),
]
