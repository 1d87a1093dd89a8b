"""What will not end, ends Python, or breeds: time and processes."""

from textwrap import dedent, indent

from corpus.building import Draft, Make, Submission, answers, before, both, function_tasks
from coursekit.grading.result import CRASHED, GRADED, TIMED_OUT

_NO_POINTS = {"1.2": 0.0}
_RIGHT = 'def sliding_dot(x, w):\n    return np.correlate(x, w, "valid")\n'
_ENDLESS = "sum(iter(int, 1))"  # in compiled code: Python never looks at its signals
_STUBBORN = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


def _hangs(
    name: str,
    tries: str,
    make: Make,
    points: dict[str, float] = _NO_POINTS,
    state: str = TIMED_OUT,
    says: str = "did not come back within 1.5 seconds",
    seconds: float = 1.5,
) -> Submission:
    return Submission(name, tries, make, points, state, says, seconds=seconds)


def _ends(name: str, tries: str, code: str) -> Submission:
    """Return a submission whose answer to 1.2 ends Python."""
    source = "import ctypes, os, signal, sys, time\n\ndef sliding_dot(x, w):\n" + indent(
        dedent(code), "    "
    )
    return Submission(
        name, tries, answers("1.2", source), _NO_POINTS, CRASHED, "ended Python itself"
    )


def _break_every_cell(draft: Draft) -> None:
    for cell in draft.cells:
        if cell["cell_type"] == "code":
            draft.write(cell["id"], draft.source(cell["id"]) + "\nimport os; os._exit(1)")


# fmt: off
CASES = [
    _hangs(
        "an endless loop", "to keep the grader waiting",
        answers("1.2", "def sliding_dot(x, w):\n    while True:\n        pass"),
    ),
    _hangs(
        "an endless loop that ignores every signal", "to survive what should stop it",
        answers("1.2", """
            import signal

            def sliding_dot(x, w):
                for number in range(1, 65):
                    try:
                        signal.signal(number, signal.SIG_IGN)
                    except (OSError, ValueError):
                        pass
                signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        """ + indent(_STUBBORN, " " * 16)),
    ),
    _hangs(
        "an endless loop in the last case only", "the time is that of all calls together; what came before counts",
        answers("1.2", """
            def sliding_dot(x, w):
                while len(w) == 5:
                    pass
                return np.correlate(x, w, "valid")
        """), {"1.2": 2.4}, says="Case 5 of 5",
    ),
    _hangs(
        "an endless loop in compiled code", "Python's own alarm never rings",
        answers("1.2", f"def sliding_dot(x, w):\n    return {_ENDLESS}"),
    ),
    _hangs(
        "an endless loop below an answer", "the cell is stopped; the answer was defined before, and counts",
        answers("1.2", _RIGHT + "while True:\n    pass"), {}, GRADED, "was stopped after 1.5 seconds",
    ),
    _hangs(
        "an endless cell in compiled code", "the cell cannot be stopped, and takes its answer with it",
        answers("1.2", _RIGHT + _ENDLESS), state=GRADED, says="did not come to its end",
    ),
    _hangs(
        "an endless cell that will not be stopped", "it catches what should stop it",
        answers("1.2", _RIGHT + _STUBBORN), state=GRADED, says="did not come to its end",
    ),
    _hangs(
        "a sleeper without an alarm", "it takes the alarm clock away, then waits",
        before("1.2", """
            import signal, time
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal = signal.setitimer = lambda *args: None
            time.sleep(1000)
        """), {}, GRADED, "Code cell 4 was left out: it ran too long",
    ),
    _hangs(
        "endless cells everywhere", "each costs the grader its patience; there is an end to it",
        both(*(before("1.2", _ENDLESS) for _ in range(12))),
        {task.id: 0.0 for task in function_tasks(1) if task.id != "1.1"},
        says="did not come back within 1 seconds", seconds=1.0,
    ),
    _hangs(
        "a stopped process", "neither ends nor works",
        answers("1.2", "import os, signal\n\ndef sliding_dot(x, w):\n    os.kill(os.getpid(), signal.SIGSTOP)"),
    ),
    _hangs(
        "a fork bomb", "to use up the machine's processes",
        answers("1.2", """
            import os

            def sliding_dot(x, w):
                while True:
                    try:
                        os.fork()
                    except OSError:
                        pass
        """),
    ),
    _hangs(
        "a thread bomb", "to use up the machine's threads",
        answers("1.2", """
            import threading

            def spin():
                while True:
                    pass

            def sliding_dot(x, w):
                while True:
                    try:
                        threading.Thread(target=spin, daemon=True).start()
                    except RuntimeError:
                        pass
        """),
    ),
    _ends("os._exit", "to leave before anything is written", "os._exit(0)"),
    _ends("a signal to itself", "the same, not to be caught", "os.kill(os.getpid(), signal.SIGKILL)"),
    _ends("a segmentation fault", "the same, by accident or not", "ctypes.string_at(0)"),
    _ends("a stack overflow", "the same, by iterators in iterators, which nobody counts", """
        nest = iter([])
        for _ in range(10**6):
            nest = map(abs, nest)
        return list(nest)
    """),
    _ends("a signal to everybody", "to end the sandbox around it", """
        for kill, number in [(os.kill, os.getppid()), (os.kill, 1), (os.killpg, 0), (os.kill, -1)]:
            try:
                kill(number, signal.SIGKILL)
            except OSError:
                pass
        os.kill(os.getpid(), signal.SIGKILL)
    """),
    _ends("a daemon that holds the pipe", "for the grader to wait for the end of the pipe, which never comes", """
        if os.fork() == 0:
            os.setsid()
            time.sleep(1000)
        os._exit(0)
    """),
    Submission(
        "sys.exit in an answer", "to end the program that calls it",
        answers("1.2", "import sys\n\ndef sliding_dot(x, w):\n    sys.exit(0)"), _NO_POINTS, says="raised SystemExit",
    ),
    Submission(
        "os._exit in every cell", "to be started anew for ever",
        _break_every_cell, {task.id: 0.0 for task in function_tasks(1)}, says="Code cell 2 was left out",
    ),
    Submission(
        "a daemon left behind", "to go on when the grader has moved on; the answer is right, and counts",
        answers("1.2", """
            import os, signal, time

            def sliding_dot(x, w):
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        for number in range(3, 256):
                            try:
                                os.close(number)
                            except OSError:
                                pass
                        signal.signal(signal.SIGTERM, signal.SIG_IGN)
                        while True:
                            time.sleep(1000)
                    os._exit(0)
                return np.correlate(x, w, "valid")
        """),
    ),
    Submission(
        "a child that goes on", "two processes return; one of them is heard",
        answers("1.2", _RIGHT.replace("    return", "    import os; os.fork()\n    return")),
    ),
]
