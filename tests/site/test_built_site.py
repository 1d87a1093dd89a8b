"""The site as files: everything is in it, nothing of a solution is, and every link leads somewhere."""

import json
import re
from html import unescape
from itertools import pairwise
from pathlib import Path
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from course_site import EXERCISES, PAGES, READY, ROOT, address, make_site, tiny_course

from coursekit.study.leaks import SHORT, leaks, secrets

ATTRIBUTE = r'\s%s="([^"]*)"'


def page(site: Path, name: str) -> str:
    return (site / name).read_text(encoding="utf-8")


def found(html: str, attribute: str) -> list[str]:
    return [unescape(value) for value in re.findall(ATTRIBUTE % attribute, html)]


def test_there_is_a_page_for_everything_and_nothing_else(site: Path) -> None:
    files = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    made = {name for name in files if not name.startswith("_static/")}
    assert made == set(PAGES)
    assert len(READY) >= 13


def test_every_cell_every_result_and_every_figure_is_on_its_page(site: Path) -> None:
    for one in READY:
        html = page(site, address(one.notebook))
        cells = json.loads((ROOT / one.notebook).read_text(encoding="utf-8"))["cells"]
        ids = found(html, "id")
        assert {f"cell-id={cell['id']}" for cell in cells} <= set(ids)
        assert len(ids) == len(set(ids)), f"{one.slug} has an id twice"
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert html.count('class="cell_output') == sum(bool(c.get("outputs")) for c in cells)
        printed = " ".join(unescape(re.sub(r"<[^<>]*>", "", html)).split())
        for output in outputs:
            shown = "".join(output.get("data", {}).get("text/html", ""))
            assert set(found(shown, "alt")) <= set(found(html, "alt"))
            for line in "".join(output.get("text", "")).splitlines():
                assert " ".join(line.split()) in printed, f"{one.slug} lacks {line!r}"


def test_pictures_are_files_of_known_size_with_alternative_text(site: Path) -> None:
    for name in PAGES:
        for image in re.findall(r"<img[^>]*>", page(site, name)):
            assert re.search(r'\ssrc="(\.\./)*_images/[0-9a-f]{16}\.png"', image), image
            assert re.search(r'\swidth="\d+"', image)
            assert re.search(r'\sheight="\d+"', image)
            # without words where the title beside it says what it is: on the first page
            assert re.search(r'\salt="[^"]+"', image) or name == "index.html", image


def test_every_link_leads_to_a_file_and_a_place_in_it(site: Path) -> None:
    places = {name: {"", *found(page(site, name), "id")} for name in PAGES}
    checked = 0
    for name in PAGES:
        html = page(site, name)
        for target in found(html, "href") + found(html, "src"):
            parts = urlsplit(target)
            if parts.scheme in ("http", "https"):  # a page may name others, to click on
                assert f'<a class="reference external" href="{target}"' in html, target
                continue
            assert parts.scheme == "", target
            file = normpath(f"{name}/../{unquote(parts.path)}") if parts.path else name
            assert (site / file).is_file(), f"{name} leads to {target}"
            if file in places:
                assert unquote(parts.fragment) in places[file], f"{name} leads to {target}"
            checked += 1
    assert checked > 1000


def test_styles_ask_nothing_of_other_hosts(site: Path) -> None:
    styles = sorted(site.rglob("*.css"))
    assert len(styles) > 3
    for style in styles:
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", text), style.name
        for used in re.findall(r"url\(\s*[\"']?([^)\"']+)", text):
            older = used.endswith((".woff", ".ttf"))  # for browsers of 2015; what follows woff2
            if not used.startswith(("data:", "#")) and not older:
                assert (style.parent / re.split("[?#]", used)[0]).is_file(), f"{style.name}: {used}"


def test_one_page_leads_to_the_next_in_the_order_of_the_course(site: Path) -> None:
    order = ["index.html"]
    for one in READY:
        order.append(address(one.notebook))
        order += [address(one.exercises)] if one in EXERCISES else []
    for before, after in pairwise(order):
        (target,) = re.findall(r'<a class="right-next"\s+href="([^"]+)"', page(site, before))
        assert normpath(f"{before}/../{target}") == after
        (target,) = re.findall(r'<a class="left-prev"\s+href="([^"]+)"', page(site, after))
        assert normpath(f"{after}/../{target}") == before
    contents = page(site, "index.html").partition('aria-label="Contents"')[2].partition("</nav>")[0]
    for one in READY:
        assert f">{one.number} · {one.title}</a>" in contents


def test_exercises_can_be_downloaded_as_they_are(site: Path) -> None:
    for one in EXERCISES:
        name = address(one.exercises)
        (target,) = (link for link in found(page(site, name), "href") if "_downloads" in link)
        file = site / normpath(f"{name}/../{target}")
        assert file.name == Path(one.exercises).name
        assert file.read_bytes() == (ROOT / one.exercises).read_bytes()


def test_no_page_holds_a_solution(site: Path) -> None:
    hidden = secrets(ROOT)
    # chapters teach lines of code, see leaks: there the plans and the written answers count
    words = [
        one
        for one in hidden
        if one.kind == "words" and not one.of_the_reference and len(one.squeezed) >= SHORT
    ]
    assert len(words) > 300
    for name in [*PAGES, "searchindex.js"]:
        wanted = words if name.startswith("notebooks/") else hidden
        assert [str(leak) for leak in leaks(name, (site / name).read_bytes(), wanted)] == []


def test_search_knows_the_words_of_text_code_and_captions(site: Path) -> None:
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    for stem in ("toeplitz", "gradcheck", "pagoda"):
        assert re.search(rf'\b{stem}"?:', index), stem


def test_links_to_a_cell_lead_to_it_from_text_and_from_what_a_cell_shows(small_site: Path) -> None:
    first, second = (address(one.notebook) for one in READY[:2])
    links = found(page(small_site, first), "href")
    places = found(page(small_site, second), "id")
    for place in ("cell-id=computed", "cell-id=last"):
        assert f"{Path(second).name}#{place}" in links
        assert place in places
    assert "#below" in links


def test_what_is_stored_is_shown_and_nothing_is_executed(small_site: Path) -> None:
    html = page(small_site, address(READY[1].notebook))
    assert "stored, not computed" in html


def test_a_widget_shows_its_picture_and_says_where_it_moves(site: Path, small_site: Path) -> None:
    first = address(READY[0].notebook)
    for html in (page(site, first), page(small_site, first)):
        assert "Interactive in the notebook: there you move the controls." in html
        assert "run this cell to move" not in html
        assert "Explorer(" not in html


def test_dead_links_and_damaged_notebooks_stop_the_build_and_are_named(tmp_path: Path) -> None:
    tiny_course(tmp_path)
    first, second = (tmp_path / one.notebook for one in READY[:2])
    second.write_text(second.read_text(encoding="utf-8")[:200], encoding="utf-8")
    left = tmp_path / "build" / "site" / "notebooks" / "an_old_chapter.html"
    left.parent.mkdir(parents=True)
    left.write_text("half a page", encoding="utf-8")
    done = make_site(tmp_path)
    assert done.returncode != 0
    assert "The site is ready" not in done.stdout
    assert f"notebooks/{second.name} is damaged" in done.stderr
    said = [line for line in done.stderr.splitlines() if f"notebooks/{first.stem}" in line]
    assert any("'cell-id=computed'" in line for line in said), "the link in a text"
    assert any(f"{second.name}#cell-id=last" in line for line in said), "the link in an output"
    assert "Traceback" not in done.stderr
    assert not left.exists(), "what an earlier build left is still there"
