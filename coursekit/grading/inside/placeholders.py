"""Stand in for what an answer must not use: the course's own functions, and torch where a task asks for NumPy.

The real modules are not in the sandbox at all; these make notebooks that import them run on. While cells run,
a placeholder does nothing whatever one does with it. While an answer is called, calling one is noted and
raises an error that says why.
"""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class NotYourOwnCodeError(Exception):
    """An answer called something that it must do itself."""


class Watch:
    """Whether answers are being called right now, and what was used that is not there."""

    def __init__(self) -> None:
        self.calling = False
        self.touched = False
        self.used: list[str] = []

    def note(self, name: str) -> None:
        """Note a use, and raise where it is an answer's."""
        self.touched = True
        if self.calling:
            self.used.append(name)
            raise NotYourOwnCodeError(f"{name} is not yours; write it yourself")


class Inert:
    """Does nothing, whatever one does with it."""

    _name: str
    _watch: Watch | None

    def __init__(self, name: str = "", watch: Watch | None = None) -> None:
        self.__dict__.update(_name=name, _watch=watch)

    def _touch(self) -> "Inert":
        if self._watch is not None:
            self._watch.note(self._name)
        return self

    def __getattr__(self, name: str) -> "Inert":
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert(f"{self._name}.{name}", self._watch)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Do nothing; as a decorator, leave the function as it is."""
        if len(args) == 1 and callable(args[0]) and not options and self._watch is None:
            return args[0]
        return self._touch()

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        if self._watch is not None:
            self._watch.touched = True
        return ()

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __enter__(self) -> "Inert":
        return self

    def __exit__(self, *error: Any) -> None:
        pass

    def __instancecheck__(self, thing: Any) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self._name} is not available while grading>"


def _operator(self: Inert, *others: Any) -> Inert:
    return self._touch()


_TWO = "add sub mul truediv floordiv matmul mod pow and or xor lt le gt ge"
_ONE = "neg pos abs invert getitem"
for _name in _TWO.split():
    setattr(Inert, f"__{_name}__", _operator)
    setattr(Inert, f"__r{_name}__", _operator)
for _name in _ONE.split():
    setattr(Inert, f"__{_name}__", _operator)


def borrowed(value: Any) -> str | None:
    """Return the name of what a value stands in for, None if it is no placeholder or a harmless one."""
    if type(value) is not Inert or value.__dict__["_watch"] is None:
        return None
    return str(value.__dict__["_name"])


class _Module(ModuleType):
    """A module of which every name is a placeholder."""

    def __init__(self, name: str, finder: "Finder") -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__all__ = finder.names.get(name, [])  # what `from module import *` brings
        self.__dict__["_finder"] = finder

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "0"  # which many notebooks print
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        full = f"{self.__name__}.{name}"
        return Inert(full, self.__dict__["_finder"].watching(full))


class Finder:
    """Find placeholders for some packages and all of their modules.

    Args:
        watch: notes what an answer uses.
        packages: names of the packages to stand in for.
        harmless: names that an answer may call although nothing happens, such as that of `check`.
        names: for modules that are imported with a star, what that brings.
    """

    def __init__(
        self,
        watch: Watch,
        packages: list[str],
        harmless: list[str],
        names: dict[str, list[str]],
    ) -> None:
        self.watch, self.packages, self.harmless, self.names = watch, packages, harmless, names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return where to find a module, None where it is not ours."""
        if name.split(".")[0] not in self.packages:
            return None
        # without the base classes that importlib.abc has: they take long to import and add nothing
        loader: Any = self
        return ModuleSpec(name, loader, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        """Return the placeholder of a module."""
        return _Module(spec.name, self)

    def watching(self, name: str) -> Watch | None:
        """Return what is to be told when a name is used, None if nothing is."""
        harmless = any(name == one or name.startswith(f"{one}.") for one in self.harmless)
        return None if harmless else self.watch

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module is made already."""


def install(watch: Watch, hidden: dict[str, Any]) -> None:
    """Put placeholders in the place of the hidden packages."""
    sys.meta_path.insert(0, Finder(watch, hidden["packages"], hidden["harmless"], hidden["names"]))
