"""JupyterLab is started for real, on a course of one page, in a process of its own."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from jupyter_client import BlockingKernelClient

from coursekit import lab

DRIVER = """
import sys
from pathlib import Path

import coursekit.study
from coursekit import cli, lab


class WorkingCopy:
    @staticmethod
    def update(root):
        (root / "work/notebooks").mkdir(parents=True, exist_ok=True)
        (root / "work/notebooks/00_start_here.ipynb").write_text(
            '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        )
        return "the working copy is new"


root = Path(sys.argv.pop(1))
coursekit.study.working_copy = WorkingCopy
lab.course_root = lambda: root
cli.main()
"""
ENOUGH_SECONDS = 60
FINISHED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


class Lab:
    """A `coursekit lab` in a process of its own."""

    def __init__(self, course: Path, *options: str, **variables: str) -> None:
        self.course = course
        surroundings = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("JUPYTER") and name not in ("DISPLAY", "WAYLAND_DISPLAY")
        }
        for kind in ("RUNTIME_DIR", "CONFIG_DIR", "DATA_DIR"):
            surroundings[f"JUPYTER_{kind}"] = str(course.parent / f"jupyter-{kind.lower()}")
        self.output = course.parent / f"output-{time.monotonic_ns()}.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", DRIVER, str(course), "lab", *options],
                env={**surroundings, **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def address(self) -> str:
        """The printed address, as soon as it is there."""
        end = time.monotonic() + ENOUGH_SECONDS
        while time.monotonic() < end:
            found = re.search(r"^ +(http://\S+)$", self.text, re.MULTILINE)
            if found and "Ctrl-C" in self.text:
                return found.group(1)
            assert self.process.poll() is None, self.text
            time.sleep(0.1)
        raise AssertionError(f"no address in {self.text!r}")

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def finish(self) -> int:
        return self.process.wait(timeout=ENOUGH_SECONDS)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.finish()

    def press_ctrl_c(self) -> int:
        """Interrupt all processes in the foreground, as a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.finish()

    def records(self) -> list[Path]:
        """What servers leave on record while they run, and after they were killed."""
        return list(self.course.parent.glob("jupyter-runtime_dir/jpserver-*"))


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    return folder


@pytest.fixture
def start(course: Path) -> Iterator:
    started: list[Lab] = []

    def start(*options: str, **variables: str) -> Lab:
        started.append(Lab(course, *options, **variables))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop(signal.SIGTERM)


def wait_for_kernel(course: Path, name: str) -> None:
    """Wait until a kernel answers: one that is stopped while it still imports ends in a traceback."""
    record = course.parent / "jupyter-runtime_dir" / f"kernel-{name}.json"
    client = BlockingKernelClient(connection_file=str(record))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=ENOUGH_SECONDS)
    client.stop_channels()


def words(process: psutil.Process) -> str:
    """The command line of a process, empty if it has ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def get(url: str, **options) -> bytes:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(urllib.request.Request(url, **options), timeout=30) as answer:
        return answer.read()


def api(address: str, path: str) -> str:
    """The address of a service of the server that has this start page."""
    return address.replace(f"lab/tree/{lab.START_PAGE}", path)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in processes if one.is_running() and one.status() not in FINISHED]


def taken_port() -> tuple[socket.socket, int]:
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, listener.getsockname()[1]


def free_port() -> int:
    listener, port = taken_port()
    listener.close()
    return port


def test_address_answers_and_one_interrupt_stops_server_and_kernels(start, course: Path) -> None:
    one = start()
    address = one.address()
    assert "the working copy is new" in one.text
    assert "Open this address in a browser" in one.text, "for there is no display"
    assert "/lab/tree/notebooks/00_start_here.ipynb?token=" in address
    assert b"JupyterLab" in get(address)
    page = json.loads(get(api(address, f"api/contents/{lab.START_PAGE}")))
    assert page["type"] == "notebook"

    kernel = json.loads(get(api(address, "api/kernels"), data=b"{}", method="POST"))
    wait_for_kernel(course, kernel["id"])
    children = one.descendants()
    assert len(children) >= 2, "a server and a kernel"
    assert one.records()
    assert one.press_ctrl_c() == 0
    assert "Stopping JupyterLab and its kernels." in one.text
    assert "Are you sure" not in one.text
    assert alive(children) == []
    assert one.records() == [], "the server had time to clear up"
    assert "Traceback" not in (course / "work/.coursekit/lab.log").read_text()


def test_token_is_asked_for_and_not_among_the_arguments(start) -> None:
    one = start()
    address = one.address()
    token = address.partition("token=")[2]
    assert len(token) >= 32
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(api(address, "api/kernels").partition("?")[0])
    for process in one.descendants():
        assert token not in words(process)
    # while there is a server to ask: the popup that wants to fetch news stays away
    settings = api(address, "lab/api/settings/@jupyterlab/apputils-extension:notification")
    properties = json.loads(get(settings))["schema"]["properties"]
    assert properties["fetchNews"]["default"] == "false"
    assert one.stop(signal.SIGHUP) == 0, "as when its terminal is closed"


def test_given_port_is_used_and_termination_stops_it(start) -> None:
    port = free_port()
    one = start("--port", str(port))
    assert f":{port}/" in one.address()
    children = one.descendants()
    assert children
    assert one.stop(signal.SIGTERM) == 0
    assert alive(children) == []


def test_taken_port_is_one_sentence_that_names_it_and_another(start) -> None:
    listener, port = taken_port()
    with listener:
        one = start("--port", str(port))
        assert one.finish() == 1
    last = one.text.strip().splitlines()[-1]
    assert f"Port {port} is taken by another program" in last
    assert re.search(r"--port \d+", last)
    assert "Traceback" not in one.text


def test_without_a_port_the_next_free_one_is_taken_and_named(start) -> None:
    with contextlib.ExitStack() as stack:
        # it may be taken by somebody else already, which serves as well
        with contextlib.suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", lab.USUAL_PORT)))
        one = start()
        address = one.address()
    assert get(address)
    port = urllib.parse.urlsplit(address).port
    assert port != lab.USUAL_PORT
    assert f"Port {lab.USUAL_PORT} is taken, so it listens on port {port}." in one.text


@pytest.mark.parametrize("port", [-1, 0, 65536, 700000])
def test_ports_that_do_not_exist(port: int) -> None:
    with pytest.raises(lab.LabError, match=f"There is no port {port}: choose one from 1024"):
        lab._checked(port)


def test_second_start_leads_to_the_first(start) -> None:
    first = start()
    address = first.address()
    second = start()
    assert second.finish() == 0
    assert "already open" in second.text
    assert address in second.text
    assert get(address), "and the first goes on"

    other = free_port()
    third = start("--port", str(other))
    assert third.finish() == 1
    assert str(other) in third.text
    assert address in third.text.strip().splitlines()[-1]


def test_two_at_the_same_time_both_lead_somewhere(start) -> None:
    both = [start(), start()]
    for one in both:
        end = time.monotonic() + ENOUGH_SECONDS
        while "http://" not in one.text and time.monotonic() < end:
            time.sleep(0.1)
        address = re.search(r"http://\S+", one.text)
        assert address, one.text
        assert get(address.group())
    assert sum("already open" in one.text for one in both) == 1, "one of them waited for the other"


def test_a_start_that_does_not_end_is_named(course: Path, monkeypatch) -> None:
    monkeypatch.setattr(lab, "TURN_SECONDS", 0.1)
    monkeypatch.setattr(lab, "course_root", lambda: course)
    monkeypatch.setattr("coursekit.study.working_copy.update", lambda root: "")
    monkeypatch.setattr(lab, "_join_or_run", lambda *args: pytest.fail("it did not wait"))
    folder = course / "work" / lab.MARKER
    folder.mkdir(parents=True)
    with (
        lab.locked(folder / "lab.lock", 1),
        pytest.raises(lab.LabError, match="being opened by another `coursekit lab`"),
    ):
        lab.open_lab(browser=False)


def test_leftovers_of_a_killed_server_do_not_count(start, course: Path) -> None:
    first = start()
    first.address()
    server = next(one for one in first.descendants() if "jupyterlab" in words(one))
    server.kill()
    assert first.finish() == 1
    assert "JupyterLab has ended by itself" in first.text
    assert get(start().address())


def test_browser_opens_where_there_is_a_display(start, tmp_path: Path) -> None:
    seen = tmp_path / "seen.txt"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}.new && mv {seen}.new {seen}\n')
    browser.chmod(0o755)
    one = start(DISPLAY=":99", BROWSER=f"{browser} %s")
    address = one.address()
    assert "Your browser opens it" in one.text
    end = time.monotonic() + ENOUGH_SECONDS
    while not seen.exists() and time.monotonic() < end:
        time.sleep(0.1)
    # a local page leads there: the token is not among the browser's arguments either
    opened = seen.read_text().strip()
    assert opened.startswith("file://")
    page = Path(opened.removeprefix("file://")).read_text()
    assert address.partition("token=")[2] in page
    assert lab.START_PAGE in page


def test_server_that_cannot_start_says_why(start, course: Path) -> None:
    settings = course.parent / "jupyter-config_dir"
    settings.mkdir()
    (settings / "jupyter_server_config.py").write_text("c.ServerApp.ip = 'no such address'\n")
    one = start()
    assert one.finish() == 1
    assert "JupyterLab did not start (" in one.text
    assert "coursekit doctor" in one.text
    assert "Traceback" not in one.text


def test_errors_of_the_server_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "lab.log"
    log.write_text("[E 2026-01-01 00:00:00.000 ServerApp] before\n")

    def later() -> None:
        time.sleep(0.3)
        with log.open("a") as file:
            file.write("[I 2026-01-01 00:00:00.000 ServerApp] nothing\n")
            file.write("[E 2026-01-01 00:00:00.000 ServerApp] disk full\n")

    writer = threading.Thread(target=later)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as server:
        writer.start()
        assert next(lab._errors(log, server)) == "disk full"
        writer.join()
        server.communicate(b"\n")


@pytest.mark.parametrize(
    ("there", "off"),
    [
        ({"jupyter_server_ydoc", "jupyterlab_slideshow"}, True),
        ({"jupyter_server_ydoc"}, False),
        ({"jupyterlab_slideshow"}, False),
    ],
)
def test_collaboration_is_left_out_only_where_slides_are_there_too(
    there, off, tmp_path, monkeypatch
):
    monkeypatch.setattr(lab, "find_spec", lambda name: name if name in there else None)
    command = lab._command(tmp_path, 8888, False, lab.START_PAGE)
    assert set(lab.WITHOUT_COLLABORATION).issubset(command) is off
