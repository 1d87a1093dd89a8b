"""Messages to the grader, written by the submission itself.

It shares a process with the worker, so it can write on the worker's pipe whatever it likes. That may score what an
own right answer would score, no more, and must not get the grader out of step.
"""

from textwrap import dedent

from corpus.building import Draft, Submission, answers, both, first, function_tasks, last
from coursekit.grading.result import CRASHED

_PIPE = """
import io, json, os, stat, struct

def write(data):
    for number in range(3, 256):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                while data:
                    data = data[os.write(number, data):]
        except OSError:
            pass

def tell(message, *arrays):
    blob = b"".join(npy(one) for one in arrays)
    text = message if isinstance(message, bytes) else json.dumps(message).encode()
    write(struct.pack(">II", len(text), len(blob)) + text + blob)

def npy(array):
    if isinstance(array, bytes):
        return array
    import numpy
    file = io.BytesIO()
    numpy.save(file, array, allow_pickle=True)
    return file.getvalue()

def head(text, data=b""):
    text = text.encode() + b"\\n"
    return b"\\x93NUMPY\\x01\\x00" + struct.pack("<H", len(text)) + text + data

import numpy as np
"""
_MORE_THAN_ITS_OWN = {task.id: 0.0 for task in function_tasks(1)} | {"1.2": 3.0}


def _forges(name: str, tries: str, code: str, **more: object) -> Submission:
    """Return a submission without answers whose first cell writes to the grader."""
    return Submission(name, tries, first(_PIPE + dedent(code)), solved=False, **more)  # type: ignore[arg-type]


def _disturbs(name: str, tries: str, code: str) -> Submission:
    """Return a submission with right answers whose first cell sends one message that is to be ignored."""
    return Submission(name, tries, first(_PIPE + dedent(code)))


def _breaks(name: str, tries: str, *codes: str) -> Submission:
    """Return a submission with right answers whose first cells break the conversation: those cells are left out."""

    def make(draft: Draft) -> None:
        for code in reversed(codes):
            draft.add(code, before="exercises-title")
        draft.add(_PIPE, before=draft.cells[0]["id"])

    left_out = [
        f"Code cell {k} was left out: it ended Python or took too much memory."
        for k in range(2, 2 + len(codes))
    ]
    return Submission(name, tries, make, says="\n".join(left_out))


# fmt: off
CASES = [
    _forges("points for everything", "the messages that a trusting grader would believe", """
        for step in range(40):
            tell({"step": step, "case": 0, "points": 4, "passed": 6, "total": 6, "status": "passed", "value": True})
            tell({"task": "1.2", "end": step, "points": 3.0, "verdict": "passed"})
        tell({"results": {"1.2": 3.0}, "state": "graded", "score": 18})
    """, state="", says="left out"),
    _forges("guessed results", "zeros, ones and NaN for every case of every task", """
        for step in range(40):
            for case in range(8):
                tell({"step": step, "case": case, "used": None, "changed": "", "value": {"array": 0}}, np.zeros(3))
    """, state="", says="left out"),
    Submission(
        "more results than cases", "after a wrong answer",
        both(
            answers("1.2", "def sliding_dot(x, w):\n    return np.zeros(len(x) - len(w) + 1)"),
            last(_PIPE + dedent("""
                for case in range(5, 50):
                    tell({"step": 4, "case": case, "value": {"array": 0}}, np.zeros(3))
            """)),
        ),
        {"1.2": 0.0}, says="expected",
    ),
    _forges("the results of one's own right function", "sent by hand, which is an answer too", """
        import sys
        frame = sys._getframe()
        while "plan" not in frame.f_locals:
            frame = frame.f_back
        arrays = frame.f_locals["arrays"]
        for step in frame.f_locals["plan"]["steps"]:
            if step.get("name") == "sliding_dot":
                for k, case in enumerate(step["cases"]):
                    x, w = (arrays[one["array"]] for one in case["args"]["tuple"])
                    y = np.correlate(x, w, "valid")
                    tell({"step": step["step"], "case": k, "value": {"array": 0}}, y)
                break
        os._exit(0)
    """, points=_MORE_THAN_ITS_OWN, says="left out"),
    _forges("the end", "before anything began", 'tell({"finished": True})', state=CRASHED),
    _forges("a beginning far ahead", "of a step that does not exist", 'tell({"begin": 10**30})', state=CRASHED),
    _breaks(
        "messages out of turn", "a step once more or unknown, the end of the pipe, no message at all, half of one",
        'tell({"begin": 0})',
        'tell({"begin": "now"})',
        "tell({})",
        'write(b"garbage" * 1000)',
        'write(struct.pack(">II", 100, 100) + b"{"); os._exit(0)',
    ),
    _breaks(
        "messages that cannot be read", "8 GB long, a list, nested too deeply, with a huge number, in no encoding",
        'write(b"\\xff" * 8)',
        'tell(b"[1, 2]")',
        'tell(b"[" * 100_000)',
        'tell(b\'{"begin": \' + b"9" * 500_000 + b"}")',
        'tell(b"\\xff\\xfe{}")',
    ),
    _breaks(
        "arrays that cannot be read", "pickled, a terabyte long, of an odd type, with code in the head, an archive",
        """
            class Bomb:
                def __reduce__(self):
                    return os.system, ("touch @HERE@/owned",)
            tell({"x": 1}, np.array([Bomb()], dtype=object))
        """,
        """tell({"x": 1}, head("{'descr': '<f8', 'fortran_order': False, 'shape': (10, 10000000000)}"))""",
        """tell({"x": 1}, head("{'descr': (), 'fortran_order': False, 'shape': ()}"))""",
        """tell({"x": 1}, head("__import__('os').system('touch @HERE@/owned')"))""",
        'tell({"x": 1}, b"PK\\x03\\x04" + bytes(100))',
    ),
    _disturbs("ready again", "to get more time", 'tell({"ready": True})'),
    _disturbs("results of no step", "and of steps that are none", """
        for step in (-1, 10**6, 10**400, "0", None, [], 1.5, True):
            tell({"step": step, "case": 0, "value": {"plain": 1}})
        tell({"step": 2, "case": [0], "value": 0})
    """),
    _disturbs("results of no kind", "values that the codec never writes", """
        for value in (
            None, 1, "x", {}, [], {"plain": {}}, {"float": []}, {"array": 5}, {"array": -1}, {"array": True},
            {"number": 10**9}, {"tensor": 0}, {"odd": "O", "shape": [10**9]}, {"odd": [], "shape": 1},
            {"odd": "V", "shape": [2] * 40}, {"tuple": {"a": 1}}, {"list": [[]]}, {"large": []}, {"generator": 0},
            {"foreign": {}}, {"foreign": "\\ud800"}, {"foreign": "\\0" * 200}, {"plain": 10**4000},
        ):
            tell({"step": 2, "case": 0, "value": value})
            tell({"step": 4, "case": 0, "raised": value})
    """),
    _disturbs("errors of no kind", "texts that are none", """
        tell({"step": 4, "case": 0, "raised": {"kinds": 3, "text": [1], "trace": {}, "within": "no"}})
        tell({"step": 4, "case": 0, "raised": {"kinds": [{}, 1], "text": "\\ud800\\x1b[2J", "trace": "\\0" * 9}})
    """),
]
