"""Messages to the grader, written by the submission itself.

It shares a process with the worker, so it can write on the worker's pipe whatever it likes. That may score what an
own right answer would score, no more, and must not get the grader out of step.
"""

from textwrap import dedent

from corpus.building import Submission, answers, both, first, function_tasks, last
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


def _breaks(name: str, tries: str, code: str) -> Submission:
    """Return a submission with right answers whose first cell breaks the conversation: that cell is left out."""
    return Submission(
        name, tries, first(_PIPE + dedent(code)), says="Code cell 1 was left out: it ended Python"
    )


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
    _breaks("a beginning once more", "to get more time", 'tell({"begin": 0})'),
    _breaks("a beginning that is no number", "to confuse", 'tell({"begin": "now"})'),
    _breaks("an empty message", "which means the end of the pipe", "tell({})"),
    _breaks("no message", "garbage", 'write(b"garbage" * 1000)'),
    _breaks("half a message", "a head that claims more than there is, then the end", """
        write(struct.pack(">II", 100, 100) + b"{")
        os._exit(0)
    """),
    _breaks("a head that claims 8 GB", "to have it allocated", 'write(b"\\xff" * 8)'),
    _breaks("a message that is a list", "not an object", 'tell(b"[1, 2]")'),
    _breaks("a message nested too deeply", "to overflow the reader's stack", 'tell(b"[" * 100_000)'),
    _breaks("a message with a huge number", "to be converted", 'tell(b\'{"begin": \' + b"9" * 500_000 + b"}")'),
    _breaks("a message in no encoding", "not UTF-8", 'tell(b"\\xff\\xfe{}")'),
    _breaks("a pickled array", "which runs code where it is loaded", """
        class Bomb:
            def __reduce__(self):
                return os.system, ("touch @HERE@/owned",)
        tell({"x": 1}, np.array([Bomb()], dtype=object))
    """),
    _breaks("an array that claims a terabyte", "to have it allocated",
            'tell({"x": 1}, head("{\'descr\': \'<f8\', \'fortran_order\': False, \'shape\': (10, 10000000000)}"))'),
    _breaks("an array of an odd type", "numpy parses it as Python does",
            'tell({"x": 1}, head("{\'descr\': (), \'fortran_order\': False, \'shape\': ()}"))'),
    _breaks("an array with code in its head", "to be evaluated",
            'tell({"x": 1}, head("__import__(\'os\').system(\'touch @HERE@/owned\')"))'),
    _breaks("an archive of arrays", "a zip instead of an array", 'tell({"x": 1}, b"PK\\x03\\x04" + bytes(100))'),
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
