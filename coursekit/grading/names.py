"""Files that are named after students, whose names may be anything."""

import hashlib

_LONGEST = 200  # bytes, of the 255 that file systems allow


def file_stem(student: str) -> str:
    """Return a file name, without a suffix, for a student: the name itself where that can be one."""
    name = student.replace("/", "_").replace("\0", "_")
    data = name.encode("utf-8", "replace")
    if len(data) <= _LONGEST and name == student and not name.startswith("."):
        return name
    short = data[: _LONGEST - 20].decode("utf-8", "ignore").lstrip(".")
    return f"{short}-{hashlib.sha256(student.encode('utf-8', 'replace')).hexdigest()[:12]}"
