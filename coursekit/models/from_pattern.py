"""A network from the lectures' notation: what the pattern leaves open, arguments say."""

from collections.abc import Mapping
from math import prod

from torch import nn

from coursekit.errors import CourseError
from coursekit.models.choices import at_least, he_normal
from coursekit.models.grammar import Layer, PatternError, read_pattern


def parse(
    pattern: str,
    *,
    input_shape: tuple[int, int, int] = (3, 32, 32),
    classes: int = 10,
    width: int = 32,
    kernel: int = 3,
    hidden: int = 128,
    times: Mapping[str, int] | None = None,
    optional: bool = True,
) -> nn.Sequential:
    """Build the network that a pattern such as "INPUT -> [CONV -> RELU -> POOL]*2 -> FC" describes.

    A CONV keeps height and width; its channels start at ``width`` and double behind every POOL. A POOL takes
    the maximum of 2×2 pixels with stride 2. The first FC flattens the image; every FC but the last
    has ``hidden`` units, and the last one has the scores.

    Args:
        pattern: in the notation of :mod:`coursekit.models.grammar`.
        input_shape: (C, H, W) of the images.
        classes: scores for each image.
        width: channels of the convolutions before the first POOL.
        kernel: height and width of the kernels, odd.
        hidden: units of every FC but the last.
        times: a number for every letter of the pattern: ``{"N": 2}`` for ``[CONV -> RELU]*N``.
        optional: whether what has a question mark is there.

    Returns:
        A network from images (N, C, H, W) to scores (N, classes), one module for each layer of the pattern
        and a Flatten before the first FC.

    Raises:
        PatternError: the pattern is no network; the message marks the place and says what was expected.
        CourseError: an argument is out of its range.

    Source: Louppe lecture 5, "Architectures"; CS231n, Convolutional neural networks, "Layer patterns".
    """
    C, H, W = _as_image(input_shape)
    for name, number in {"classes": classes, "width": width, "hidden": hidden}.items():
        at_least(name, number, 1)
    if at_least("kernel", kernel, 1) % 2 == 0:
        raise CourseError(
            f"kernel is {kernel}, expected an odd number: it has a pixel in the middle."
        )
    read = read_pattern(pattern)
    layers = read.layers(times, optional=optional)
    last = _checked_order(pattern, layers)
    modules: list[nn.Module] = []
    shape: tuple[int, ...] = (C, H, W)
    for place, layer in enumerate(layers):
        match layer.kind:
            case "CONV":
                modules.append(nn.Conv2d(shape[0], width, kernel, padding=kernel // 2))
                shape = (width, *shape[1:])
            case "POOL":
                shape = _pooled(pattern, layer, shape)
                modules.append(nn.MaxPool2d(2))
                width *= 2
            case "FC":
                if len(shape) > 1:
                    modules.append(nn.Flatten())
                units = classes if place == last else hidden
                modules.append(nn.Linear(prod(shape), units))
                shape = (units,)
            case "ReLU":
                modules.append(nn.ReLU())
    model = nn.Sequential(*modules)
    he_normal(model)
    return model


def _as_image(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    if not isinstance(shape, tuple | list) or len(shape) != 3:
        raise CourseError(f"input_shape is {shape!r}, expected (C, H, W), the shape of one image.")
    C, H, W = (at_least(f"input_shape[{axis}]", size, 1) for axis, size in enumerate(shape))
    return C, H, W


def _checked_order(text: str, layers: tuple[Layer, ...]) -> int:
    """Return where the last layer stands: an FC, with neither CONV nor POOL behind any FC."""
    if not layers:
        raise PatternError("Found no layer, expected FC as the last one.", text, len(text))
    flat = False
    for layer in layers:
        flat = flat or layer.kind == "FC"
        if flat and layer.kind in ("CONV", "POOL"):
            problem = (
                f"Found {layer.kind} behind FC, expected it before the first FC: behind that there is "
                "no image any more."
            )
            raise PatternError(problem, text, layer.position)
    if layers[-1].kind != "FC":
        problem = f"Found {layers[-1].kind} as the last layer, expected FC: it holds the scores."
        raise PatternError(problem, text, layers[-1].position)
    return len(layers) - 1


def _pooled(text: str, layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape behind a POOL."""
    C, H, W = shape
    if min(H, W) < 2:
        problem = (
            f"Found a POOL for an image of {H}×{W}, expected at least 2×2: leave out poolings, or take "
            "larger images."
        )
        raise PatternError(problem, text, layer.position)
    return C, H // 2, W // 2
