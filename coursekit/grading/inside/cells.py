"""Run the cells of a notebook as a kernel would, without a kernel."""

import ast
import builtins
import inspect
import linecache
import signal
import sys
import traceback
from types import ModuleType
from typing import Any

from placeholders import Inert

_IMPORTS = (ast.Import, ast.ImportFrom)
_RUNS_ITS_BODY = ("capture", "prun", "time", "timeit")  # cell magics under which code still counts


class TookTooLongError(BaseException):
    """A cell was stopped, as a person would stop it."""


class Notebook:
    """The namespace that the cells of one notebook share.

    Args:
        seconds: after which a cell is stopped; what it defined until then stands. One that will not be
            stopped is the grader's business.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.module = ModuleType("__main__")
        self.module.__dict__["__builtins__"] = builtins
        sys.modules["__main__"] = self.module
        self._cell = ""
        shell: Any = Inert("get_ipython()")
        shell.__dict__["run_cell_magic"] = self._cell_magic
        self._shell = shell
        named: dict[str, Any] = {
            "display": lambda *things, **options: None,
            "get_ipython": lambda: shell,
            "input": lambda prompt="": "",  # nobody is there to answer
        }
        for name, value in named.items():
            setattr(builtins, name, value)

    def run(self, source: str, name: str) -> str | None:
        """Run one cell and return what it raised, None if it ran through."""
        self._cell = name
        # so that a traceback can show the line
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        signal.signal(signal.SIGALRM, _stop)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        try:
            self._execute(source, name)
        except TookTooLongError:
            return f"nothing, but was stopped after {self._seconds:g} seconds"
        except BaseException as error:  # SystemExit as well: a kernel would survive that
            return traceback.format_exception_only(type(error), error)[-1].strip()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return None

    def _execute(self, source: str, name: str) -> None:
        if "IPython" in source and "get_ipython" in source:
            self._be_ipython()
        try:
            parts = _parts(source, name)
        except SyntaxError as error:
            plain = _without_magics(source)
            if plain == source:
                raise
            linecache.cache[name] = (len(plain), None, plain.splitlines(keepends=True), name)
            try:
                parts = _parts(plain, name)
            except SyntaxError:
                raise error from None
        missing: ImportError | None = None
        for code, imports in parts:
            try:
                result = eval(code, self.module.__dict__)
                if inspect.iscoroutine(result):
                    import asyncio  # takes a fifth of the worker's start, and is rarely needed

                    asyncio.run(result)
            except ImportError as error:
                if not imports:
                    raise
                missing = missing or error  # it must not cost what is imported below it
        if missing:
            raise missing

    def _be_ipython(self) -> None:
        """Let IPython itself know the shell, for notebooks that ask it; slow to import, and rarely needed."""
        import IPython
        from IPython.core import getipython

        IPython.get_ipython = getipython.get_ipython = lambda: self._shell

    def _cell_magic(self, magic: str, line: str, body: str) -> None:
        if magic in _RUNS_ITS_BODY:
            self._execute(body, self._cell)


def _stop(number: int, frame: Any) -> None:
    raise TookTooLongError


def _parts(source: str, name: str) -> list[tuple[Any, bool]]:
    """Return a cell's code in parts, and which of them are imports: a package may be missing here."""
    tree = ast.parse(source, name)
    if any(isinstance(line, ast.ImportFrom) and line.module == "__future__" for line in tree.body):
        return [(_compile(tree, name), False)]  # which holds for the cell as a whole
    bodies: list[list[ast.stmt]] = []
    for line in tree.body:
        if not bodies or isinstance(line, _IMPORTS) or isinstance(bodies[-1][0], _IMPORTS):
            bodies.append([])
        bodies[-1].append(line)
    return [
        (_compile(ast.Module(body, type_ignores=[]), name), isinstance(body[0], _IMPORTS))
        for body in bodies
    ]


def _compile(tree: ast.Module, name: str) -> Any:
    return compile(tree, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def _without_magics(source: str) -> str:
    """Return the cell as the Python that IPython would make of it; slow to import, and rarely needed."""
    from IPython.core.inputtransformer2 import TransformerManager

    transformed: str = TransformerManager().transform_cell(source)
    return transformed
