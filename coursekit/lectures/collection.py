"""All claims of all lectures, in the order in which the lectures make them."""

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module

import coursekit.lectures
from coursekit.lectures.claim import Claim


@dataclass(frozen=True)
class Lecture:
    """One of the five lectures.

    Args:
        letter: by which claims name it.
        title: of the lecture.
        by: who gave it.
        slides: how many, 0 where its source is not divided into slides.
    """

    letter: str
    title: str
    by: str
    slides: int

    @property
    def name(self) -> str:
        """Short enough for a table."""
        return f"{self.letter}: {self.by}, {self.title}"


LECTURES = {
    one.letter: one
    for one in (
        Lecture("V", "Introduction to neural networks", "Verbeek", 60),
        Lecture("K", "CS7015 lecture 11, convolutional neural networks", "Khapra", 72),
        Lecture("H", "Hierarchical compositionality and convolutions", "slides 33 to 100", 100),
        Lecture("T", "lecture 7, recap", "Leal-Taixé and Niessner", 93),
        Lecture("L", "lecture 5, convolutional networks", "Louppe", 0),
    )
}


@cache
def claims() -> tuple[Claim, ...]:
    """Return every claim: lecture by lecture, slide by slide, within a slide as its module has them.

    A module of claims is called after its lecture's letter: ``k_sensor``.

    Raises:
        ValueError: two claims have the same id, or a module holds a claim of another lecture.
    """
    found: dict[str, Claim] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(coursekit.lectures.__path__)):
        if module[1:2] != "_" or module[0].upper() not in LECTURES:
            continue
        for claim in import_module(f"coursekit.lectures.{module}").CLAIMS:
            if claim.id in found:
                raise ValueError(f"two claims are called {claim.id}")
            if claim.lecture != module[0].upper():
                raise ValueError(f"{claim.id} stands in {module}, a module of another lecture")
            found[claim.id] = claim
    order = list(LECTURES)
    return tuple(sorted(found.values(), key=lambda one: (order.index(one.lecture), one.slide)))
