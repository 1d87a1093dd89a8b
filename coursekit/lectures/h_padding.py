"""Hierarchical compositionality, slides 83 to 86: padding, and what happens without."""

from collections.abc import Iterable

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.lectures.h_sizes import by_formula, made, shape_claim
from coursekit.lectures.nets import net
from coursekit.reference import output_size

NETS = ("AlexNet", "ZFNet", "VGG-16", "GoogLeNet", "ResNet-50")


def _recalled(N: int) -> Sides:
    return Sides(by_formula(N, 3, 1), made(7, 3, padding=1)[0], "7 pixels, padded by 1")


def _keeping(F: int) -> list[int]:
    """Return all paddings that keep an image of 32 at its size."""
    return [P for P in range(F + 1) if output_size(32, F, padding=P) == 32]


def _keeps(filters: Iterable[int]) -> Finding:
    filters = list(filters)
    keeping = {F: _keeping(F) for F in filters}
    shown = ", ".join(f"{F}: {P[0] if P else 'none'}" for F, P in keeping.items())
    return Finding(
        all(keeping[F] == [(F - 1) / 2] for F in filters),
        f"filter and padding that keeps 32: {shown}",
    )


def _padded_in_practice(half: bool) -> Finding:
    """Count, in five networks, the convolutions that see neighbors and are padded with zeros."""
    from torch import nn

    found = [
        layer for name in NETS for layer in net(name).modules() if isinstance(layer, nn.Conv2d)
    ]
    wide = [one for one in found if one.kernel_size[0] > 1]
    if half:
        wide = [one for one in wide if one.stride[0] == 1]
        with_it = [one for one in wide if one.padding[0] == (one.kernel_size[0] - 1) / 2]
        how = "of stride 1 have padding (F - 1)/2"
    else:
        with_it, how = [one for one in wide if one.padding[0] != 0], "are padded"
    return Finding(
        2 * len(with_it) > len(wide),
        f"in {', '.join(NETS)}: {len(with_it)} of {len(wide)} convolutions larger than 1×1 {how}",
    )


def _until_nothing_fits() -> list[int]:
    widths = [32]
    while widths[-1] >= 5:
        widths.append(output_size(widths[-1], 5))
    return widths


def _too_fast() -> Finding:
    widths = _until_nothing_fits()
    kept = {output_size(32, 5, padding=2)}
    return Finding(
        widths[-1] < 5 and kept == {32},
        f"{', '.join(str(W) for W in widths)}: after {len(widths) - 1} layers no 5×5 filter fits; "
        "with padding 2 there is no such end",
    )


CLAIMS = (
    Claim(
        "H83-common",
        "it is common to pad the border with zeros",
        "comparison",
        compute=lambda: _padded_in_practice(half=False),
        place="slides 83 to 85",
        chapter=3,
        cell="explain-what-fits",
    ),
    Claim(
        "H83-recalled",
        "for 7×7 padded by 1, (N - F) / stride + 1 still gives the size",
        "formula",
        compute=lambda: _recalled(7 + 2 * 1),
        remark="With the padded width, N = 9; N = 7 would give 5",
        chapter=3,
        cell="explain-padding",
    ),
    shape_claim(
        "84-padded",
        "7×7 input, 3×3 filter, stride 1, padding 1",
        "7×7",
        lambda: made(7, 3, padding=1),
        "padding-that-keeps-the-size",
        "slides 83 to 85",
    ),
    Claim(
        "H85-common",
        "common are stride 1, filters of F×F and padding (F - 1)/2",
        "comparison",
        compute=lambda: _padded_in_practice(half=True),
        chapter=3,
        cell="explain-what-fits",
    ),
    Claim(
        "H85-keeps",
        "padding (F - 1)/2 keeps the size",
        "formula",
        compute=lambda: _keeps(range(1, 9)),
        conventions={"F is odd; no padding keeps it for an even F": lambda: _keeps(range(1, 9, 2))},
        chapter=3,
        cell="explain-padding",
    ),
    *(
        Claim(
            f"H85-filter-{F}",
            f"F = {F}: the padding that keeps the size",
            "number",
            printed=printed,
            compute=lambda F=F: _keeping(F),  # type: ignore[misc]
            chapter=3,
            cell="padding-that-keeps-the-size",
        )
        for F, printed in ((3, "1"), (5, "2"), (7, "3"))
    ),
    shape_claim(
        "86-shrinks",
        "32×32 under 5×5 filters, again and again: the first two sizes",
        "28 24",
        lambda: tuple(_until_nothing_fits()[1:3]),
        "count-places",
        "slides 66 and 86",
    ),
    Claim(
        "H86-too-fast",
        "shrinking too fast is not good",
        "comparison",
        compute=_too_fast,
        chapter=3,
        cell="count-places",
        remark="Counted, not trained",
    ),
    Claim(
        "H86-works-worse",
        "and it does not work well",
        "comparison",
        unchecked="the slide does not say what works worse: which net, which data, against what",
    ),
)
