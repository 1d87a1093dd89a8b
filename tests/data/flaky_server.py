"""A file server on this machine that breaks off, knows no ranges, or hangs, as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Flaky:
    """What the server serves and how, and what it was asked."""

    files: dict[str, bytes]
    breaks: list[int] = field(default_factory=list)  # bytes to send before each next break
    ranges: bool = True
    hangs: bool = False  # instead of breaking off
    url: str = ""
    asked: list[str] = field(default_factory=list)  # "name" or "name from position"
    sent: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(flaky: Flaky) -> Iterator[Flaky]:
    """Serve while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/")
            wanted = self.headers.get("Range", "")
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            flaky.asked.append(f"{name} from {start}" if wanted else name)
            content = flaky.files.get(name)
            if content is None:
                self.send_error(404)
                return
            if wanted and flaky.ranges:
                if start >= len(content):
                    self.send_error(416)
                    return
                self.send_response(206)
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
                content = content[start:]
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            stop = flaky.breaks.pop(0) if flaky.breaks else len(content)
            self.wfile.write(content[:stop])
            flaky.sent += min(stop, len(content))
            if stop < len(content) and flaky.hangs:
                flaky.over.wait(60)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        flaky.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield flaky
        finally:
            flaky.over.set()
            server.shutdown()
            thread.join()
