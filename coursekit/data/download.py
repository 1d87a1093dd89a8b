"""Download files so that an interrupted download goes on where it stopped.

pooch compares checksums and keeps what is right; it always starts a file anew, so the part that
talks to the server is ours.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from coursekit.data.dataset import DataSet, Download
from coursekit.errors import CourseError

if TYPE_CHECKING:
    import requests

TRIES = 5  # in vain, one after the other: getting further grants another five
WAIT_SECONDS = 1.0
TIMEOUT = (10.0, 30.0)  # to connect, and between two pieces
PIECE = 1 << 14  # what has arrived of a piece is lost when the connection breaks off
LINE_SECONDS = 10.0


def fetch(data: DataSet, folder: Path) -> list[Path]:
    """Download the files of the first source that serves them, and return where they are.

    Files that are there already are not downloaded again, and parts of files go on.

    Raises:
        CourseError: no source served the set; the sentence says why and what to do.
        OSError: the disk refuses.
    """
    reasons = []
    for source in data.sources:
        try:
            return [_fetch_one(download, folder) for download in source]
        except NotServedError as error:
            reasons.append(str(error))
    kept = sum(path.stat().st_size for path in folder.glob("*.part"))
    goes_on = (
        f" {megabytes(kept)} are kept, and the same command goes on from there." if kept else ""
    )
    raise CourseError(
        f"{data.title} could not be fetched: {'; '.join(reasons)}.{goes_on} "
        "Without a network, fashion_mnist() returns the 12,000 images that come with the course, and "
        f"`coursekit data import {data.name} PATH` takes the set from files that you have."
    )


class NotServedError(Exception):
    """One source cannot serve the file; its text says why."""


def _fetch_one(download: Download, folder: Path) -> Path:
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")  # it would announce names of temporary files
    part = folder / f"{download.sha256[:16]}.{download.name}.part"
    try:
        pooch.retrieve(
            download.url,
            f"sha256:{download.sha256}",
            fname=download.name,
            path=folder,
            downloader=_Resuming(part, download.size),
        )
    except requests.HTTPError as error:
        raise NotServedError(f"{_host(download)}: {str(error).partition(' for url')[0]}") from error
    except requests.Timeout as error:
        raise NotServedError(f"{_host(download)} does not answer in time") from error
    except requests.RequestException as error:
        raise NotServedError(f"no connection to {_host(download)}, or it broke off") from error
    except ValueError as error:  # pooch's, and it has deleted the file
        wrong = f"what {_host(download)} sends as {download.name} has another checksum"
        raise NotServedError(f"{wrong} and was deleted") from error
    return folder / download.name


class _Resuming:
    """Downloads to a file beside the one that pooch asks for, and moves it there when it is whole."""

    def __init__(self, part: Path, size: int) -> None:
        self._part, self._size = part, size

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Download, and go on when the connection breaks off, as long as that helps."""
        import requests

        most, vain = self._have(), 0
        with _shown(url.rpartition("/")[2], self._size) as show:
            while True:
                try:
                    self._go_on(url, self._have(), show)
                    break
                except requests.HTTPError:
                    raise  # the server is well and says no
                except requests.RequestException:
                    # without ranges every try begins anew: only getting further than ever counts
                    vain = 0 if self._have() > most else vain + 1
                    most = max(most, self._have())
                    if vain == TRIES:
                        raise
                    time.sleep(WAIT_SECONDS)
        self._part.replace(output_file)

    def _have(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _go_on(self, url: str, start: int, show: Callable[[int], None]) -> None:
        import requests

        headers = {"Accept-Encoding": "identity"}  # the bytes as they are: positions must mean them
        if start:
            headers["Range"] = f"bytes={start}-"
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            if start and response.status_code == 416:
                return  # nothing beyond what we have: the checksum judges it
            response.raise_for_status()
            if not _continues(response, start):
                start = 0  # the server begins at the beginning, and so do we
            end, here = _end(response, start), start
            with self._part.open("ab" if start else "wb") as file:
                show(here)
                for piece in response.iter_content(PIECE):
                    file.write(piece)
                    here += len(piece)
                    show(here)
        if end is not None and here < end:
            raise requests.ConnectionError(f"{here} of {end} bytes arrived")


def _continues(response: "requests.Response", start: int) -> bool:
    """Does the answer go on at this byte? A server may ignore the question and send everything."""
    said = response.headers.get("Content-Range", "")
    return response.status_code == 206 and said.startswith(f"bytes {start}-")


def _end(response: "requests.Response", start: int) -> int | None:
    """Where the file ends that began to arrive at this byte, if the server says so."""
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isdigit() else None


def _host(download: Download) -> str:
    return download.url.split("/")[2]


def megabytes(size: int) -> str:
    """Write a number of bytes as a person reads it."""
    return f"{max(1, round(size / 1e6))} MB"


@contextmanager
def _shown(name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Show how far a file has come: a bar on a terminal, a line now and then elsewhere."""
    from tqdm import tqdm

    said = time.monotonic()
    bar = tqdm(
        desc=name, total=size, unit="B", unit_scale=True, disable=None, leave=False, file=sys.stderr
    )

    def show(position: int) -> None:
        nonlocal said
        bar.update(position - bar.n)
        if bar.disable and time.monotonic() > said + LINE_SECONDS:
            said = time.monotonic()
            print(
                f"{name}: {megabytes(position)} of {megabytes(size)}", file=sys.stderr, flush=True
            )

    with bar:
        yield show
