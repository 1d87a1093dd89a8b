"""`coursekit share`: a page to read, and nothing else."""

import json
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager

import nbformat
import pytest

from coursekit.chapters import chapter
from coursekit.errors import CourseError
from coursekit.live import sharing
from coursekit.live.lecture import LECTURER, make_copy
from coursekit.notebooks import read, write
from coursekit.paths import course_root

FIRST = chapter(1)
SHARE = (
    "import sys; from pathlib import Path; from coursekit.live import sharing;"
    "sharing.course_root = lambda: Path(sys.argv[1]);"
    "sys.exit(sharing.share(1, 0, '127.0.0.1'))"
)


@pytest.fixture
def root(tmp_path):
    """A course in which the lecture copy of chapter 01 was made."""
    make_copy(FIRST, course_root(), tmp_path / "work", LECTURER)
    return tmp_path


@contextmanager
def shared(root):
    """Share the copy; yield the address of the page."""
    process = subprocess.Popen(
        [sys.executable, "-c", SHARE, str(root)], stdout=subprocess.PIPE, text=True
    )
    try:
        for line in process.stdout:
            if "http://" in line:
                yield line.strip()
                break
    finally:
        process.terminate()
        process.communicate(timeout=30)


def get(address, **headers):
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30)


def status(request):
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_change_is_told_to_whoever_listens(root):
    path = root / "work/live/01_convolution_1d.ipynb"
    with shared(root) as address:
        page = get(address).read().decode()
        assert "Convolution in one dimension" in page
        assert "*Notes.*" not in page
        version = page.split('data-version="')[1].split('"')[0]
        with get(f"{address}changes?version={version}") as news:
            assert news.headers["Content-Type"] == "text/event-stream"
            assert news.readline() == b": still here\n"
            notebook = read(path)
            cell = next(one for one in notebook.cells if one.id == "sensor-readings")
            cell.source = "typed = 'before the room'"
            write(notebook, path)
            said = {}
            while "data" not in said:
                name, _, value = news.readline().decode().partition(": ")
                said[name] = value
        told = json.loads(said["data"])
        assert told["latest"] == "sensor-readings"
        assert list(told["html"]) == ["sensor-readings"]
        assert "before the room" in told["html"]["sensor-readings"]
        with get(f"{address}changes", **{"Last-Event-ID": version}) as news:
            assert news.readline() == f"id: {said['id']}".encode()


def test_the_notebook_to_take_along_has_no_notes(root):
    with shared(root) as address, get(f"{address}notebook.ipynb") as answer:
        assert "01_convolution_1d.ipynb" in answer.headers["Content-Disposition"]
        notebook = nbformat.reads(answer.read().decode(), as_version=4)
    ids = [cell.id for cell in notebook.cells]
    assert "sensor-readings" in ids
    assert not any(one.startswith("notes-") or one == "lecture" for one in ids)


def test_nothing_can_be_written_and_nothing_else_read(root):
    path = root / "work/live/01_convolution_1d.ipynb"
    (root / "work/live/secret.txt").write_text("secret")
    before = path.read_bytes()
    with shared(root) as address:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for page in ("", "changes", "notebook.ipynb", "api/contents/live"):
                asked = urllib.request.Request(address + page, data=b"{}", method=method)
                assert status(asked) in (404, 405)
        for page in ("secret.txt", "../live/secret.txt", "%2e%2e/secret.txt", "api/kernels", "lab"):
            assert status(urllib.request.Request(address + page)) == 404
    assert path.read_bytes() == before


def test_no_script_runs_but_the_page_s_own(root):
    with shared(root) as address, get(address) as answer:
        policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert policy.startswith("default-src 'none'")
    assert "connect-src 'self'" in policy
    assert page.count("<script") == page.count(f'<script nonce="{nonce}">') == 4


def test_without_a_copy_it_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setattr(sharing, "course_root", lambda: tmp_path)
    with pytest.raises(CourseError, match=r"run `coursekit live 1` first"):
        sharing.share(1)


def test_a_port_that_is_taken_is_named_or_passed_over(root, monkeypatch, capsys):
    monkeypatch.setattr(sharing, "course_root", lambda: root)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(CourseError, match=f"Port {taken} is not to be had"):
            sharing.share(1, taken, "127.0.0.1")
        monkeypatch.setattr(sharing, "USUAL_PORT", taken)
        monkeypatch.setattr(sharing, "_TRIES", 1)
        with pytest.raises(CourseError, match="are all taken: name a free one with --port"):
            sharing.share(1, None, "127.0.0.1")
    assert "http://" not in capsys.readouterr().out


def test_wrong_addresses_and_ports_get_a_sentence(root, monkeypatch):
    monkeypatch.setattr(sharing, "course_root", lambda: root)
    with pytest.raises(CourseError, match="There is no port 70000"):
        sharing.share(1, 70000)
    for address in ("999.1.1.1", "198.51.100.77", "lecture.example.org"):
        with pytest.raises(CourseError, match=f"no address {re.escape(address)}: give one in"):
            sharing.share(1, 0, address)


def test_the_address_to_type_is_one_that_others_reach():
    assert sharing._name_of("192.0.2.7") == "192.0.2.7"
    assert sharing._name_of("::1") == "[::1]"
    assert sharing._name_of("").count(".") == 3
