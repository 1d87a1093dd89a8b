"""A figure that everybody can read: picture, alternative text and caption in one object."""

import base64
import io
from dataclasses import dataclass
from html import escape
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette: eight colors that color-blind readers tell apart, without the yellow that projectors lose
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PINK = (
    "#000000",
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#0072b2",
    "#d55e00",
    "#cc79a7",
)
INPUT, KERNEL, OUTPUT = (
    BLUE,
    ORANGE,
    GREEN,
)  # x, w and y keep their colors in every figure of the course
GRAY = "#8c8c8c"

_STYLE: dict[Any, Any] = {
    "font.size": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "figure.dpi": 100,
    "savefig.dpi": 100,
}


@dataclass(frozen=True)
class Picture:
    """A drawn figure.

    Args:
        png: the picture's bytes.
        alt: what the picture shows, for a reader who cannot see it.
        caption: what to look at.
    """

    png: bytes
    alt: str
    caption: str

    def __repr__(self) -> str:
        return f"[Figure: {self.alt}]"

    def _repr_html_(self) -> str:
        # image/png would lose the alt text: JupyterLab sets none, whatever the metadata say
        data = base64.b64encode(self.png).decode()
        return (
            f'<figure style="margin:0"><img alt="{escape(self.alt)}" src="data:image/png;base64,{data}" '
            f'style="max-width:100%;background-color:white"><figcaption>{escape(self.caption)}</figcaption></figure>'
        )


def canvas(
    width: float, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, Any]:
    """Return a figure in the course's style and its axes, sizes in inches.

    Drawing goes without pyplot, which keeps a global list of figures that long lectures fill.
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes: Axes | Any = figure.subplots(rows, columns, **options)
    return figure, axes


def picture(figure: Figure, alt: str, caption: str) -> Picture:
    """Render a figure.

    Args:
        figure: what :func:`canvas` made.
        alt: what it shows, for a reader who cannot see it: the kind of picture, the data, what is to be seen.
        caption: what to look at, a sentence or two.

    Raises:
        ValueError: alt or caption is empty.
    """
    if not alt.strip() or not caption.strip():
        raise ValueError(
            "a figure needs alt text and a caption: say what it shows and what to look at"
        )
    for ax in figure.axes:
        if legend := ax.get_legend():  # made outside the style of the canvas
            legend.set_frame_on(False)
    file = io.BytesIO()
    with rc_context(_STYLE):
        # no software version in the file: the same figure then gives the same bytes on the same machine
        figure.savefig(file, format="png", metadata={"Software": None})
    return Picture(file.getvalue(), alt, caption)
