"""What cells show, as a reader of the web needs it: pictures as files, links to pages, tables that scroll."""

import base64
import hashlib
from pathlib import Path
from posixpath import join, normpath

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
    app.connect("doctree-resolved", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def finish(app: Sphinx, page: nodes.document, docname: str) -> None:
    """Mend the HTML of a page that a notebook holds; Sphinx passes it on just as it is stored."""
    for node in list(page.findall(nodes.raw)):
        soup = BeautifulSoup(node.astext(), "html.parser")
        for image in soup.find_all("img"):
            if image["src"].startswith(PNG):
                take_out(app, docname, image)
        for link in soup.find_all("a", href=True):
            if ".ipynb" in link["href"]:
                lead(app, docname, link)
        for table in soup.find_all("table"):
            table.wrap(soup.new_tag("div", attrs={"class": "pst-scrollable-table-container"}))
        for sentence in soup.find_all(string=IN_JUPYTER):
            sentence.replace_with(HERE)
        node.children = [nodes.Text(str(soup))]


def take_out(app: Sphinx, docname: str, image: Tag) -> None:
    """Make a file of a picture that stands in the page: the text need not wait for the pictures."""
    data = base64.b64decode(image["src"].removeprefix(PNG))
    file = f"_images/{hashlib.sha256(data).hexdigest()[:16]}.png"
    path = Path(app.outdir, file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    image["src"] = "../" * docname.count("/") + file
    image["loading"] = "lazy"
    # with its size known a picture that comes later moves nothing: links to a cell still lead there
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    image["width"], image["height"] = str(width), str(height)


def lead(app: Sphinx, docname: str, link: Tag) -> None:
    """Let a link to a notebook lead to the notebook's page."""
    address, mark, place = link["href"].partition("#")
    target = normpath(join(docname, "..", address)).removesuffix(".ipynb")
    places = app.env.metadata[target].get("myst_slugs", {}) if target in app.env.all_docs else {}
    if target in app.env.all_docs and (not place or place in places):
        link["href"] = app.builder.get_relative_uri(docname, target) + mark + place
    else:
        log.warning("a link leads to %s, which is not there", link["href"], location=docname)
