"""Pages after Sphinx has made them: pictures as files, what cells show as a reader of the web needs it."""

import base64
import hashlib
from pathlib import Path
from posixpath import join, normpath
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)

PNG = "data:image/png;base64,"
IN_JUPYTER = "Interactive: run this cell to move the controls."
HERE = "Interactive in the notebook: there you move the controls."


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("html-page-context", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def finish(
    app: Sphinx, name: str, template: str, context: dict[str, Any], page: nodes.document | None
) -> None:
    """Mend the HTML of a page, which holds what cells show just as it is stored."""
    if page is None:
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    for image in soup.find_all("img", src=lambda source: source and source.startswith(PNG)):
        take_out(app, name, image)
    for link in soup.find_all("a", href=lambda target: target and ".ipynb" in target):
        lead(app, name, link)
    for table in soup.select(".cell_output table"):
        if "pst-scrollable-table-container" not in table.parent.get("class", []):
            table.wrap(soup.new_tag("div", attrs={"class": "pst-scrollable-table-container"}))
    for sentence in soup.find_all(string=IN_JUPYTER):
        sentence.replace_with(HERE)
    context["body"] = str(soup)


def take_out(app: Sphinx, name: str, image: Tag) -> None:
    """Make a file of a picture that stands in the page, so that the page opens before all pictures are there."""
    data = base64.b64decode(image["src"].removeprefix(PNG))
    file = f"_images/{hashlib.sha256(data).hexdigest()[:16]}.png"
    path = Path(app.outdir, file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    image["src"] = "../" * name.count("/") + file
    image["loading"] = "lazy"
    # with its size known a picture that comes later moves nothing: links to a cell still lead there
    image["width"], image["height"] = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))


def lead(app: Sphinx, name: str, link: Tag) -> None:
    """Let a link to a notebook in what a cell shows lead to the notebook's page."""
    address, hash_sign, place = link["href"].partition("#")
    target = normpath(join(name, "..", address)).removesuffix(".ipynb")
    if "download" in link.attrs or address.startswith(("https://", "http://")):
        return
    if target in app.env.all_docs:
        link["href"] = app.builder.get_relative_uri(name, target) + hash_sign + place
    else:
        log.warning("a link leads to %s, which is no page", link["href"], location=name)
