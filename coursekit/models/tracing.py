"""One run of a model on an image that holds no numbers, and what every layer did in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary

from coursekit.errors import CourseError
from coursekit.models.sight import Sight, seen_through


@dataclass(frozen=True)
class Step:
    """One layer in the run, or one operation outside of all layers.

    Args:
        path: where in the model: ("stage1", "0", "layers", "2"). Of an operation, the module that does it.
        kind: the layer's class, or the operation's name.
        shape: of the output for one image; None where the layer did not run.
        parameters: its own; none where they were counted in an earlier step.
        activations: entries of its outputs, without those that share memory with its inputs.
        multiply_adds: products of convolutions and matrix products.
        sight: what a unit of its output sees of the input, where that is known.
    """

    path: tuple[str, ...]
    kind: str
    shape: tuple[int, ...] | None
    parameters: int
    activations: int = 0
    multiply_adds: int = 0
    sight: Sight | None = None


def trace(model: nn.Module, input_shape: tuple[int, ...]) -> list[Step]:
    """Run a model on one image and return its steps in their order, and then the layers that did not run.

    The run is on torch's meta device, on which tensors have shapes and no numbers: nothing is computed, and no
    weights are copied. A model that decides by numbers cannot run so; it then runs on zeros. The model runs as
    it does in testing. It comes back as it was: no hooks, the same modes, the same running averages.

    Raises:
        CourseError: the model does not take such images, or is not complete yet.
    """
    if any(torch.nn.parameter.is_lazy(p) for p in model.parameters()):
        raise CourseError(
            "The model has layers that learn their sizes from the first images: call it once, on one batch."
        )
    numbers = [t for t in (*model.parameters(), *model.buffers()) if t.is_floating_point()]
    like = numbers[0] if numbers else torch.empty(0)
    shape = (1, *input_shape)
    with _testing(model), torch.no_grad():
        try:
            return _run(model, torch.empty(shape, dtype=like.dtype, device="meta"), meta=True)
        except Exception:  # whatever it is, the run on numbers tells whether the model is at fault
            image = torch.zeros(shape, dtype=like.dtype, device=like.device)
            return _run(model, image, meta=False)


def _run(model: nn.Module, image: Tensor, *, meta: bool) -> list[Step]:
    ledger = _Ledger(model, image)
    with _hooks(model, ledger), ledger:
        try:
            if meta:
                with torch.device("meta"):
                    functional_call(model, _without_numbers(model), (image,))
            else:
                model(image)
        except Exception as error:
            where = ".".join(ledger.stack[-1].path) if ledger.stack else ""
            layer = f" Its layer {where} ({ledger.stack[-1].kind}) said so." if where else ""
            raise CourseError(
                f"The model does not take one image of shape {tuple(image.shape[1:])}: {error}.{layer}"
            ) from error
    return ledger.steps + ledger.unused()


def _without_numbers(model: nn.Module) -> dict[str, Tensor]:
    """Return the weights and running averages as tensors on the meta device."""
    named = [*model.named_parameters(), *model.named_buffers()]
    return {name: torch.empty_like(tensor, device="meta") for name, tensor in named}


@contextmanager
def _testing(model: nn.Module) -> Iterator[None]:
    """Put all modules into testing mode for a while."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training


@contextmanager
def _hooks(model: nn.Module, ledger: "_Ledger") -> Iterator[None]:
    """Let all modules tell the ledger for a while when they start and end."""
    handles = []
    try:
        for module in model.modules():
            handles.append(module.register_forward_pre_hook(ledger.start, with_kwargs=True))
            handles.append(module.register_forward_hook(ledger.end))
        yield
    finally:
        for handle in handles:
            handle.remove()


@dataclass
class _Call:
    """A module that has started and not yet ended."""

    path: tuple[str, ...]
    kind: str
    leaf: bool
    inputs: set[int] = field(default_factory=set)  # where the memory of its inputs lies
    multiply_adds: int = 0


class _Ledger(TorchDispatchMode):
    """Sees every operation of torch, knows in which module it happens, and writes down the steps."""

    def __init__(self, model: nn.Module, image: Tensor) -> None:
        super().__init__()
        self.paths = {
            module: tuple(name.split(".")) if name else () for name, module in model.named_modules()
        }
        self.owned = _owned_parameters(model)
        self.sights = WeakIdKeyDictionary()  # of all tensors that came from the input
        self.sights[image] = Sight.of_input(image.shape[2:]) if image.dim() > 2 else None
        self.stack: list[_Call] = []
        self.steps: list[Step] = []

    # -- modules

    def start(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        leaf = next(module.children(), None) is None
        inputs = {_memory(t) for t in _tensors((args, kwargs))}
        self.stack.append(_Call(self.paths[module], type(module).__name__, leaf, inputs))

    def end(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        call = self.stack.pop()
        results = _tensors(output)
        if not call.leaf or isinstance(module, nn.Identity) or not results:
            return
        entries = sum(t.numel() for t in results if _memory(t) not in call.inputs)
        self._note(call.path, call.kind, results[0], entries, call.multiply_adds)

    def unused(self) -> list[Step]:
        """Return what owns parameters that were in no step."""
        kinds = {path: type(module).__name__ for module, path in self.paths.items()}
        return [
            Step(path, kinds[path], None, number) for path, number in self.owned.items() if number
        ]

    # -- operations

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        inputs = [t for t in _tensors((args, kwargs)) if t in self.sights]
        results = _tensors(result)
        if not inputs or not results:
            return result
        sight = seen_through(func, args, [self.sights[t] for t in inputs], results[0])
        for tensor in results:
            self.sights[tensor] = sight
        products = multiply_adds(func.overloadpacket.__name__, args, results[0])
        if self.stack and self.stack[-1].leaf:
            self.stack[-1].multiply_adds += products
            return result
        shared = {_memory(t) for t in inputs}
        new = _memory(results[0]) not in shared
        if new or func._schema.is_mutable:
            path = self.stack[-1].path if self.stack else ()
            kind = func.overloadpacket.__name__.strip("_")
            self._note(path, kind, results[0], results[0].numel() if new else 0, products)
        return result

    def _note(
        self, path: tuple[str, ...], kind: str, output: Tensor, entries: int, products: int
    ) -> None:
        parameters = self.owned.pop(path, 0)
        shape = tuple(output.shape[1:])
        sight = self.sights.get(output)
        self.steps.append(Step(path, kind, shape, parameters, entries, products, sight))


def multiply_adds(operation: str, arguments: tuple[Any, ...], result: Tensor) -> int:
    """Return the products that an operation sums up, with those of inputs that are padding.

    Counted are convolutions and matrix products, as in :mod:`coursekit.reference.accounting`.
    """
    if operation == "convolution":
        image, weight, *_, transposed, _, _ = arguments
        # every entry is a sum over a kernel; of a transposed one, every entry of the image goes into one
        return (image if transposed else result).numel() * prod(weight.shape[1:])
    if operation in ("mm", "bmm", "mv", "dot"):
        return result.numel() * arguments[0].shape[-1]
    if operation in ("addmm", "baddbmm", "addmv"):
        return result.numel() * arguments[1].shape[-1]
    return 0


def _owned_parameters(model: nn.Module) -> dict[tuple[str, ...], int]:
    """Return how many parameters each module owns itself; those that several share, the first one."""
    counted: set[nn.Parameter] = set()
    owned = {}
    for name, module in model.named_modules():
        new = set(module.parameters(recurse=False)) - counted
        counted |= new
        owned[tuple(name.split(".")) if name else ()] = sum(p.numel() for p in new)
    return owned


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata
