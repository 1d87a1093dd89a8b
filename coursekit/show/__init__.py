"""Figures and widgets: what a notebook draws that is longer than a few lines, each with alt text and caption."""

from coursekit.show.figure import Picture, picture
from coursekit.show.widget import explorer

__all__ = ["Picture", "explorer", "picture"]
