"""``coursekit share 3``: a page on which a room follows the lecturer's copy and can change nothing.

JupyterLab stays where it was, on this machine alone. This is a server of its own that answers three questions, all of
them about one file: the page, what changed on it, and the notebook to take along. It has no kernel, writes nothing and
takes nothing.
"""

import asyncio
import contextlib
import errno
import secrets
import socket
from ipaddress import ip_address
from pathlib import Path

import nbformat
from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler

from coursekit.chapters import Chapter, chapter
from coursekit.errors import CourseError
from coursekit.live import followpage
from coursekit.live.board import Board
from coursekit.live.lecture import copy_of
from coursekit.paths import course_root

USUAL_PORT = 8900
_TRIES = 50
_LOOK_SECONDS = 0.5
_BEAT_SECONDS = 15.0  # so that proxies and browsers do not take a quiet lecture for a dead one
_NO_ADDRESS = (
    "This machine has no address {}: give one in numbers, such as 127.0.0.1, "
    "or leave --address out to use all it has."
)
_POLICY = (
    "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; script-src 'nonce-{}'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def share(number: int, port: int | None = None, address: str = "") -> int:
    """Show the lecture copy of a chapter to a room until somebody stops it; return the exit status.

    Args:
        number: of the chapter.
        port: to listen on; None takes the first free one from 8900.
        address: of this machine that people can reach; empty means all it has.

    Raises:
        CourseError: there is no copy yet, or the port is taken.
        DamagedNotebookError: the copy is no notebook.
    """
    of = chapter(number)
    path = _existing(of)
    board = Board(path)
    listening = _listen(port, address)
    print(
        f"The room sees {path.parent.name}/{path.name} at this address, a second or two after it is saved, and can "
        f"change nothing:\n\n    http://{_name_of(address)}:{listening.getsockname()[1]}/\n\n"
        "To stop sharing, press Ctrl-C here.",
        flush=True,
    )
    with listening, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(board, of, listening))
    print("\nThe page is no longer there; the notebook stays as it is.")
    return 0


async def _serve(board: Board, of: Chapter, listening: socket.socket) -> None:
    news = asyncio.Condition()
    shared = {"board": board, "news": news, "title": of.title}
    application = Application(
        [
            (r"/", _Page, shared),
            (r"/changes", _Changes, shared),
            (r"/notebook\.ipynb", _Notebook, shared),
        ]
    )
    listening.setblocking(False)
    HTTPServer(application).add_socket(listening)
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if await asyncio.to_thread(board.look):
            async with news:
                news.notify_all()


class _Handler(RequestHandler):
    """What all answers have in common. Tornado refuses what is no GET: nothing here takes anything."""

    def initialize(self, board: Board, news: asyncio.Condition, title: str) -> None:
        self.board, self.news, self.title = board, news, title

    def set_default_headers(self) -> None:
        self.nonce = secrets.token_urlsafe(16)
        self.set_header("Content-Security-Policy", _POLICY.format(self.nonce))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")


class _Page(_Handler):
    def get(self) -> None:
        self.finish(followpage.page(self.title, self.board.view, self.nonce))


class _Notebook(_Handler):
    def get(self) -> None:
        self.set_header("Content-Type", "application/x-ipynb+json")
        self.set_header("Content-Disposition", f'attachment; filename="{self.board.path.name}"')
        self.finish(nbformat.writes(self.board.notebook()))


class _Changes(_Handler):
    """Server-sent events: one for each change, told to everybody who listens."""

    async def get(self) -> None:
        self.set_header("Content-Type", "text/event-stream")
        version = self.request.headers.get("Last-Event-ID") or self.get_argument("version", "")
        with contextlib.suppress(StreamClosedError):
            while True:
                view = self.board.view
                if view.version != version:
                    said = self.board.since(version)
                    version = view.version
                    self.write(f"id: {version}\ndata: {said}\n\n")
                else:
                    self.write(": still here\n\n")
                await self.flush()
                await self._wait(version)

    async def _wait(self, version: str) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BEAT_SECONDS), self.news:
                await self.news.wait_for(lambda: self.board.view.version != version)


def _existing(of: Chapter) -> Path:
    path = copy_of(of, course_root() / "work")
    if not path.is_file():
        raise CourseError(
            f"Chapter {of.number:02d} has no lecture copy yet, and that is what a room follows: run `coursekit live "
            f"{of.number}` first, in another terminal."
        )
    return path


def _listen(port: int | None, address: str) -> socket.socket:
    """Return a socket that listens on a port.

    Raises:
        CourseError: it is not to be had.
    """
    if port is not None and not 0 <= port <= 65535:
        raise CourseError(
            f"There is no port {port}: choose one from 1024 to 65535, for example {USUAL_PORT}."
        )
    tries = [port] if port is not None else range(USUAL_PORT, USUAL_PORT + _TRIES)
    reason: Exception | None = None
    for one in tries:
        try:
            return _bind(one, address)
        except PermissionError as error:
            raise CourseError(
                f"Port {one} is for administrators: choose one from 1024 to 65535, for example {USUAL_PORT}."
            ) from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise CourseError(_NO_ADDRESS.format(address)) from error
            reason = error
    if port is None:
        raise CourseError(
            f"Ports {USUAL_PORT} to {USUAL_PORT + _TRIES - 1} are all taken: name a free one with --port."
        )
    raise CourseError(
        f"Port {port} is not to be had ({reason}): choose another from 1024 to 65535, or leave --port out."
    )


def _bind(port: int, address: str) -> socket.socket:
    if not address:
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        return socket.create_server(("", port), family=family, dualstack_ipv6=both)
    try:
        version = ip_address("127.0.0.1" if address == "localhost" else address).version
    except (
        ValueError
    ) as error:  # a name would have to be looked up, and it may be of another machine
        raise CourseError(_NO_ADDRESS.format(address)) from error
    family = socket.AF_INET6 if version == 6 else socket.AF_INET
    return socket.create_server((address, port), family=family)


def _name_of(address: str) -> str:
    """What people type to reach this machine."""
    if address not in ("", "0.0.0.0", "::"):
        return f"[{address}]" if ":" in address else address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # sends nothing: it only asks which way a packet would go (an address of documentation, RFC 5737)
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:  # no network
            return "127.0.0.1"
