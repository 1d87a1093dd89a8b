"""A model as a table: what comes out of every layer, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby

from torch import nn

from coursekit.errors import CourseError
from coursekit.models.choices import at_least
from coursekit.models.tracing import Step, trace

_WORDS = ("name", "kind", "output")  # the columns that are no numbers
_HEADINGS = (*_WORDS, "parameters", "activations", "multiply-adds", "receptive field")


@dataclass(frozen=True)
class Row:
    """One layer of a model, or one operation outside of all layers, or a part that holds several.

    Args:
        name: as in ``model.get_submodule(name)``; of an operation, the module that does it.
        kind: the layer's class, or the operation's name, such as add.
        shape: of its output for one image; None where it did not run.
        parameters: trained or frozen; 0 where an earlier row has them already.
        activations: entries of its output for one image; 0 where they lie in the memory of its input.
        multiply_adds: for one image: products of inputs with weights, or of matrices.
        receptive_field: pixels of the image that one unit of the output sees, along each axis; None
            where there is no image or it is not known.
    """

    name: str
    kind: str
    shape: tuple[int, ...] | None
    parameters: int
    activations: int
    multiply_adds: int
    receptive_field: tuple[int, ...] | None

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table shows, in the order of its columns."""
        return (
            self.name or "(model)",
            self.kind,
            "not used" if self.shape is None else _by(self.shape) or "1",
            *(f"{n:,}" for n in (self.parameters, self.activations, self.multiply_adds)),
            "–" if self.receptive_field is None else _by(self.receptive_field),
        )


@dataclass(frozen=True)
class Summary:
    """All rows of a model, from the image to the scores."""

    rows: tuple[Row, ...]
    title: str

    @property
    def parameters(self) -> int:
        """Of the model, those shared by several layers counted once."""
        return sum(row.parameters for row in self.rows)

    @property
    def activations(self) -> int:
        """Entries of all outputs for one image."""
        return sum(row.activations for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Of the model for one image."""
        return sum(row.multiply_adds for row in self.rows)

    def __getitem__(self, name: str) -> Row:
        """Return the last row of this name.

        Raises:
            KeyError: there is none.
        """
        found = [row for row in self.rows if row.name == name]
        if not found:
            names = ", ".join(dict.fromkeys(row.name for row in self.rows))
            raise KeyError(f"{name!r} is no row, expected one of: {names}")
        return found[-1]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        table = [_HEADINGS, *(row.cells for row in self.rows), self._total]
        widths = [max(len(line[column]) for line in table) for column in range(len(_HEADINGS))]
        lines = [_line(cells, widths) for cells in table]
        rule = "-" * max(map(len, lines))
        return "\n".join([self.title, lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def _repr_html_(self) -> str:
        # no color of its own, so that it reads in a light and in a dark theme
        head = "".join(
            f"<th scope='col' style='{_side(i)}'>{h}</th>" for i, h in enumerate(_HEADINGS)
        )
        body = "".join(f"<tr>{_html_cells(row.cells)}</tr>" for row in self.rows)
        return (
            "<table style='border-collapse:collapse;color:inherit;background:transparent'>"
            f"<caption style='text-align:left;color:inherit'>{escape(self.title)}</caption>"
            f"<thead><tr style='border-bottom:1px solid currentColor'>{head}</tr></thead>"
            f"<tbody>{body}</tbody><tfoot><tr style='border-top:1px solid currentColor'>"
            f"{_html_cells(self._total)}</tr></tfoot></table>"
        )

    @property
    def _total(self) -> tuple[str, ...]:
        numbers = (self.parameters, self.activations, self.multiply_adds)
        return ("together", "", "", *(f"{n:,}" for n in numbers), "")


def summary(model: nn.Module, input_shape: tuple[int, ...], *, depth: int | None = None) -> Summary:
    """Return a model as a table; end a cell with it to see it.

    There is a row for every layer, in the order in which they run, and one for every operation outside of all
    layers, such as the + of a residual block or a function called in a ``forward``. A layer that runs twice has
    two rows, one that does not run when a model is tested (an auxiliary head) has "not used" instead of a
    shape. ``nn.Identity`` has none. The receptive field follows every branch, and where branches meet it spans
    what any of them sees; what a normalization sees by averaging over the image does not count.

    Nothing is computed and no weights are copied where that can be avoided (torch's meta device), and the model
    comes back as it was.

    Args:
        model: any that takes one batch of images.
        input_shape: of one image, without the batch: (C, H, W).
        depth: None for every layer; 1 for one row for each part of the model, 2 for each of their parts.

    Returns:
        The table. It prints as text, a notebook shows it as HTML, and its ``rows`` and sums are numbers.

    Raises:
        CourseError: the model does not take such images; the message says which layer complained.
    """
    if not isinstance(model, nn.Module):
        raise CourseError(f"model is a {type(model).__name__}, expected a torch.nn.Module.")
    if not isinstance(input_shape, tuple | list):
        raise CourseError(
            f"input_shape is {input_shape!r}, expected that of one image: (3, 224, 224)."
        )
    shape = tuple(at_least(f"input_shape[{i}]", n, 1) for i, n in enumerate(input_shape))
    steps = trace(model, shape)
    if depth is not None:
        at_least("depth", depth, 1)
        steps = _folded(model, steps, depth)
    title = f"{type(model).__name__} for {_by(shape)}"
    return Summary(tuple(map(_row, steps)), title)


def _folded(model: nn.Module, steps: list[Step], depth: int) -> list[Step]:
    """Put what happens inside of one part into one step, whose output is that of the last step in it."""
    folded = []
    for path, group in groupby(steps, key=lambda step: step.path[:depth]):
        inner = list(group)
        if len(path) < depth or (len(inner) == 1 and inner[0].path == path):
            folded += inner  # nothing to put together
            continue
        ran = [step for step in inner if step.shape is not None]
        last = ran[-1] if ran else inner[-1]
        folded.append(
            Step(
                path,
                type(model.get_submodule(".".join(path))).__name__,
                last.shape,
                sum(step.parameters for step in inner),
                sum(step.activations for step in inner),
                sum(step.multiply_adds for step in inner),
                last.sight,
            )
        )
    return folded


def _row(step: Step) -> Row:
    field = None if step.sight is None else tuple(f.size for f in step.sight.fields)
    costs = (step.parameters, step.activations, step.multiply_adds)
    return Row(".".join(step.path), step.kind, step.shape, *costs, field)


def _by(numbers: tuple[int, ...]) -> str:
    return "×".join(map(str, numbers))


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (
        cell.ljust(width) if column < len(_WORDS) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(padded).rstrip()


def _side(column: int) -> str:
    return f"text-align:{'left' if column < len(_WORDS) else 'right'};background:transparent"


def _html_cells(cells: tuple[str, ...]) -> str:
    name, *rest = (escape(cell) for cell in cells)
    first = f"<th scope='row' style='{_side(0)};font-weight:normal'>{name}</th>"
    return first + "".join(f"<td style='{_side(i)}'>{c}</td>" for i, c in enumerate(rest, 1))
