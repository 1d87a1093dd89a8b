"""Which Python will do. Python 3.6 can read this file, and say that it is too old."""

import os
import shutil
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 14)  # what torch and this course support


def other_pythons() -> "list[str]":
    """Names of the supported Pythons on the PATH that do run (a shim of pyenv may not)."""
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    return [name for name in names if shutil.which(name) and runs(name)]


def runs(python: str) -> bool:
    """Does this command start a Python?"""
    nowhere = subprocess.DEVNULL
    return subprocess.call([python, "-c", ""], stdout=nowhere, stderr=nowhere) == 0


def python_problem(version: "tuple[int, ...]") -> str:
    """Say what is wrong with this version of Python and what to do, or nothing when it will do."""
    if OLDEST <= version[:2] <= NEWEST:
        return ""
    found = ".".join(str(part) for part in version[:3])
    make = "make " + next((goal for goal in ("site", "test") if goal in sys.argv[1:]), "lab")
    others = other_pythons()
    if others:
        advice = f"{others[0]} is on this machine: run `{make} PYTHON={others[0]}`"
    else:
        advice = "install one of these"
        advice += "" if os.name == "nt" else f", then run `{make} PYTHON=python3.{OLDEST[1] + 1}`"
    return (
        f"This is Python {found} ({sys.executable}), and the course needs Python "
        f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}: {advice}."
    )
