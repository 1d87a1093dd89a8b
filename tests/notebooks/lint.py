"""What a notebook of the course must look like. One rule, one function.

Each rule takes a notebook (as parsed JSON, source and text joined) and its path, and returns a
sentence for every fault: what was found, what was expected. `problems` runs the rules that apply to
the path.
"""

import json
import re
import socket
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

Rule = Callable[[dict, Path], list[str]]

LINES = 12  # of a code cell
CELLS = (18, 50)  # of a chapter: the design says about 20 to 35
BALANCE = (1.5, 6.0)  # words of prose per word of code: the design says two to four
MOST_BYTES = 1_000_000
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
OURS = {"nbval-ignore-output", "raises-exception"}  # tags of nbval with which a cell still runs


def read(path: Path) -> dict:
    """Read a notebook with every source and text as one string."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = _joined(cell["source"])
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = _joined(output["text"])
            for kind, value in output.get("data", {}).items():
                if kind.startswith(("text/", "image/")):
                    output["data"][kind] = _joined(value)
    return notebook


def problems(notebook: dict, path: Path) -> list[str]:
    """Return every fault of a notebook, each beginning with its path."""
    return [f"{path.name}: {fault}" for rule in rules_for(path) for fault in rule(notebook, path)]


def rules_for(path: Path) -> list[Rule]:
    """Return the rules for a notebook: its folder and its number say what it is."""
    if "exercises" in path.parts:
        return ANYWHERE + GRADED  # released without outputs, so nothing is numbered
    if "solutions" in path.parts:
        return ANYWHERE + EXECUTED + GRADED
    chapter = re.match(r"(0[1-9]|1[0-6])_", path.name)
    return ANYWHERE + EXECUTED + (CHAPTER if chapter else [])


# --- any notebook


def no_error_outputs(notebook: dict, path: Path) -> list[str]:
    return [
        f"cell {cell['id']} shows an error ({output.get('ename')}): mend it, run all, save"
        for cell, output in _outputs(notebook)
        if output["output_type"] == "error"
    ]


def short_code_cells(notebook: dict, path: Path) -> list[str]:
    faults = []
    for cell in _code(notebook):
        # what nbgrader reads is not what a person reads
        lines = [
            line for line in cell["source"].splitlines() if not line.strip().startswith("### ")
        ]
        if len(lines) > LINES:
            faults.append(
                f"cell {cell['id']} has {len(lines)} lines, expected at most {LINES}: split it, "
                "or move plumbing to coursekit"
            )
    return faults


def pictures_speak(notebook: dict, path: Path) -> list[str]:
    """Every picture has alt text and a caption."""
    faults = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            faults += [f"cell {cell['id']}: {fault}" for fault in _silent_html(cell["source"])]
            faults += [f"cell {cell['id']}: {fault}" for fault in _silent_markdown(cell["source"])]
    for cell, output in _outputs(notebook):
        data = output.get("data", {})
        faults += [
            f"cell {cell['id']}: {fault}" for fault in _silent_html(data.get("text/html", ""))
        ]
        bare = [kind for kind in data if kind.startswith("image/")]
        if bare and "text/html" not in data:
            faults.append(
                f"cell {cell['id']} shows a bare {bare[0]}, which has no alt text: show a "
                "figure of coursekit.show"
            )
    return faults


def nothing_of_one_machine(notebook: dict, path: Path) -> list[str]:
    """No paths, addresses, names or times of the machine on which the notebook ran."""
    faults = []
    for place, text in _texts(notebook):
        for what, pattern in _of_one_machine():
            if found := re.search(pattern, text):
                faults.append(
                    f"{place} holds {what}, {found[0]!r}: print what is the same everywhere"
                )
    for cell in notebook["cells"]:
        for key in sorted(
            {"execution", "ExecuteTime", "papermill", "vscode"} & set(cell["metadata"])
        ):
            faults.append(f"cell {cell['id']} has metadata {key!r}, times of one run: delete it")
    return faults


def small(notebook: dict, path: Path) -> list[str]:
    size = len(json.dumps(notebook, ensure_ascii=False).encode())
    if size <= MOST_BYTES:
        return []
    return [f"{size:,} bytes, expected at most {MOST_BYTES:,}: draw smaller or fewer pictures"]


def readable_ids(notebook: dict, path: Path) -> list[str]:
    """Ids say what a cell is; working copies and the grader find cells by them."""
    faults = []
    ids = [cell.get("id") for cell in notebook["cells"]]
    for number, name in enumerate(ids):
        if name is None or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or _random(name):
            faults.append(
                f"cell {number} has the id {name!r}, expected words such as 'first-average'"
            )
        elif name in ids[:number]:
            faults.append(f"the id {name!r} stands on two cells, expected each once")
    return faults


def portable_kernel(notebook: dict, path: Path) -> list[str]:
    faults = []
    kernel = notebook["metadata"].get("kernelspec")
    if kernel != KERNEL:
        faults.append(f"the kernelspec is {kernel}, expected {KERNEL}")
    version = notebook["metadata"].get("language_info", {}).get("version")
    if version is not None:
        faults.append(
            f"language_info holds the Python version {version}: delete it, it differs by machine"
        )
    return faults


def no_widget_state(notebook: dict, path: Path) -> list[str]:
    faults = []
    if "widgets" in notebook["metadata"]:
        faults.append("the notebook stores widget state in metadata.widgets: delete it")
    for cell, output in _outputs(notebook):
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
            faults.append(
                f"cell {cell['id']} stores a widget view, which without a kernel shows an error: "
                "delete the key and keep the picture in text/html"
            )
    return faults


def calm_prose(notebook: dict, path: Path) -> list[str]:
    """No exclamation marks and no emoji."""
    faults = []
    for place, text in _prose(notebook):
        if found := re.search(r"\S*!(?!=)", text):
            faults.append(f"{place} has an exclamation mark, {found[0]!r}: say it with a period")
        if found := re.search(EMOJI, text):
            faults.append(f"{place} has the emoji {found[0]!r}: use words")
    return faults


def heading_structure(notebook: dict, path: Path) -> list[str]:
    """One title at the top, and no level skipped: readers who listen move by headings."""
    faults = []
    headings = list(_headings(notebook))
    titles = [text for level, text in headings if level == 1]
    if len(titles) != 1 or headings[0][0] != 1:
        faults.append(f"the headings of level 1 are {titles}, expected one, the first heading")
    for (above, _), (level, text) in pairwise(headings):
        if level > above + 1:
            faults.append(
                f"the heading {text!r} has level {level} below level {above}, expected {above + 1}"
            )
    return faults


def links_lead_somewhere(notebook: dict, path: Path) -> list[str]:
    faults = []
    anchors = {_slug(text) for _, text in _headings(notebook)}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        for target in _targets(_without_code(cell["source"])):
            file, _, anchor = target.partition("#")
            if file and not (path.parent / unquote(file)).exists():
                faults.append(f"cell {cell['id']} links to {target}, and there is no such file")
            if not file and _slug(unquote(anchor)) not in anchors:
                faults.append(f"cell {cell['id']} links to {target}, and there is no such heading")
    return faults


def american_spelling(notebook: dict, path: Path) -> list[str]:
    faults = []
    for place, text in _texts(notebook):
        for found in re.finditer(BRITISH, re.sub(r"https?://\S+", "", text), re.IGNORECASE):
            faults.append(
                f"{place} has the British spelling {found[0]!r}, expected the American one"
            )
    return faults


# --- notebooks that are stored with their outputs


def numbered_from_one(notebook: dict, path: Path) -> list[str]:
    counts = [cell["execution_count"] for cell in _code(notebook)]
    if counts == list(range(1, len(counts) + 1)):
        return []
    return [
        f"code cells are numbered {counts}, expected 1 to {len(counts)}: restart, run all, save"
    ]


def everything_is_checked(notebook: dict, path: Path) -> list[str]:
    """A cell whose output is not compared asserts something that holds everywhere."""
    faults = []
    for cell in _code(notebook):
        tags = {
            tag for tag in cell["metadata"].get("tags", []) if tag.startswith(("nbval", "raises"))
        }
        source = cell["source"]
        if others := sorted(tags - OURS):
            faults.append(
                f"cell {cell['id']} is tagged {others[0]}, expected nothing to be left out"
            )
        if found := re.search(r"#\s*(NBVAL\w+|PYTEST_VALIDATE\w+)", source):
            faults.append(
                f"cell {cell['id']} has the comment {found[1]}: use the tag, readers see comments"
            )
        if "nbval-ignore-output" in tags and not re.search(
            r"^\s*assert\b|\bdoctor\(|\bprogress\(", source, re.M
        ):
            faults.append(
                f"cell {cell['id']} is not compared and has no assert: assert what holds everywhere"
            )
    return faults


# --- chapters


def imports_first(notebook: dict, path: Path) -> list[str]:
    first = next(iter(_code(notebook)), {"id": None, "source": ""})
    missing = [
        what
        for what, pattern in (
            ("imports", r"^(import|from) "),
            ("a seed", r"default_rng\(\d|seed\(\d"),
        )
        if not re.search(pattern, first["source"], re.M)
    ]
    return [
        f"the first code cell, {first['id']}, has no {what}, expected imports and seed"
        for what in missing
    ]


def balanced(notebook: dict, path: Path) -> list[str]:
    """Two to four words of prose per word of code, with some room."""
    prose = sum(_words(text) for place, text in _prose(notebook) if place.startswith("cell"))
    code = sum(_words(cell["source"]) for cell in _code(notebook))
    low, high = BALANCE
    if code and low <= prose / code <= high:
        return []
    return [
        f"{prose} words of prose for {code} words of code, expected {low} to {high} times as many"
    ]


def length(notebook: dict, path: Path) -> list[str]:
    low, high = CELLS
    count = len(notebook["cells"])
    if low <= count <= high:
        return []
    return [f"{count} cells, expected {low} to {high}"]


def slides(notebook: dict, path: Path) -> list[str]:
    """Every cell says what it is in a lecture, and some are left for the lecturer to fill."""
    faults = []
    for cell in notebook["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind not in SLIDES:
            faults.append(
                f"cell {cell['id']} has the slide_type {kind!r}, expected one of {sorted(SLIDES)}"
            )
    if not any("live" in cell["metadata"].get("tags", []) for cell in _code(notebook)):
        faults.append("no code cell is tagged live, expected at least one for the lecturer to fill")
    return faults


# --- exercises and their solutions


def valid_nbgrader(notebook: dict, path: Path) -> list[str]:
    faults, seen, total = [], set(), 0.0
    for cell in notebook["cells"]:
        grader = cell["metadata"].get("nbgrader")
        if grader is None:
            continue
        place = f"cell {cell['id']}"
        if grader.get("schema_version") != 3:
            faults.append(f"{place} has nbgrader schema {grader.get('schema_version')}, expected 3")
        missing = [
            key
            for key in ("grade", "locked", "solution", "task")
            if not isinstance(grader.get(key), bool)
        ]
        if missing:
            faults.append(f"{place} lacks nbgrader's {', '.join(missing)}, expected true or false")
        name = grader.get("grade_id")
        if not name or name in seen:
            faults.append(f"{place} has the grade_id {name!r}, expected one that no other cell has")
        seen.add(name)
        graded, points = grader.get("grade") or grader.get("task"), grader.get("points")
        if graded and not (type(points) in (int, float) and points >= 0):
            faults.append(
                f"{place} is graded with {points!r} points, expected a number of at least 0"
            )
        elif graded:
            total += points
        elif points is not None:
            faults.append(f"{place} has points and is not graded: delete them or set grade")
    if total <= 0:
        faults.append(f"the points add up to {total:g}, expected more than 0")
    return faults


ANYWHERE: list[Rule] = [
    no_error_outputs,
    short_code_cells,
    pictures_speak,
    nothing_of_one_machine,
    small,
    readable_ids,
    portable_kernel,
    no_widget_state,
    calm_prose,
    heading_structure,
    links_lead_somewhere,
    american_spelling,
]
EXECUTED: list[Rule] = [numbered_from_one, everything_is_checked]
CHAPTER: list[Rule] = [imports_first, balanced, length, slides]
GRADED: list[Rule] = [valid_nbgrader]

EMOJI = "[\U0001f000-\U0001faff☀-⛿✅✊-✌✨❌❎❓-❗❤⭐⭕️]"

_ISE = r"is(?:e|ed|er|ers|es|ing|ation|ations|able)\b"
_STEMS = (
    "initial|normal|regular|optim|general|visual|recogn|organ|minim|maxim|summar|real|penal|util|emphas|"
    "discret|vector|factor|random|standard|local|special|final|categor|character|quant|memor|parallel"
)
BRITISH = (
    rf"\b(?:re|un|de|over)?(?:{_STEMS}){_ISE}|"
    r"\b\w*(?:colour|behaviour|neighbour|favour|honour|flavour|labour|rumour)\w*|"
    r"\bcentr(?:e|es|ed|ing)\b|\bgrey\w*|\bmetres?\b|\bkilometres?\b|\bfibres?\b|\banalyse[drs]?\b(?<!analyses)|"
    r"\banalysing\b|\bmodell(?:ed|ing|er)\b|\blabell(?:ed|ing)\b|\btravell(?:ed|ing)\b|\bcancell(?:ed|ing)\b|"
    r"\bsignall(?:ed|ing)\b|\bprogrammes?\b|\bdefence\b|\bwhilst\b|\bamongst\b|\bjudgement\b|\bartefacts?\b|"
    r"\bsceptic\w*|\bpractise[ds]?\b|\bmaths\b|\blearnt\b|\bspelt\b|\bfulfil\b"
)


# --- helpers


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _code(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _outputs(notebook: dict) -> Iterator[tuple[dict, dict]]:
    for cell in _code(notebook):
        for output in cell.get("outputs", []):
            yield cell, output


def _texts(notebook: dict) -> Iterator[tuple[str, str]]:
    """Everything that a reader can see, with where it stands; pictures are left out."""
    for cell in notebook["cells"]:
        yield f"cell {cell['id']}", re.sub(r"base64,[\w+/=]+", "", cell["source"])
    for cell, output in _outputs(notebook):
        shown = [output.get("text", "")]
        shown += [text for kind, text in output.get("data", {}).items() if kind.startswith("text/")]
        yield f"the output of cell {cell['id']}", re.sub(r"base64,[\w+/=]+", "", "\n".join(shown))


def _prose(notebook: dict) -> Iterator[tuple[str, str]]:
    """What was written: text cells without code, math and markup; captions and alt texts."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield f"cell {cell['id']}", _plain(cell["source"])
    for cell, output in _outputs(notebook):
        for alt, caption in _pictures(output.get("data", {}).get("text/html", "")):
            yield f"the figure of cell {cell['id']}", f"{alt}\n{caption}"


def _plain(markdown: str) -> str:
    text = _without_code(markdown)
    text = re.sub(r"\$\$.*?\$\$|\\\[.*?\\\]", " ", text, flags=re.DOTALL)
    text = re.sub(r"(?<!\\)\$[^$\n]+\$|\\\(.*?\\\)", " ", text)
    text = re.sub(r"<!--.*?-->|</?\w[^>]*>", " ", text, flags=re.DOTALL)
    return re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)


def _without_code(markdown: str) -> str:
    text = re.sub(r"^(```|~~~).*?^\1", " ", markdown, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(`+)(?!`).+?(?<!`)\1", " ", text)


def _words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _headings(notebook: dict) -> Iterator[tuple[int, str]]:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            lines = _without_code(cell["source"])
            for marks, text in re.findall(r"^(#{1,6})\s+(.+)$", lines, re.M):
                if not re.match(r"(BEGIN|END) [A-Z]+", text):  # nbgrader's marks look like headings
                    yield len(marks), text.strip()


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.casefold())


def _targets(markdown: str) -> list[str]:
    """Return what the links and pictures of a text point to, without what lies on the web."""
    found = re.findall(r"\]\(\s*<?([^)\s>]+)", markdown) + re.findall(
        r"""(?:href|src)=["']([^"']+)""", markdown
    )
    return [target for target in found if not re.match(r"[a-z][a-z0-9+.-]*:", target)]


def _random(name: str) -> bool:
    """Whether an id is one that a tool drew: eight hexadecimal digits, or a UUID."""
    return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?", name))


def _of_one_machine() -> list[tuple[str, str]]:
    patterns = [
        (
            "a path of one machine",
            r"(?<![\w.])/(?:home|Users|root|tmp|private|var/folders|mnt|work)/[\w.-]+",
        ),
        ("a path of one machine", r"\b[A-Z]:\\\\?\w+"),
        (
            "the place of an installation",
            r"[\w/.-]*(?:site-packages|dist-packages|\.venv/|/bin/python)[\w/.-]*",
        ),
        ("a memory address", r"\b0x[0-9a-fA-F]{6,}\b"),
        ("the name of a kernel's file", r"ipykernel_\d+"),
        ("a local address with its port", r"(?:localhost|127\.0\.0\.1):\d+"),
    ]
    host = socket.gethostname()
    if len(host) > 4 and host != "localhost":
        patterns.append(("the name of this machine", rf"\b{re.escape(host)}\b"))
    return patterns


def _silent_markdown(source: str) -> list[str]:
    faults = []
    text = _without_code(source)
    for found in re.finditer(r"!\[([^\]]*)\]\(([^)\s]+)([^)]*)\)[ \t]*\n*[ \t]*(.?)", text):
        alt, target, title, after = found.groups()
        if not alt.strip():
            faults.append(f"the picture {target} has no alt text: write ![what it shows]({target})")
        if not title.strip() and after not in ("*", "_"):
            faults.append(f"the picture {target} has no caption: put one below it, in *italics*")
    return faults


def _silent_html(html: str) -> list[str]:
    faults = []
    for alt, caption in _pictures(html):
        if not alt.strip():
            faults.append("a picture has no alt text: say what it shows in <img alt=...>")
        if not caption.strip():
            faults.append("a picture has no caption: put it in a <figure> with a <figcaption>")
    return faults


def _pictures(html: str) -> list[tuple[str, str]]:
    """Return alt text and caption of every picture in an HTML text."""
    reader = _PictureReader()
    reader.feed(html)
    return reader.found


class _PictureReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._figure: list[int] | None = None  # where the pictures of the open figure are in found
        self._caption = ""
        self._in_caption = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            if self._figure is not None:
                self._figure.append(len(self.found))
            self.found.append((dict(attrs).get("alt") or "", ""))
        elif tag == "figure":
            self._figure, self._caption = [], ""
        elif tag == "figcaption":
            self._in_caption = True

    def handle_data(self, data: str) -> None:
        if self._in_caption:
            self._caption += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "figcaption":
            self._in_caption = False
        elif tag == "figure" and self._figure is not None:
            for k in self._figure:
                self.found[k] = (self.found[k][0], self._caption)
            self._figure = None
