"""Populations: how the answers of a layer are distributed over many images."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.activations import activations
from coursekit.inspection.undisturbed import check_images
from coursekit.models.choices import at_least


@dataclass(frozen=True)
class Population:
    """The answers of each channel of a layer, over all images and places.

    Args:
        layer: its name.
        count: answers of each channel.
        mean: of them.
        std: of them, divided by the count.
        low: the smallest.
        high: the largest.
        active: the part above 0, 0 to 1.
        edges: of the bins, the same for all channels; each bin has its lower edge, the last one both.
        counts: answers in each bin.
    """

    layer: str
    count: int
    mean: Float64[Tensor, " K"]
    std: Float64[Tensor, " K"]
    low: Float64[Tensor, " K"]
    high: Float64[Tensor, " K"]
    active: Float64[Tensor, " K"]
    edges: Float64[Tensor, " bins+1"]
    counts: Int64[Tensor, "K bins"]

    @property
    def dead(self) -> Bool[Tensor, " K"]:
        """Channels that answered above 0 nowhere: behind a ReLU, they do nothing on these images."""
        return self.active == 0


def population(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    layer: str,
    *,
    bins: int = 40,
    batch_size: int = 250,
) -> Population:
    """Return how the answers of a layer are distributed, channel by channel.

    All is computed twice, batch by batch, for the bins are known only when the range is: memory does not grow
    with the number of images.

    Args:
        model: any; it comes back as it was.
        images: many, normalized as the model was trained.
        layer: its name, see :func:`coursekit.inspection.activations`.
        bins: of the histograms, from the smallest to the largest answer of all channels.
        batch_size: images that run together.

    Raises:
        CourseError: there is no such layer, a number is below 1, or an answer is not finite.
    """
    check_images(model, images)
    at_least("bins", bins, 1)
    at_least("batch_size", batch_size, 1)
    parts = images.split(batch_size)
    count, mean, squares, low, high, active = 0, *(torch.zeros(()) for _ in range(5))
    for part in parts:
        values = _answers(model, part, layer)
        here, own = values.shape[1], values.mean(1)
        apart = own - mean if count else torch.zeros_like(own)
        # the mean of both, and the squares around it: Chan, Golub and LeVeque 1979
        squares = squares + (values - own[:, None]).square().sum(1)
        squares = squares + apart.square() * count * here / (count + here)
        mean = mean + apart * here / (count + here) if count else own
        low = torch.minimum(low, values.amin(1)) if count else values.amin(1)
        high = torch.maximum(high, values.amax(1)) if count else values.amax(1)
        active = active + (values > 0).sum(1)
        count += here
    edges = _edges(low.min(), high.max(), bins)
    counts = torch.zeros(len(mean), bins, dtype=torch.int64, device=edges.device)
    for part in parts:
        counts += _histograms(_answers(model, part, layer), edges)
    std = (squares / count).sqrt()
    return Population(layer, count, mean, std, low, high, active / count, edges, counts)


def _answers(model: nn.Module, images: Tensor, layer: str) -> Float64[Tensor, "K answers"]:
    """Return what each channel answers, everywhere."""
    values = activations(model, images, [layer])[layer].double()
    if not values.isfinite().all():
        raise CourseError(
            f"Layer {layer!r} answers with numbers that are not finite: look for NaN in the images, or for "
            "weights that grew without bound."
        )
    if values.ndim < 2:
        raise CourseError(
            f"Layer {layer!r} answers with shape {tuple(values.shape)}, expected (N, K) or (N, K, H, W)."
        )
    return values.transpose(0, 1).flatten(1)


def _edges(low: Tensor, high: Tensor, bins: int) -> Float64[Tensor, " bins+1"]:
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.float64, device=low.device)
    edges = low + (high - low) * edges
    edges[-1] = high
    return edges


def _histograms(
    values: Float64[Tensor, "K answers"], edges: Float64[Tensor, " bins+1"]
) -> Int64[Tensor, "K bins"]:
    K, bins = len(values), len(edges) - 1
    place = torch.bucketize(values.contiguous(), edges[1:-1], right=True)
    place = place + bins * torch.arange(K, device=values.device)[:, None]
    return torch.bincount(place.flatten(), minlength=K * bins).reshape(K, bins)
