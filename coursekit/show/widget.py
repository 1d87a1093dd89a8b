"""Interactive figures: controls above, a picture or a table below that follows them."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Protocol

import ipywidgets


class Drawn(Protocol):
    """What an explorer shows: a picture, or a table."""

    @property
    def alt(self) -> str:
        """What there is to see, for a reader who cannot see it."""

    def _repr_html_(self) -> str: ...


class Explorer(ipywidgets.VBox):
    """Controls and the picture that they move.

    Its HTML form is the picture of the default state, which is what a stored notebook shows.
    """

    def __init__(self, draw: Callable[..., Drawn], controls: dict[str, ipywidgets.Widget]) -> None:
        self._draw, self._controls = draw, controls
        self._start = draw(**self._values())
        self._view = ipywidgets.HTML(self._start._repr_html_())
        self._message = ipywidgets.HTML()
        _make_room_for_names(controls.values())
        for control in controls.values():
            control.observe(self._redraw, names="value")
        super().__init__([*controls.values(), self._message, self._view])

    @property
    def message(self) -> str:
        """What is wrong with the values that the controls show; empty if nothing is."""
        return str(self._message.value)

    @property
    def html(self) -> str:
        """The picture as it stands."""
        return str(self._view.value)

    def _values(self) -> dict[str, Any]:
        return {name: control.value for name, control in self._controls.items()}

    def _redraw(self, _change: object) -> None:
        try:
            drawn = self._draw(**self._values())
        except ValueError as error:
            # the reader is half way through typing, or at a limit worth understanding: say it, keep the picture
            self._message.value = f"<p><strong>Not possible:</strong> {escape(str(error))}</p>"
            return
        self._message.value = ""
        self._view.value = drawn._repr_html_()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = f"[Interactive figure: {self._start.alt}]"
        data["text/html"] = (
            self._start._repr_html_()
            + "<p><em>Interactive: run this cell to move the controls.</em></p>"
        )
        return bundle


def _make_room_for_names(controls: Iterable[ipywidgets.Widget]) -> None:
    """Let the longest name stand in full, which ipywidgets would cut after 80 pixels, and align the controls."""
    controls = list(controls)
    letters = 1 + max((len(control.description) for control in controls), default=0)
    for control in controls:
        control.style.description_width = f"{letters}ch"
        control.layout.width = control.layout.width or f"calc({letters}ch + 20em)"


def explorer(draw: Callable[..., Drawn], **controls: ipywidgets.Widget) -> Explorer:
    """Return a picture with controls.

    Args:
        draw: called with the controls' values by name; returns a picture or a table, or raises ValueError with a
            sentence that the reader then sees.
        controls: widgets with a value.
    """
    return Explorer(draw, controls)
