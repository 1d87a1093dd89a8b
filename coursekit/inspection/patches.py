"""Strongest patches: the parts of images that a filter answers to most, cut out of the data."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.activations import activations
from coursekit.inspection.channels import chosen_channels
from coursekit.inspection.layers import split_name
from coursekit.inspection.undisturbed import check_images
from coursekit.models.choices import at_least
from coursekit.models.sight import Sight
from coursekit.models.tracing import trace


@dataclass(frozen=True)
class Patches:
    """The patches that each filter answers to most, the strongest first, at most one of an image.

    Args:
        channels: the filters.
        values: their answers.
        images: numbers of the images.
        places: row and column of the unit that answered, in the layer.
        boxes: top, left, bottom and right of what that unit sees, in pixels of the image; the last row and
            column are no longer part of it, and what is outside the image is padding.
        patches: the boxes, cut out; what is outside the image has the value that was asked for.
    """

    channels: tuple[int, ...]
    values: Float[Tensor, "K count"]
    images: Int64[Tensor, "K count"]
    places: Int64[Tensor, "K count 2"]
    boxes: Int64[Tensor, "K count 4"]
    patches: Float[Tensor, "K count C height width"]


def strongest_patches(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    layer: str,
    channels: Sequence[int] | None = None,
    *,
    count: int = 9,
    fill: float = 0.0,
    batch_size: int = 250,
) -> Patches:
    """Return for each filter the parts of images that it answers to most.

    A part is as large as the receptive field of a unit, followed through the model, and where it reaches over
    the border it has a margin there. Where a layer has one unit only for each channel, as a linear one, what is
    outside the image is left away.

    Args:
        model: any; it comes back as it was.
        images: many, normalized as the model was trained.
        layer: name of one with feature maps (N, K, h, w), or of a linear one.
        channels: filters; None for all.
        count: patches of each filter.
        fill: of what is outside the image: 0 is the mean gray level.
        batch_size: images that run together.

    Raises:
        CourseError: there is no such layer or channel, there are fewer images than patches, or what the layer
            sees is not known.

    Source: Zeiler and Fergus 2014, Visualizing and understanding convolutional networks, Figure 2.
    """
    check_images(model, images)
    at_least("batch_size", batch_size, 1)
    if at_least("count", count, 1) > len(images):
        raise CourseError(f"count is {count}, expected at most {len(images)}: one of each image.")
    images = images.detach()
    values, places = [], []
    for part in images.split(batch_size):
        A = activations(model, part, [layer])[layer]
        A = A[:, :, None, None] if A.ndim == 2 else A
        if A.ndim != 4:
            raise CourseError(
                f"What comes out of {layer!r} has shape {tuple(A.shape)}, expected (N, K, h, w) or (N, K)."
            )
        value, place = A.flatten(2).max(2)
        values.append(value)
        places.append(place)
    chosen = chosen_channels(channels, A, layer)
    value, order = torch.cat(values)[:, chosen].T.sort(dim=1, descending=True, stable=True)
    order = order[:, :count]
    flat = torch.cat(places)[:, chosen].T.gather(1, order)
    place = torch.stack((flat // A.shape[3], flat % A.shape[3]), 2)
    boxes = _boxes(_sight(model, layer, images, A), place)
    if A[0, 0].numel() == 1:  # it sees all there is, and a margin all around would tell nothing
        H, W = images.shape[2:]
        boxes = boxes.clamp(min=0).minimum(boxes.new_tensor([H, W, H, W]))
    cut = [
        torch.stack([_cut(images[n], box, fill) for n, box in zip(*pair, strict=True)])
        for pair in zip(order.tolist(), boxes.tolist(), strict=True)
    ]
    return Patches(tuple(chosen), value[:, :count], order, place, boxes, torch.stack(cut))


def _sight(model: nn.Module, layer: str, images: Tensor, A: Tensor) -> Sight:
    """Return what the units of a layer see of the image."""
    own, number = split_name(model, layer)
    path = tuple(own.split("."))
    with torch.inference_mode(False):  # in it, operations are not to be followed
        steps = trace(model, tuple(images.shape[1:]))
    steps = [step for step in steps if step.path[: len(path)] == path]
    if next(model.get_submodule(own).children(), None) is None:
        steps = steps[number - 1 : number]
    shapes = {tuple(A.shape[1:]), tuple(A[0].squeeze().shape)}
    if not steps or steps[-1].sight is None or steps[-1].shape not in shapes:
        raise CourseError(
            f"What a unit of {layer!r} sees of the image is not known: coursekit.models.summary() has the layers "
            "for which it is."
        )
    return steps[-1].sight


def _boxes(sight: Sight, place: Int64[Tensor, "K count 2"]) -> Int64[Tensor, "K count 4"]:
    first = torch.tensor([f.first for f in sight.fields], device=place.device)
    stride = torch.tensor([f.stride for f in sight.fields], device=place.device)
    size = torch.tensor([f.size for f in sight.fields], device=place.device)
    start = first + place * stride
    return torch.cat((start, start + size), 2)


def _cut(image: Float[Tensor, "C H W"], box: Sequence[int], fill: float) -> Float[Tensor, "C h w"]:
    top, left, bottom, right = box
    C, H, W = image.shape
    patch = image.new_full((C, bottom - top, right - left), fill)
    rows, columns = (
        slice(max(top, 0), max(min(bottom, H), 0)),
        slice(max(left, 0), max(min(right, W), 0)),
    )
    inside = image[:, rows, columns]
    y, x = rows.start - top, columns.start - left
    patch[:, y : y + inside.shape[1], x : x + inside.shape[2]] = inside
    return patch
