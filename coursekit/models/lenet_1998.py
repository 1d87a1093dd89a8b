"""LeNet-5 as it was published in 1998, with everything that later networks left out."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.models.choices import at_least

# Table I of the paper: which of the 6 maps of S2 each of the 16 maps of C3 looks at
C3_LOOKS_AT = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)


class ScaledTanh(nn.Module):
    r"""The squashing function :math:`1.7159 \tanh(2x / 3)`, which maps 1 to 1 and −1 to −1."""

    def forward(self, x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """Squash every entry."""
        return 1.7159 * torch.tanh(2 / 3 * x)


class Subsampling(nn.Module):
    """Average pooling whose result is multiplied by a weight and shifted by a bias, one per map.

    Args:
        maps: C, maps of the image.
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.average = nn.AvgPool2d(2)
        self.weight = nn.Parameter(torch.ones(maps, 1, 1))
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H/2 W/2"]:
        """Halve the height and the width."""
        return self.weight * self.average(x) + self.bias


class ChosenMaps(nn.Module):
    """A 5×5 convolution each of whose maps looks at some of the maps below only.

    Args:
        looks_at: for each map, the numbers of the maps below, from 0 on.
    """

    def __init__(self, looks_at: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        self.looks_at = looks_at
        self.kernels = nn.ModuleList(nn.Conv2d(len(below), 1, 5) for below in looks_at)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N K H-4 W-4"]:
        """Convolve the chosen maps for every map, and stack the results."""
        chosen = zip(self.looks_at, self.kernels, strict=True)
        return torch.cat([kernel(x[:, below]) for below, kernel in chosen], dim=1)


class DistanceToCodes(nn.Module):
    r"""The last layer: how far a description is from the fixed code of each class, as a score.

    .. math:: y_k = -\sum_i (x_i - c_{ki})^2

    Nothing here is trained. In the paper the codes of the digits are drawings of 7×12 pixels; here
    they are ±1 by chance, the other choice that it names. The minus sign, which the paper's distance
    lacks, makes the largest score the nearest class, as in all other networks.

    Args:
        features: of a description.
        classes: codes.
    """

    codes: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        chance = torch.Generator().manual_seed(1998)
        bits = torch.randint(2, (classes, features), generator=chance, device="cpu")
        self.register_buffer("codes", (2.0 * bits - 1).to(torch.get_default_device()))

    def forward(self, x: Float[Tensor, "N F"]) -> Float[Tensor, "N K"]:
        """Compare every description with every code."""
        return -((x[:, None] - self.codes) ** 2).sum(dim=2)


def lenet5_1998(*, classes: int = 10) -> nn.Sequential:
    r"""Build LeNet-5 as published: 60000 trained parameters, named as in its figure.

    ========  =======  =====================================  ========================
    layer     output   parameters                             connections in the paper
    ========  =======  =====================================  ========================
    C1        6×28×28  6 · (25 + 1) = 156                     122304
    S2        6×14×14  6 · 2 = 12                             5880
    C3        16×10×10 25 · 60 + 16 = 1516                    151600
    S4        16×5×5   16 · 2 = 32                            2000
    C5        120      120 · (400 + 1) = 48120                48120
    F6        84       84 · (120 + 1) = 10164                 10164
    output    10       0: the codes are fixed                 840
    together           60000                                  340908
    ========  =======  =====================================  ========================

    :func:`coursekit.models.lenet5` is what became of it. Initial weights are uniform between
    −2.4/n and 2.4/n, with n inputs to a unit.

    Args:
        classes: scores for each image.

    Returns:
        A network from images (N, 1, 32, 32) to scores (N, classes), the highest for the nearest class.

    Raises:
        CourseError: classes is below 1.

    Source: LeCun et al. 1998, Gradient-based learning applied to document recognition, section II.B,
    Table I and Fig. 2; appendix A on the squashing function and the initial weights.
    """
    at_least("classes", classes, 1)
    model = nn.Sequential()
    model.add_module("C1", nn.Sequential(nn.Conv2d(1, 6, 5), ScaledTanh()))
    model.add_module("S2", nn.Sequential(Subsampling(6), ScaledTanh()))
    model.add_module("C3", nn.Sequential(ChosenMaps(C3_LOOKS_AT), ScaledTanh()))
    model.add_module("S4", nn.Sequential(Subsampling(16), ScaledTanh()))
    model.add_module("C5", nn.Sequential(nn.Conv2d(16, 120, 5), ScaledTanh(), nn.Flatten()))
    model.add_module("F6", nn.Sequential(nn.Linear(120, 84), ScaledTanh()))
    model.add_module("output", DistanceToCodes(84, classes))
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            bound = 2.4 / layer.weight[0].numel()
            nn.init.uniform_(layer.weight, -bound, bound)
            nn.init.zeros_(layer.get_parameter("bias"))
    return model
