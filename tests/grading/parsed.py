"""Read a page of the grading in a test: its text, its marks, and whether it hangs together."""

import re
from html.parser import HTMLParser
from itertools import pairwise

from bs4 import BeautifulSoup, Tag

VOID = {"meta", "br", "img", "input", "link"}


def parse(page: str) -> BeautifulSoup:
    """Return the tree of a page."""
    return BeautifulSoup(page, "html.parser")


def text(node: Tag) -> str:
    """Return what a person reads, with spaces as a browser sets them."""
    return " ".join(node.get_text().split())


def one(node: Tag, selector: str) -> Tag:
    """Return the only element that a selector finds."""
    found = node.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)} elements"
    return found[0]


def section(page: BeautifulSoup, name: str) -> Tag:
    """Return the section with a name."""
    return one(page, f"section[aria-labelledby='{name}']")


def rows(table: Tag) -> list[list[str]]:
    """Return the cells of a table's body, line by line."""
    return [
        [text(cell) for cell in line.find_all(["th", "td"])] for line in table.select("tbody tr")
    ]


class Reader(HTMLParser):
    """Go through a page as it is written, and note its elements; each has to be closed in its place."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == [], "these are not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = tuple(name for name, _ in attrs)
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        self.elements.append((tag, names))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes nothing"


def marks(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return every element of a page with the names of its attributes, apart from code in sentences."""
    return [element for element in Reader(page).elements if element[0] != "code"]


def assert_sound(page: str) -> BeautifulSoup:
    """Assert what holds for every page, and return its tree."""
    Reader(page)
    tree = parse(page)
    assert page.startswith("<!doctype html>\n")
    assert one(tree, "html")["lang"] == "en"
    assert text(one(tree, "title"))
    _assert_quiet(page, tree)
    _assert_landmarks(tree)
    _assert_names(tree)
    _assert_figures(tree)
    return tree


def _assert_quiet(page: str, tree: BeautifulSoup) -> None:
    """Nothing runs, and nothing is asked of another machine."""
    policy = one(tree, "meta[http-equiv='Content-Security-Policy']")["content"]
    assert policy.startswith("default-src 'none';")
    for tag in ("script", "iframe", "object", "embed", "link", "img", "base", "form"):
        assert not tree.find_all(tag), tag
    for element in tree.find_all(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on") and name not in ("src", "srcset", "style"), name
            if name == "href":
                assert re.fullmatch(r"#[\w-]+|feedback/[\w.%~-]+\.html|\w+\.csv", value), value
    style = one(tree, "style").get_text()
    assert "@import" not in style
    assert set(re.findall(r"url\((.)", style)) == {"#"}


def _assert_landmarks(tree: BeautifulSoup) -> None:
    assert len(tree.select("main")) == len(tree.select("body > header")) == 1
    levels = [int(heading.name[1]) for heading in tree.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1 and levels[0] == 1
    for before, after in pairwise(levels):
        assert after <= before + 1, f"h{after} follows h{before}"


def _assert_names(tree: BeautifulSoup) -> None:
    """Every id is there once, and whatever names an id finds it."""
    ids = [element["id"] for element in tree.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for element in tree.find_all(["section", "article", "nav"]):
        assert element.get("aria-labelledby") in ids or element.get("aria-label"), element.name
    for link in tree.select("[href^='#']"):
        assert link["href"][1:] in ids, link["href"]


def _assert_figures(tree: BeautifulSoup) -> None:
    for drawing in tree.find_all("svg"):
        labeled = drawing.get("role") == "img" and drawing.get("aria-label", "").strip()
        assert labeled or drawing.get("aria-hidden") == "true"
    for figure in tree.find_all("figure"):
        assert text(one(figure, "figcaption"))
        assert figure.select("svg[role=img]")
    for scrolled in tree.select("pre, .scroll"):
        assert scrolled["tabindex"] == "0" and scrolled["aria-label"]
