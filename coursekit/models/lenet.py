"""LeNet-5 in torch, layer by layer the network of :mod:`coursekit.reference.lenet`."""

from collections.abc import Callable
from typing import Literal

from torch import nn

from coursekit.errors import CourseError

Variant = Literal["modern", "1998-like"]

# activation, pooling, and the gain of the initial weights: Var(w) = gain² / fan_in
VARIANTS: dict[str, tuple[Callable[[], nn.Module], Callable[[int], nn.Module], float]] = {
    "modern": (nn.ReLU, nn.MaxPool2d, 2**0.5),
    "1998-like": (nn.Tanh, nn.AvgPool2d, 1.0),
}


def lenet5(*, size: int = 28, classes: int = 10, variant: Variant = "modern") -> nn.Sequential:
    """Build a LeNet-5 for images of one channel: 61706 parameters with 10 classes.

    Shapes, counts, variants and the distribution of the initial weights are those of
    :func:`coursekit.reference.lenet.lenet5`, which has the table; :func:`coursekit.models.copy_weights`
    makes the two the same function. The weights are drawn from torch's random numbers:
    ``torch.manual_seed`` before says which. :func:`coursekit.models.lenet5_1998` is the network as published.

    Args:
        size: height and width of the images: 32, or 28, which get 2 zeros at each side.
        classes: scores for each image, at least 1.
        variant: "modern" or "1998-like".

    Returns:
        A network from images (N, 1, size, size) to scores (N, classes).

    Raises:
        CourseError: size is not 28 or 32, classes is below 1, or there is no such variant.

    Source: LeCun et al. 1998, Gradient-based learning applied to document recognition, section II.B.
    """
    if size not in (28, 32):
        raise CourseError(f"size is {size}, expected 28 or 32.")
    if classes < 1:
        raise CourseError(f"classes is {classes}, expected at least 1.")
    if variant not in VARIANTS:
        raise CourseError(f"variant is {variant!r}, expected 'modern' or '1998-like'.")
    activation, pool, gain = VARIANTS[variant]
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=(32 - size) // 2),
        activation(),
        pool(2),
        nn.Conv2d(6, 16, 5),
        activation(),
        pool(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        activation(),
        nn.Linear(120, 84),
        activation(),
        nn.Linear(84, classes),
    )
    for layer in model:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            fan_in = layer.weight[0].numel()
            nn.init.normal_(layer.weight, std=gain / fan_in**0.5)
            nn.init.zeros_(layer.get_parameter("bias"))
    return model
