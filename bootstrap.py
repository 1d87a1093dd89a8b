"""Make the environment of the course: `.venv` in this folder, with the package and all it needs.

    python3 bootstrap.py              what a learner needs
    python3 bootstrap.py --for site   and what builds the pages for the web
    python3 bootstrap.py --for test   and what the tests need, a browser included

It uses the standard library alone, and Python 3.6 can read it, so that an old Python gets a
sentence instead of a SyntaxError. A second run finds its stamp and does nothing; a killed run is
repaired by the next one. The parts are in `environment/`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # PYTHONSAFEPATH leaves it out

from environment.pythons import python_problem

if python_problem(sys.version_info[:3]):  # before anything below is read that an old Python lacks
    sys.exit(python_problem(sys.version_info[:3]))

import argparse
import signal
import subprocess

from environment.folder import EXTRAS, Environment
from environment.machine import BootstrapError, again
from environment.making import bootstrap

ROOT = Path(__file__).resolve().parent


def outside(environment: Environment) -> str:
    """The Python to go on with: an environment cannot be made anew by the Python that lies in it."""
    if Path(sys.prefix).resolve() != environment.folder.resolve():
        return sys.executable
    return getattr(sys, "_base_executable", None) or sys.executable


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description=__doc__.split("\n")[0])
    goals = "lab: what a learner needs; site: also what builds the pages for the web; "
    goals += "test: also what the tests need (default: lab)"
    parser.add_argument("--for", dest="goal", choices=EXTRAS, default="lab", help=goals)
    no_browser = "do not ask for a browser for the tests"
    parser.add_argument("--no-browser", action="store_true", help=no_browser)
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop pip too, and say so
    environment = Environment(ROOT)
    python = outside(environment)
    try:
        if python != sys.executable and not environment.serves(chosen.goal):
            return subprocess.call([python, __file__, *(arguments or sys.argv[1:])])
        bootstrap(environment, chosen.goal, not chosen.no_browser)
    except BootstrapError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"Stopped before the end: `{again(chosen.goal)}` starts afresh.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
