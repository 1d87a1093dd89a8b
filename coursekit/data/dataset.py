"""What the course knows about a set of images that it does not ship: where it is and how to read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from coursekit.data.images import Images


class DamagedFilesError(Exception):
    """Files differ from a list of checksums that came with them.

    Args:
        names: of the files.
        listing: name of the list.
    """

    def __init__(self, names: Sequence[str], listing: str) -> None:
        super().__init__(f"{', '.join(names)} differ from {listing}")
        self.names, self.listing = tuple(names), listing


@dataclass(frozen=True)
class Format:
    """One way in which a set is published: its files by name, and how to read them."""

    name: str  # as a person would call it: "the archive cifar-10-python.tar.gz"
    files: tuple[str, ...]
    read: Callable[[Mapping[str, bytes]], Images]


@dataclass(frozen=True)
class Download:
    """A file on a server."""

    url: str
    sha256: str
    size: int  # in bytes, to ask for room and to draw a bar

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class DataSet:
    """A set of images, the checksums of its arrays, and the ways to get it."""

    name: str  # as typed
    title: str
    license: str
    shape: tuple[int, int, int]  # of an image: channels, height, width
    parts: tuple[int, int]  # in which it is packed, for training and testing: 10,000 images each
    size: int  # of the arrays, in bytes
    checksums: tuple[str, ...]  # of x, labels, x_test and labels_test
    formats: tuple[Format, ...]
    sources: tuple[tuple[Download, ...], ...]  # each is enough; the first that answers is taken
