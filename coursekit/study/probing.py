"""Turn an answer that is a module or a training run into arrays.

What a learner wrote builds a torch module, or trains one. This builds it, puts weights into it and runs it, or
trains under a budget of steps, and gives back plain arrays and a few words about its structure; judging them is
the business of `findings.py`. The grader copies this file into its sandbox, so it stands on nothing but the
standard library, NumPy and torch, which is imported on first use. It holds no secret: what comes out of it is
what the process it runs in says.

**Weights.** Learners name their layers as they like and register them in any order, so weights are matched by
shape alone: a parameter's values are drawn from the seed and its shape, and parameters of one shape get equal
values. Then neither names nor order matter, and a network in which each parameter is used once computes the same
however it is written. What equal values could hide, one layer used twice and its twin never, shows in the
parameters that the output does not depend on. Trailing axes of length 1 do not count, so a 1 x 1 convolution and
a linear layer agree. One-dimensional parameters called ``weight``, and others that start as ones, are factors
(gamma) and are drawn around 1; other vectors are drawn around 0. A right answer fails if it packs its weights
differently (transposed, or two layers in one tensor); then the shapes say so. Buffers start at their defaults.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

MODULE_RETURNS = ("y", "dx", "parameters")  # what a module can be asked for
_OWN_TENSOR = "tensor"


class UnfitError(Exception):
    """What was written cannot be probed; the text is a sentence for the learner."""


def probe(
    graded_by: str, answer: Callable[..., Any], given: Mapping[str, Any], returns: Sequence[str]
) -> Callable[..., Any]:
    """Return a function that takes a case's arguments and gives what there is to judge.

    Args:
        graded_by: ``"value"``, ``"module"`` or ``"accuracy"``, as in `Task`.
        answer: what the learner wrote.
        given: of the case. For a module: ``x``, an array or a tuple of them (in float64 the module computes in
            it too, so that no rounding puts a ReLU on the other side), and ``seed`` of the weights;
            ``train`` for training mode (evaluation mode otherwise), ``keep`` to leave the weights as they start.
            For a training run: ``steps``, how many an optimizer may take.
        returns: of the task. For a module some of ``y`` (its output), ``dx`` (the gradient at x of the sum of
            y times drawn numbers) and ``parameters`` (how many numbers it learns).
    """
    if graded_by == "module":
        return lambda *args, **options: _built(answer, args, options, given, returns)
    if graded_by == "accuracy":
        return lambda *args, **options: _trained(answer, args, options, given)
    return answer


# --- modules --------------------------------------------------------------------------------------------------


def _built(
    answer: Callable[..., Any],
    args: Sequence[Any],
    options: Mapping[str, Any],
    given: Mapping[str, Any],
    returns: Sequence[str],
) -> tuple[Any, ...]:
    from torch import nn

    if isinstance(answer, nn.Module):
        raise UnfitError(
            "this is a module that is built already; expected is the class, or a function that builds one."
        )
    xs = given.get("x", ())
    inputs = tuple(np.array(one) for one in (xs if isinstance(xs, tuple) else (xs,)))
    exact = any(one.dtype == np.float64 for one in inputs)
    with _state_of_its_own(given.get("seed", 0), exact):
        module = answer(*args, **options)
        _require_module(module, answer)
        found: dict[str, Any] = {}
        unused: list[str] = []
        alone = None
        if "y" in returns or "dx" in returns:
            found["y"], found["dx"], unused, alone = _run(module, inputs, given, "dx" in returns)
        parameters = list(_parameters(module))
        found["parameters"] = sum(math.prod(_shape(p)) for _, _, p in parameters)
        lines = [
            f"{name} {owner} {' '.join(map(str, _shape(p)))}".rstrip()
            for name, owner, p in parameters
        ]
        return [found[name] for name in returns], lines, unused, _unseen(module), alone


def _require_module(module: Any, answer: Any) -> None:
    from torch import nn

    if isinstance(module, type) and issubclass(module, nn.Module):
        raise UnfitError(
            f"your function returned the class {module.__name__}; build one: `{module.__name__}(...)`."
        )
    if not isinstance(module, nn.Module):
        if module is answer or isinstance(answer, type):
            raise UnfitError("your class is no torch module: let it derive from nn.Module.")
        kind = "None" if module is None else f"an object of type {type(module).__name__}"
        raise UnfitError(f"your function returned {kind}, expected a torch module.")
    if "_parameters" not in vars(module):
        raise UnfitError(
            "your __init__ does not call super().__init__(): make that its first line."
        )
    if getattr(type(module), "forward", None) is nn.Module.forward:
        raise UnfitError(
            "your module has no method `forward`: write it, spelled like this, inside the class."
        )


def _run(
    module: Any, arrays: Sequence[np.ndarray], given: Mapping[str, Any], wants_dx: bool
) -> tuple[np.ndarray, np.ndarray | None, list[str], bool | None]:
    """Return the output, the gradient at the input, the unused parameters, and whether images stand alone."""
    import torch

    inputs = [torch.from_numpy(one) for one in arrays]
    _require_inputs(module, inputs)
    if torch.get_default_dtype() == torch.float64:
        module.double()  # whatever was built before this run
    if any(torch.nn.parameter.is_lazy(p) for _, _, p in _parameters(module)):
        with torch.no_grad():  # lazy layers learn their sizes in their first run
            module.eval()(*inputs)
    if not given.get("keep"):
        _fill(module, given.get("seed", 0))
    module.train(bool(given.get("train")))
    for one in inputs:
        one.requires_grad_(one.is_floating_point())
    y = module(*(one.clone() for one in inputs))  # a clone, which a layer may overwrite
    if not isinstance(y, torch.Tensor):
        raise UnfitError(f"forward returned {_a(y)}, expected one torch tensor.")
    try:
        values = plain(y)
    except Exception:
        raise UnfitError("forward returned a tensor without real numbers in it.") from None
    dx, unused = _gradients(module, inputs[0], y, given.get("seed", 0))
    if wants_dx and dx is None:
        raise UnfitError(
            "no gradient reaches the input of your module: is it cut off by detach or no_grad?"
        )
    alone = None if given.get("train") else _stand_alone(module, inputs, values)
    return values, dx, unused, alone


def _require_inputs(module: Any, inputs: Sequence[Any]) -> None:
    try:
        inspect.signature(module.forward).bind(*inputs)
    except TypeError as error:
        names = "self, x" if len(inputs) == 1 else f"self, and {len(inputs)} inputs"
        raise UnfitError(
            f"forward should take ({names}), but cannot be called so: {error}."
        ) from None
    except ValueError:  # something without a signature; calling it will tell
        pass


def _gradients(module: Any, x: Any, y: Any, seed: int) -> tuple[np.ndarray | None, list[str]]:
    """Return the gradient of the sum of y times drawn numbers at x, and the parameters that y is free of."""
    import torch

    named = [(name, p) for name, _, p in _parameters(module) if p.requires_grad]
    if not y.requires_grad:
        return None, [name for name, _ in named]
    drawn = np.random.default_rng([seed, *y.shape]).normal(size=tuple(y.shape))
    inputs = [x] if x.requires_grad else []
    try:
        slopes = torch.autograd.grad(
            (y * torch.as_tensor(drawn, dtype=y.dtype)).sum(),
            [*inputs, *(p for _, p in named)],
            allow_unused=True,
        )
    except RuntimeError as error:
        if "modified by an inplace operation" in str(error):
            raise UnfitError(
                "no gradient can be sent back through your module: a value that it needs was overwritten. Write "
                "`y = y + x`, which makes a new tensor, instead of `y += x`."
            ) from None
        first = str(error).splitlines()[0]
        raise UnfitError(f"no gradient can be sent back through your module: {first}") from None
    dx = slopes[0] if inputs else None
    of_parameters = slopes[len(inputs) :]
    unused = [name for (name, _), one in zip(named, of_parameters, strict=True) if one is None]
    return None if dx is None else plain(dx), unused


def _stand_alone(module: Any, inputs: Sequence[Any], values: np.ndarray) -> bool | None:
    """Tell whether the first image alone gives what it gives among the others; None where that says nothing."""
    import torch

    if any(len(one) < 2 for one in inputs) or not values.ndim:
        return None
    try:
        with torch.no_grad():
            first = plain(module(*(one[:1].clone() for one in inputs)))
        return bool(np.allclose(first, values[:1], rtol=1e-3, atol=1e-4))
    except Exception:
        return None  # a single image can be too few for what somebody wrote


def _fill(module: Any, seed: int) -> None:
    import torch

    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        for name, _, p in _parameters(module):
            last = name.split(".")[-1]
            factor = p.ndim == 1 and (last == "weight" or (last != "bias" and bool((p == 1).all())))
            p.copy_(torch.as_tensor(_drawn(_shape(p), factor, seed), dtype=p.dtype))


def _drawn(shape: tuple[int, ...], factor: bool, seed: int) -> np.ndarray:
    key = squeezed(shape)
    rng = np.random.default_rng([seed, factor, *key])
    if len(key) < 2:
        size = math.prod(key)
        drawn = rng.uniform(0.5, 1.5, size) if factor else rng.normal(0, 0.2, size)
    else:
        drawn = rng.normal(0, math.sqrt(2 / max(1, math.prod(key[1:]))), key)
    return np.asarray(drawn).reshape(shape)


def squeezed(shape: Sequence[int]) -> tuple[int, ...]:
    """Return a shape without its last axes of length 1, but for the first two axes."""
    kept = list(shape)
    while len(kept) > 2 and kept[-1] == 1:
        kept.pop()
    return tuple(kept)


def _modules(
    module: Any, prefix: str = "", seen: set[int] | None = None
) -> Iterator[tuple[str, Any]]:
    # by hand, as is what follows: a class may bring its own idea of what modules() and parameters() are
    seen = set() if seen is None else seen
    if module is None or id(module) in seen:
        return
    seen.add(id(module))
    yield prefix, module
    for name, child in _own(module, "_modules").items():
        yield from _modules(child, f"{prefix}{name}.", seen)


def _parameters(module: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield each parameter once, with its name and the kind of layer it belongs to."""
    seen: set[int] = set()
    for prefix, one in _modules(module):
        for name, parameter in _own(one, "_parameters").items():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                yield f"{prefix}{name}", type(one).__name__, parameter


def _unseen(module: Any) -> list[str]:
    """Return the attributes that hold layers or weights which torch does not know of, and what they are."""
    from torch import Tensor, nn

    known = {id(one) for _, one in _modules(module)} | {id(p) for *_, p in _parameters(module)}
    found = []
    for prefix, one in _modules(module):
        for name, value in object.__getattribute__(one, "__dict__").items():
            if name.startswith("_"):
                continue
            if isinstance(value, list | tuple | dict):
                held = value.values() if isinstance(value, dict) else value
                kinds = (nn.Module, nn.Parameter)
                if any(isinstance(each, kinds) and id(each) not in known for each in held):
                    found.append(f"{prefix}{name} {type(value).__name__}")
            elif isinstance(value, Tensor) and value.requires_grad and value.is_leaf:
                found.append(f"{prefix}{name} {_OWN_TENSOR}")
    return found


def _own(module: Any, name: str) -> dict[str, Any]:
    found = object.__getattribute__(module, "__dict__").get(name)
    return found if isinstance(found, dict) else {}


def _shape(parameter: Any) -> tuple[int, ...]:
    import torch

    if torch.nn.parameter.is_lazy(parameter):
        raise UnfitError("a lazy layer has no parameters before its first run: give its sizes.")
    with torch._C.DisableTorchFunctionSubclass():
        return tuple(int(n) for n in parameter.shape)


# --- training runs --------------------------------------------------------------------------------------------


def _trained(
    answer: Callable[..., Any],
    args: Sequence[Any],
    options: Mapping[str, Any],
    given: Mapping[str, Any],
) -> np.ndarray:
    """Return the predictions of a training run.

    The budget holds for steps of torch's optimizers. Whoever writes the update by hand keeps the count; only the
    time limit of grading stops them.
    """
    from torch import nn
    from torch.optim.optimizer import register_optimizer_step_post_hook

    allowed, taken = given.get("steps"), 0
    too_many = UnfitError(
        f"your training takes more than the {allowed} optimizer steps that it may take."
    )

    def count(*_: Any) -> None:
        nonlocal taken
        taken += 1
        if allowed is not None and taken > allowed:
            raise too_many

    hook = register_optimizer_step_post_hook(count)
    try:
        with _state_of_its_own(0):
            predicted = answer(*args, **options)
    finally:
        hook.remove()
    if allowed is not None and taken > allowed:
        raise too_many  # and whoever caught it above gains nothing
    if isinstance(predicted, nn.Module):
        raise UnfitError(
            "your function returned the module; return its predictions for the test images."
        )
    if predicted is None:
        raise UnfitError("your function returned None: is its return line missing?")
    try:
        return plain(predicted)
    except Exception:
        raise UnfitError(
            f"your function returned {_a(predicted)}, expected one prediction for each test image."
        ) from None


# --- both -----------------------------------------------------------------------------------------------------


def plain(thing: Any) -> np.ndarray:
    """Return a tensor, an array or a list of numbers as a plain array of its own.

    Raises:
        TypeError: it holds no numbers.
    """
    import torch

    if isinstance(thing, torch.Tensor):
        with torch._C.DisableTorchFunctionSubclass():
            dense = thing.detach().to_dense()
            dense = dense.float() if dense.dtype == torch.bfloat16 else dense
            array: np.ndarray = np.array(dense.numpy(force=True))
    else:
        array = np.array(
            np.ndarray.view(thing, np.ndarray) if isinstance(thing, np.ndarray) else thing
        )
    if array.dtype.kind not in "biuf":
        raise TypeError("no numbers")
    return array


@contextmanager
def _state_of_its_own(seed: int, exact: bool = False) -> Iterator[None]:
    """Seed torch, and leave it afterwards as it was: a check does not change what comes after it.

    Args:
        seed: of torch's generator.
        exact: whether new layers and tensors, those that torch does not know of too, are made in float64.
    """
    import torch

    before = torch.get_default_dtype()
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            torch.set_default_dtype(torch.float64 if exact else before)
            yield
    finally:
        torch.set_default_dtype(before)


def _a(thing: Any) -> str:
    kind = type(thing).__name__
    return "None" if thing is None else f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
