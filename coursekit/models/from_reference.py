"""Weights from a network in NumPy to its twin in torch, so that both compute the same."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from coursekit.errors import CourseError
from coursekit.reference.network import Layer, Sequential
from coursekit.reference.trained_layers import BatchNorm, Conv2d, Linear

# the names that both sides have for the same arrays; one that a layer lacks (a bias) both have to lack
TWINS: dict[type[Layer], tuple[tuple[type[nn.Module], ...], dict[str, str]]] = {
    Conv2d: ((nn.Conv2d,), {"w": "weight", "b": "bias"}),
    Linear: ((nn.Linear,), {"w": "weight", "b": "bias"}),
    BatchNorm: (
        (nn.BatchNorm1d, nn.BatchNorm2d),
        {
            "gamma": "weight",
            "beta": "bias",
            "running_mean": "running_mean",
            "running_variance": "running_var",
        },
    ),
}


@torch.no_grad()
def copy_weights(network: Layer, model: nn.Module) -> None:
    """Copy all weights of a NumPy network, and batchnorm's running averages, into a torch model.

    Layers with weights are paired in their order; those without (activations, pooling) may differ, and
    so may strides and paddings, so compare the outputs once. Nothing is shared afterwards.

    Args:
        network: of :mod:`coursekit.reference`; it stays as it is.
        model: its twin; in the dtype that it has.

    Raises:
        CourseError: the two do not have the same layers with the same shapes. Nothing was copied then.
    """
    sources, targets = list(_trained(network)), [m for m in model.modules() if _is_twin(m)]
    if len(sources) != len(targets):
        raise CourseError(
            f"The network has {len(sources)} layers with weights and the model {len(targets)}, "
            "expected as many: one for each."
        )
    pairs = []
    for place, (source, target) in enumerate(zip(sources, targets, strict=True)):
        kinds, names = TWINS[type(source)]
        what = f"Layer {place} of those with weights"
        if not isinstance(target, kinds):
            raise CourseError(
                f"{what} is {type(source).__name__} in the network and {type(target).__name__} in "
                "the model, expected the same kind."
            )
        for ours, theirs in names.items():
            array = _array(source, ours)
            tensor = getattr(target, theirs)
            shapes = [None if one is None else tuple(one.shape) for one in (array, tensor)]
            if shapes[0] != shapes[1]:
                raise CourseError(
                    f"{what}, {type(source).__name__}: {ours} has shape {shapes[0]} in the network "
                    f"and {shapes[1]} in the model, expected the same."
                )
            if array is not None:
                pairs.append((array, tensor))
    for array, tensor in pairs:
        tensor.copy_(torch.from_numpy(np.ascontiguousarray(array)))


def _trained(layer: Layer) -> Iterator[Layer]:
    """Yield the layers that have weights, from the input to the output."""
    if isinstance(layer, Sequential):
        for inner in layer:
            yield from _trained(inner)
    elif type(layer) in TWINS:
        yield layer
    elif layer.params:
        raise CourseError(f"{type(layer).__name__} has no twin in torch that is known here.")


def _is_twin(module: nn.Module) -> bool:
    return isinstance(module, tuple(kind for kinds, _ in TWINS.values() for kind in kinds))


def _array(layer: Layer, name: str) -> np.ndarray | None:
    """Return a parameter or a running average of a layer; None where it has none of that name."""
    return layer.params[name] if name in layer.params else getattr(layer, name, None)
