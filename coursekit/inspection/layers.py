"""Layers by name, and what comes out of them while the model runs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError

_SHOWN = 8  # names in an error


class _Enough(BaseException):
    """All that was asked for is there: the rest need not run, and no "except Exception" may hold this up."""


@dataclass(frozen=True)
class Run:
    """What one run of a model gave: all in torch's graph, so that gradients can be taken at it.

    Args:
        layers: outputs by name.
        output: of the model; None where it was stopped before its end.
    """

    layers: dict[str, Tensor]
    output: Any


def layer_names(model: nn.Module) -> tuple[str, ...]:
    """Return the names of all modules, parts that hold others included, as in ``model.get_submodule``."""
    return tuple(name for name, _ in model.named_modules(remove_duplicate=False) if name)


def split_name(model: nn.Module, name: object) -> tuple[str, int]:
    """Return a layer's own name and which of its runs is meant, from 1 on: "relu#2" is ("relu", 2).

    Raises:
        CourseError: there is no such layer; the message has those with a name like it.
    """
    known = layer_names(model)
    if not isinstance(name, str):
        raise CourseError(f"The layer is {name!r}, expected its name: {_quoted(known)}.")
    own, mark, run = name.partition("#")
    if own not in known:
        near = get_close_matches(own, known, n=3, cutoff=0.5)
        there = f"Near it: {_quoted(near)}." if near else f"It has {_quoted(known) or 'none'}."
        raise CourseError(f"The model has no layer {own!r}. {there}")
    if mark and not (run.isdigit() and int(run) > 0):
        raise CourseError(f"The layer is {name!r}, expected a number from 1 on behind #.")
    return own, int(run) if mark else 1


def run(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    names: Sequence[str] | None,
    *,
    whole: bool = True,
) -> Run:
    """Run a model on images and keep what comes out of some layers.

    Args:
        model: any.
        images: they are copied first, for a layer may work in place.
        names: of layers; None for all that hold no others, in the order in which they run.
        whole: to its end. Otherwise it stops where all is there, and what comes later may not fit the images.

    Raises:
        CourseError: there is no such layer, it does not run, it gives no tensor, or the model does not take
            the images.
    """
    wanted = None if names is None else {name: split_name(model, name) for name in names}
    kept: dict[tuple[str, int], Any] = {}

    def keep(name: str, output: Any) -> Any:
        number = 1 + sum(own == name for own, _ in kept)
        if isinstance(output, Tensor):
            # an Identity gives what came in, which the model may change later
            output = output.clone()
        kept[name, number] = output
        if not whole and wanted is not None and set(wanted.values()) <= kept.keys():
            raise _Enough
        # the model goes on with a copy: a ReLU that works in place would change what is kept
        return output.clone() if isinstance(output, Tensor) else None

    output = None
    with _hooks(model, None if wanted is None else {own for own, _ in wanted.values()}, keep):
        try:
            output = model(images.clone())
        except _Enough:
            pass
        except (CourseError, torch.OutOfMemoryError):
            raise
        except Exception as error:
            raise CourseError(
                f"The model does not take images of shape {tuple(images.shape)}: {error}"
            ) from error
    if wanted is None:
        wanted = {own if n == 1 else f"{own}#{n}": (own, n) for own, n in kept}
        tensors = {name: kept[key] for name, key in wanted.items()}
        return Run({k: v for k, v in tensors.items() if isinstance(v, Tensor)}, output)
    return Run({name: _found(kept, name, key) for name, key in wanted.items()}, output)


@contextmanager
def _hooks(
    model: nn.Module, names: set[str] | None, keep: Callable[[str, Any], Any]
) -> Iterator[None]:
    """Let layers tell what comes out of them, and take the hooks off again whatever happens."""
    handles = []
    try:
        for name, module in model.named_modules(remove_duplicate=names is None):
            inner = next(module.children(), None) is None
            if (name in names) if names is not None else (inner and name):
                hook = lambda m, args, output, name=name: keep(name, output)  # noqa: E731
                handles.append(module.register_forward_hook(hook))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _found(kept: dict[tuple[str, int], Any], name: str, key: tuple[str, int]) -> Tensor:
    if key not in kept:
        runs = sum(own == key[0] for own, _ in kept)
        times = "it did not run" if runs == 0 else f"it ran {runs} time{'s' if runs > 1 else ''}"
        raise CourseError(
            f"There is no output of {name!r}: {times}. Name a layer on the way from the image to the scores."
        )
    if not isinstance(kept[key], Tensor):
        raise CourseError(
            f"What comes out of {name!r} is a {type(kept[key]).__name__}, expected a tensor: name a layer "
            "inside of it."
        )
    return kept[key]


def _quoted(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
