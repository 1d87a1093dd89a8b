"""Take the files of a set out of a folder or an archive."""

import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from coursekit.data.dataset import DamagedFilesError, DataSet
from coursekit.data.images import Images, checksums
from coursekit.data.packed import packed
from coursekit.errors import CourseError


def read(data: DataSet, path: Path) -> Images:
    """Read a set from a folder or a tar archive, in whichever of its formats is there.

    Args:
        data: what to expect.
        path: a folder that holds the files, or whose subfolders do; or an archive of them.

    Raises:
        CourseError: the path is not there, holds something else, or is damaged.
        OSError: it cannot be read.
    """
    formats = (*data.formats, packed(data))
    files = contents(path, {name for one in formats for name in one.files})
    # the first whole format; else the nearest: the sentence below names what it misses
    counts = {one.name: sum(name in files for name in one.files) for one in formats}
    chosen = max(formats, key=lambda one: (counts[one.name] == len(one.files), counts[one.name]))
    missing = [name for name in chosen.files if name not in files]
    if len(missing) == len(chosen.files):
        ways = ", or ".join(f"{one.name} ({one.files[0]} …)" for one in formats)
        raise CourseError(f"{path} does not hold {data.title}: expected {ways}.")
    if missing:
        raise CourseError(
            f"{path} holds {chosen.name} in part, {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} "
            "missing: get it again and repeat the command."
        )
    try:
        images = chosen.read({name: files[name] for name in chosen.files})
        found = checksums(images)
    except DamagedFilesError as error:
        raise CourseError(
            f"{', '.join(error.names)} in {path} {'is' if len(error.names) == 1 else 'are'} damaged, or of "
            f"another set than {error.listing}: nothing was stored. Copy what is named there again and "
            "repeat the command; all other files are right."
        ) from error
    except (
        Exception
    ) as error:  # whatever damaged pictures, pickles and numbers make libraries raise
        raise _damaged(path, error) from error
    wrong = [
        name
        for name, one, expected in zip(Images._fields, found, data.checksums, strict=True)
        if one != expected
    ]
    if wrong:
        raise CourseError(
            f"{path} is not {data.title} as published, the checksum of {' and '.join(wrong)} differs: "
            "nothing was stored. Get the original and repeat the command."
        )
    return images


def contents(path: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Return the content of those files, of these names, that a folder or an archive holds.

    Raises:
        CourseError: the path is not there, or the archive is none or damaged.
        OSError: a file cannot be read.
    """
    wanted = set(names)
    if path.is_dir():
        places = [path, *sorted(one for one in path.iterdir() if one.is_dir())]
        found = {}
        for name in wanted:
            file = next((place / name for place in places if (place / name).is_file()), None)
            if file is not None:
                found[name] = file.read_bytes()
        return found
    if not path.exists():
        raise CourseError(f"{path} is not there: expected a folder or an archive.")
    try:
        with tarfile.open(path) as archive:
            return {
                Path(member.name).name: content.read()
                for member in archive
                if Path(member.name).name in wanted
                and member.isfile()
                and (content := archive.extractfile(member))
            }
    except tarfile.ReadError as error:  # its own text lists every compression it tried
        raise _damaged(path, "no tar archive, or not all of it") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception | str) -> CourseError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return CourseError(
        f"{path} is damaged, cut off or not what its name says ({reason}): nothing was stored. "
        "Get it again and repeat the command."
    )
