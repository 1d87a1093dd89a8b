"""What a unit of a tensor sees of the input, followed from operation to operation.

Every operation of torch has a rule here that says how far its results see when its arguments see so far. Where
there is none, the answer is None: not known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from coursekit.reference.geometry import ReceptiveField


@dataclass(frozen=True)
class Sight:
    """What the units of a tensor see.

    Args:
        fields: the receptive field along each axis of the image.
        places: units along each axis of the image, also where the tensor has been flattened.
    """

    fields: tuple[ReceptiveField, ...]
    places: tuple[int, ...]

    @classmethod
    def of_input(cls, sizes: Sequence[int]) -> "Sight":
        """Every pixel sees itself."""
        return cls(tuple(ReceptiveField(1, 1, 0) for _ in sizes), tuple(sizes))

    def through(
        self,
        kernel: Sequence[int],
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
        places: Sequence[int],
    ) -> "Sight":
        """Return what a window sees that moves over these units.

        The step of :func:`coursekit.reference.geometry.receptive_field`, along every axis.
        """
        steps = zip(self.fields, kernel, stride, padding, dilation, strict=True)
        fields = tuple(
            ReceptiveField(f.size + D * (F - 1) * f.stride, f.stride * S, f.first - P * f.stride)
            for f, F, S, P, D in steps
        )
        return Sight(fields, tuple(places))

    def everything(self) -> "Sight":
        """Return what one unit sees that looks at all units, as a linear layer's does."""
        one = [1] * len(self.places)
        return self.through(self.places, self.places, [0] * len(one), one, one)


def union(sights: Sequence[Sight]) -> Sight:
    """Return what units see that are made of several: where branches of a net meet.

    Of maps of several sizes, the largest says how far apart the units are.
    """
    largest = max(sights, key=lambda sight: sight.places)
    fields = []
    for axis, field in enumerate(largest.fields):
        first = min(sight.fields[axis].first for sight in sights)
        last = max(sight.fields[axis].span(0)[1] for sight in sights)
        fields.append(ReceptiveField(last - first + 1, field.stride, first))
    return Sight(tuple(fields), largest.places)


Rule = Callable[[tuple[Any, ...], Sight, Tensor], Sight | None]


def seen_through(
    operation: torch._ops.OpOverload,
    arguments: tuple[Any, ...],
    sights: Sequence[Sight | None],
    result: Tensor,
) -> Sight | None:
    """Return what the units of a result see.

    Args:
        operation: of torch, for example ``aten.convolution.default``.
        arguments: what it was called with.
        sights: what those tensors see that came from the input; the first belongs to the first argument.
        result: what it returned.
    """
    known = [sight for sight in sights if sight is not None]
    if not known or len(known) < len(sights) or len({len(s.places) for s in known}) > 1:
        return None
    sight = union(known)
    flat = result.dim() == 2 and result.shape[0] == 1
    if flat and set(sight.places) == {1}:
        return sight  # there is only one place: whatever happens, nobody sees more
    name = operation.overloadpacket.__name__
    if name in _RULES:
        return _RULES[name](arguments, sight, result)
    kept = tuple(result.shape[-len(sight.places) :]) == sight.places
    alike = torch.Tag.pointwise in operation.tags or name in _ALIKE
    return sight if alike and (kept or flat) else None


# what looks at several channels, or at whole images for their statistics only, or changes nothing but the shape
_ALIKE = {
    *("_native_batch_norm_legit_no_training", "native_batch_norm", "cudnn_batch_norm"),
    *("miopen_batch_norm", "native_group_norm", "native_layer_norm"),
    *("view", "_unsafe_view", "reshape", "squeeze", "unsqueeze", "detach", "alias", "clone"),
    *("_to_copy", "cat", "native_dropout", "expand", "contiguous"),
}


def _convolution(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    _, weight, _, stride, padding, dilation, transposed = arguments[:7]
    axes = len(sight.places)
    if transposed or weight.dim() != axes + 2:
        return None
    S, P, D = (_each(numbers, axes) for numbers in (stride, padding, dilation))
    return sight.through(weight.shape[2:], S, P, D, result.shape[2:])


def _max_pooling(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    return _pooling(arguments, sight, result, dilation=_given(arguments, 4, 1))


def _pooling(
    arguments: tuple[Any, ...], sight: Sight, result: Tensor, dilation: Any = 1
) -> Sight | None:
    axes = len(sight.places)
    if result.dim() != axes + 2:
        return None
    kernel = _each(arguments[1], axes)
    stride = _each(_given(arguments, 2, None) or kernel, axes)
    padding = _each(_given(arguments, 3, 0), axes)
    return sight.through(kernel, stride, padding, _each(dilation, axes), result.shape[2:])


def _pooling_of_volumes(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    """Follow a pooling along three axes; over an image it is one over channels, part of a normalization."""
    if len(sight.places) == 3:
        return _pooling(arguments, sight, result)
    return sight if set(arguments[1][-len(sight.places) :]) == {1} else None


def _adaptive_pooling(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    places = tuple(result.shape[-len(sight.places) :])
    if places == sight.places:
        return sight
    if set(places) == {1}:
        return sight.everything()
    if any(n % m for n, m in zip(sight.places, places, strict=True)):
        return None  # its windows are then not all of one size
    window = [n // m for n, m in zip(sight.places, places, strict=True)]
    return sight.through(window, window, [0] * len(window), [1] * len(window), places)


def _reduction(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    """Follow a mean, sum or maximum over some axes: over the whole image, or over channels only."""
    before = arguments[0].dim()
    given = _given(arguments, 1, None)
    axes = range(before) if given in (None, []) else ([given] if isinstance(given, int) else given)
    over = {axis % before for axis in axes}
    image = set(range(before - len(sight.places), before))
    if before != len(sight.places) + 2 or image <= over:
        return sight.everything()
    return None if image & over else sight


def _padding(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    """Follow zeros added at the sides: unit 0 then stands that much further to the front."""
    sides = list(arguments[1]) + [0] * (2 * len(sight.places))
    fields = list(sight.fields)
    for axis in range(len(fields)):
        field = fields[-1 - axis]
        fields[-1 - axis] = field._replace(first=field.first - sides[2 * axis] * field.stride)
    return Sight(tuple(fields), tuple(result.shape[-len(fields) :]))


def _slice(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    tensor, axis, start = arguments[0], _given(arguments, 1, 0), _given(arguments, 2, None) or 0
    step = _given(arguments, 4, 1)
    axis = axis % tensor.dim() - 2
    if axis < 0 or tensor.dim() != len(sight.places) + 2:
        return sight
    n = tensor.shape[axis + 2]
    start = min(max(start + n if start < 0 else start, 0), n)
    fields = list(sight.fields)
    field = fields[axis]
    fields[axis] = ReceptiveField(
        field.size, field.stride * step, field.first + start * field.stride
    )
    return Sight(tuple(fields), tuple(result.shape[2:]))


def _chosen_channels(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    """Follow an index: of channels or images only, which leaves the places as they are."""
    if isinstance(arguments[1], int):
        axes = [arguments[1] % arguments[0].dim()]
    else:
        axes = [axis for axis, index in enumerate(arguments[1]) if index is not None]
    if max(axes) >= arguments[0].dim() - len(sight.places):
        return None
    return sight


def _matrix_product(arguments: tuple[Any, ...], sight: Sight, result: Tensor) -> Sight | None:
    return sight.everything()


_RULES: dict[str, Rule] = {
    "convolution": _convolution,
    "max_pool2d_with_indices": _max_pooling,
    "max_pool3d_with_indices": _max_pooling,
    "avg_pool2d": _pooling,
    "avg_pool3d": _pooling_of_volumes,
    "_adaptive_avg_pool2d": _adaptive_pooling,
    "_adaptive_avg_pool3d": _adaptive_pooling,
    "adaptive_max_pool2d": _adaptive_pooling,
    **dict.fromkeys(("mean", "sum", "amax", "max", "var", "std"), _reduction),
    **dict.fromkeys(("mm", "addmm", "bmm", "baddbmm", "mv", "linear"), _matrix_product),
    "constant_pad_nd": _padding,
    "slice": _slice,
    **dict.fromkeys(("index", "index_select", "select"), _chosen_channels),
}


def _each(numbers: Any, axes: int) -> list[int]:
    """Return one number for each axis."""
    numbers = list(numbers) if isinstance(numbers, list | tuple) else [numbers]
    return numbers if len(numbers) == axes else numbers * axes


def _given(arguments: tuple[Any, ...], place: int, default: Any) -> Any:
    return arguments[place] if len(arguments) > place else default
