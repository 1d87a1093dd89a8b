"""Networks: what a layer is, and layers one after another, forward and backward.

A layer owns its parameters and remembers, from forward to backward, what their gradients need. Training
is these lines, with the layers of :mod:`coursekit.reference.layers`::

    network = Sequential(Flatten(), Linear(64, 32, rng), ReLU(), Linear(32, 10, rng))
    optimizer = SGD(network.params, lr=0.1)
    for x, labels in batches:
        loss, cache = softmax_cross_entropy_forward(network.forward(x), labels)
        network.backward(softmax_cross_entropy_backward(1.0, cache))
        optimizer.step(network.grads)
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, overload

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import as_float_array

Batch = Num[np.ndarray, "N ..."]


class NamedArrays(Mapping[str, np.ndarray]):
    """Arrays by name. Setting one writes the numbers into it.

    So everybody who holds the array sees them, an optimizer for one, and ``params["w"] -= step``
    moves the layer.
    """

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self._arrays = arrays

    def __getitem__(self, name: str) -> np.ndarray:
        return self._arrays[name]

    def __setitem__(self, name: str, value: Num[np.ndarray, "..."]) -> None:
        if name not in self._arrays:
            raise ValueError(f"{name!r} is none of the arrays here, which are {list(self)}")
        value = as_float_array(name, value)
        array = self._arrays[name]
        if value.shape != array.shape:
            raise ValueError(f"{name} has shape {array.shape}, and was given {value.shape}")
        array[...] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        return repr(self._arrays)


class Layer(ABC):
    """What all layers share. A new one needs no more than ``_forward`` and ``_backward``.

    Args:
        params: the arrays to train, in the order in which ``_backward`` returns their gradients.
    """

    def __init__(self, **params: np.ndarray) -> None:
        self._params = params
        self._grads: dict[str, np.ndarray] = {}
        self._cache: Any = None

    @property
    def params(self) -> NamedArrays:
        """The trained arrays by name."""
        return NamedArrays(self._params)

    @property
    def grads(self) -> NamedArrays:
        """The gradients from the latest backward pass, by the names of the parameters."""
        return NamedArrays(self._grads)

    def forward(self, x: Batch, training: bool = True) -> Float[np.ndarray, "..."]:
        """Return the output for a batch, and remember what backward needs.

        Args:
            x: a batch, along the first axis.
            training: False where the network is used or tested; it matters to BatchNorm and
                Dropout alone.

        Raises:
            TypeError: x is not an array of real numbers, or training neither True nor False.
            ValueError: x does not have the shape that the layer needs.
        """
        if not isinstance(training, bool):
            raise TypeError(f"training is {training!r}, expected True or False")
        self._cache = None  # should this fail, backward must not use what is left of another batch
        y, self._cache = self._forward(x, training)
        return y

    def backward(self, dy: Batch) -> Float[np.ndarray, "..."]:
        """Return dx for the latest forward pass, and replace the gradients of the parameters.

        Args:
            dy: gradient of the loss with respect to the output, of the output's shape.

        Raises:
            RuntimeError: there was no forward pass, or its backward pass is done.
            TypeError: dy is not an array of real numbers.
            ValueError: dy does not have the output's shape.
        """
        if self._cache is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward has no forward pass to go back through: call "
                "forward before each backward"
            )
        gradients = self._backward(dy, self._cache)
        self._cache = None
        dx, *of_params = gradients if isinstance(gradients, tuple) else (gradients,)
        self._grads = dict(zip(self._params, of_params, strict=False))  # db of no bias is left out
        return dx

    @abstractmethod
    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        """Return ``(y, cache)``."""

    @abstractmethod
    def _backward(self, dy: np.ndarray, cache: Any) -> Any:
        """Return dx, or dx and the gradients of the parameters."""


class Sequential(Layer):
    """Layers one after another: each gets the output of the one before.

    It is a layer itself, and can be part of another. Its parameters are those of its layers, named
    by the place of the layer: "0.w", "0.b", "3.w". Iterating gives the layers, an index one of
    them, and a slice a network of some, which share their parameters with this one.

    Args:
        layers: from the input to the output, every place with a layer of its own.

    Raises:
        TypeError: something is not a layer.
        ValueError: one layer stands at two places, where it would forget the first.
    """

    def __init__(self, *layers: Layer) -> None:
        super().__init__()
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers[{i}] is {layer!r}, expected a layer, such as ReLU()")
            first = next(j for j, earlier in enumerate(layers) if earlier is layer)
            if first < i:
                raise ValueError(
                    f"layers[{i}] is the same {type(layer).__name__} as layers[{first}], expected "
                    "one for each place, since a layer remembers its latest forward pass"
                )
        self._layers = layers

    def __iter__(self) -> Iterator[Layer]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    @overload
    def __getitem__(self, place: int) -> Layer: ...

    @overload
    def __getitem__(self, place: slice) -> "Sequential": ...

    def __getitem__(self, place: int | slice) -> "Layer | Sequential":
        if isinstance(place, slice):
            return Sequential(*self._layers[place])
        return self._layers[place]

    @property
    def params(self) -> NamedArrays:
        """The trained arrays of all layers by name."""
        return NamedArrays(
            {f"{i}.{name}": p for i, layer in enumerate(self) for name, p in layer.params.items()}
        )

    @property
    def grads(self) -> NamedArrays:
        """The gradients from the latest backward pass, by the names of the parameters."""
        return NamedArrays(
            {f"{i}.{name}": g for i, layer in enumerate(self) for name, g in layer.grads.items()}
        )

    def _forward(self, x: np.ndarray, training: bool) -> tuple[np.ndarray, Any]:
        for i, layer in enumerate(self):
            try:
                x = layer.forward(x, training)
            except (TypeError, ValueError) as error:
                error.add_note(f"in layers[{i}], {type(layer).__name__}")
                raise
        return x, ()  # every layer has a cache of its own

    def _backward(self, dy: np.ndarray, cache: Any) -> np.ndarray:
        for layer in reversed(self._layers):
            dy = layer.backward(dy)
        return dy
