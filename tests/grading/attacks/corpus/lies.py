"""Values that pretend to be what they are not, and values that nothing can be compared with.

Each of them stands in the place of a right value, which the answer knows: only what it returns is wrong.
"""

from textwrap import dedent, indent

from corpus.building import Draft, Submission, cell_id, function_tasks, several

_TASKS = {
    task.id: task for task in function_tasks(1) if task.id not in ("1.1", "1.6")
}  # return one array
_SAYS_YES = """
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
    __le__ = __lt__ = __ge__ = __gt__ = __eq__
    __hash__ = lambda self: 1
"""


def _returns(name: str, tries: str, *lies: tuple[str, str] | tuple[str, str, str]) -> Submission:
    """Return a submission of up to four lies, each in another task.

    Args:
        name: of the submission.
        tries: what the lies have in common.
        lies: the value returned, as an expression in which ``y`` is the right one; what must be said about it;
            lines before the value.
    """
    parts = {}
    for (task, about), (value, says, *lines) in zip(_TASKS.items(), lies, strict=False):
        right = Draft().source(cell_id(task, "answer")).replace(about.name, f"_right_{about.name}")
        body = (
            f"{dedent(lines[0] if lines else '')}\ny = _right_{about.name}(*args)\nreturn {value}\n"
        )
        parts[task] = f"{right}\n\ndef {about.name}(*args):\n{indent(body, '    ')}", says
    return several(name, tries, parts)


def _always_yes(draft: Draft) -> None:
    """Return one object for every task that says yes to whatever it is asked."""
    liar = f"""
class Yes:
{_SAYS_YES}
    def __getattr__(self, name):
        return Yes()
    def __call__(self, *args, **options):
        return Yes()
    def __array__(self, *args, **options):
        return np.ones(3)
    def __len__(self):
        return 2
    def __iter__(self):
        return iter([Yes(), Yes()])
    def __getitem__(self, key):
        return Yes()
    def __float__(self):
        return 1.0
    __int__ = __index__ = lambda self: 1
    __array_ufunc__ = __array_function__ = lambda self, *args, **options: True

yes = Yes()
"""
    draft.add(liar, before="task-1-1-answer")
    for task in function_tasks(1):
        draft.answer(task.id, f"def {task.name}(*args):\n    return yes")


# fmt: off
CASES = [
    Submission("one object that says yes", "to whatever it is asked", _always_yes, solved=False,
               says="is a Yes, expected"),
    _returns(
        "arrays that lie", "in what they equal, compute, measure and hold",
        ("np.zeros_like(y).view(Liar)", "is 0, expected", f"class Liar(np.ndarray):{_SAYS_YES}"),
        ("np.zeros_like(y).view(Liar)", "is 0, expected", """
            class Liar(np.ndarray):
                def __array_ufunc__(self, ufunc, method, *inputs, **options):
                    return True
                def __array_function__(self, function, types, args, options):
                    return True
                def __array_finalize__(self, other):
                    pass
                __array_priority__ = 1e9
        """),
        ("np.stack([y] * 3).view(Liar)", "has shape (3, 3, 5), expected (3, 5)", """
            class Liar(np.ndarray):
                shape = property(lambda self: (3, 5))
                size = ndim = nbytes = property(lambda self: 1)
                dtype = property(lambda self: np.dtype(bool))
        """),
        ("np.zeros_like(y).view(Liar)", "is 0, expected", """
            class Liar(np.ndarray):
                def view(self, *args):
                    return np.broadcast_to(0.0, 10**12)
                copy = astype = tobytes = __array__ = __reduce__ = __copy__ = __deepcopy__ = view
        """),
    ),
    _returns(
        "objects that lie", "in what they are",
        ("Liar()", "is a Liar, expected a NumPy array", """
            class Liar:
                __class__ = property(lambda self: np.ndarray)
                def view(self, *args):
                    return np.zeros(4)
                shape, dtype, size, ndim = (4,), np.dtype(float), 4, 1
        """),
        ("Liar()", "is a Liar, expected a NumPy array", """
            class Liar:
                __array_interface__ = {"shape": (10**12,), "typestr": "<f8", "data": (0, False), "version": 3}
                def __array__(self, *args, **options):
                    return np.zeros(4)
        """),
        ("Liar(3)", "is the single number 3, expected an array", f"class Liar(float):{_SAYS_YES}"),
        ("Liar()", "is an object, expected a NumPy array", """
            class Meta(type):
                @property
                def __name__(cls):
                    raise SystemExit
            class Liar(metaclass=Meta):
                pass
        """),
    ),
    _returns(
        "errors that lie", "in their text, their length, their classes and their causes",
        ("boom()", "Case 1 of 5", """
            class Boom(Exception):
                def __str__(self):
                    raise Boom
                __repr__ = __str__
            def boom():
                raise Boom
        """),
        ("boom()", "raised ValueError: xxx", """
            def boom():
                raise ValueError("x" * 1_000_000)
        """),
        ("boom()", "raised", """
            kind = Exception
            for k in range(100):
                kind = type("E" * 1000 + str(k), (kind,), {})
            def boom():
                raise kind
        """),
        ("boom(200)", "raised ValueError: 200", """
            def boom(k):
                try:
                    if k:
                        boom(k - 1)
                except ValueError:
                    pass
                raise ValueError(k)
        """),
    ),
    _returns(
        "numbers beyond comparison", "not a number, infinity, overflow, and the root of minus one",
        ("np.full(y.shape, np.nan)", "is NaN"),
        ("np.full(y.shape, np.inf)", "is inf, expected"),
        ("np.full(y.shape, -1.7e308)", "is -1.7e+308, expected"),
        ("y + 0j", "holds complex128, expected float64"),
    ),
    _returns(
        "single numbers", "which agree with every shape",
        ("np.float64(0)", "is the single number 0, expected an array"),
        ("10**5000", "is the single number inf, expected an array"),
        ("np.complex128(1j)", "is the single number 0+1j, expected an array"),
        ("True", "is the single number 1, expected an array"),
    ),
    _returns(
        "shapes that agree", "by broadcasting, or because nothing is left to disagree",
        ("y[None]", "has shape (1, 3), expected (3,)"),
        ("np.zeros(0)", "has shape (0,), expected"),
        ("np.zeros((1,) * 60 + (0, 10**15))", "has shape (1, 1,"),
        ("np.array(y[0])", "has shape (), expected"),
    ),
    _returns(
        "sizes beyond measure", "a terabyte without memory, 100 MB, many lists, many arrays",
        ("np.broadcast_to(0.0, 10**12)", "is a far too large ndarray, expected"),
        ("np.zeros(12_500_000)", "is a far too large ndarray, expected"),
        ("[[[0] * 500] * 500] * 500", "is a list, expected"),
        ("[np.zeros(1)] * 10_000", "is a far too large list, expected"),
    ),
    _returns(
        "arrays of odd kinds", "with the right values: objects, records, texts, dates",
        ("y.astype(object)", "holds object, expected float64"),
        ("np.array([(one,) for one in y], dtype=[('y', float)])", "expected float64"),
        ("y.astype(str)", "expected float64"),
        ("np.zeros(y.shape, dtype='datetime64[D]')", "expected float64"),
    ),
    _returns(
        "things to be unpacked", "a pickle, a list that holds itself, one as deep as the stack, a function",
        ("pickle.dumps(Bomb())", "is a bytes, expected", """
            import os, pickle
            class Bomb:
                def __reduce__(self):
                    return os.system, ("touch /tmp/owned",)
            globals()["Bomb"] = Bomb
            Bomb.__qualname__ = "Bomb"
        """),
        ("loop", "is a list, expected", "loop = []\nloop.append(loop)"),
        ("nest", "is a tuple, expected", "nest = ()\nfor _ in range(10_000):\n    nest = (nest,)"),
        ("type('<b>' + chr(27) * 9, (), {})()", "is a <b>, expected"),
    ),
    _returns(
        "nothing to compare", "no value, one that is not computed yet, a text, a dictionary",
        ("None", "is its return line missing?"),
        ("(one for one in y)", "returned a generator"),
        ("repr(y)", "is a str, expected"),
        ("{'y': y}", "is a dict, expected"),
    ),
]
