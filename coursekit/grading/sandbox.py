"""Build the command that runs the worker in a sandbox: bubblewrap, and as root a user of its own as well.

Inside there is no network, no other process, no file but the system's programs, this Python and the worker's
own files, all of them read-only; /tmp and /dev/shm lie in memory and are small. As root, bubblewrap makes the
namespaces and setpriv then gives up root for a user id that nobody else has; any other user gets the same by a
user namespace.
"""

import os
import platform
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from coursekit.errors import CourseError
from coursekit.grading import seccomp
from coursekit.study import calling, probing

INSIDE = Path(__file__).resolve().parent / "inside"
WORKER_FOLDER = "/worker"
_MEGABYTE = 1024 * 1024
_TMP_SIZE, _SHM_SIZE = 64 * _MEGABYTE, 64 * _MEGABYTE
_PACKAGE = Path(__file__).resolve().parent.parent
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SHOWN_FILES = ("/etc/alternatives", "/etc/ld.so.cache")  # where libraries are found
UNSAFE = "Or add --unsafe and run the submissions as yourself: they can then read and change whatever you can."
_TORCH = ("torch", "torchgen", "functorch", "torchvision", "torchaudio")
_ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "LOGNAME": "student",
    "MALLOC_ARENA_MAX": "2",  # each thread's own would reserve more than a submission may have
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp",
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
    "TMPDIR": "/tmp",
    "USER": "student",
    # one thread: more would wait for each other, and add up in another order
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class SandboxError(CourseError):
    """There is no sandbox on this machine, or it does not start."""


@dataclass(frozen=True)
class Sandbox:
    """A way to run the worker.

    Args:
        torch: whether torch may be imported inside.
        safe: False runs the worker as an ordinary process, for whoever said ``--unsafe``.
        hide: folders that must not be seen inside even if they lie where Python or the system does.
    """

    torch: bool = False
    safe: bool = True
    hide: tuple[Path, ...] = ()

    def command(self, user: int, filter_file: int) -> list[str]:
        """Return the command line that starts the worker.

        Args:
            user: the user id to take where this process is root.
            filter_file: number of an open file that holds the filter of system calls.
        """
        if not self.safe:
            return [sys.executable, "-P", "-B", "-c", _start(_folders())]
        options = [*_NAMESPACES, "--seccomp", str(filter_file), *_environment(), *self._mounts()]
        worker = [sys.executable, "-I", "-B", "-c", _start([WORKER_FOLDER])]
        if os.geteuid() == 0:
            worker = [
                _program("setpriv"),
                f"--reuid={user}",
                f"--regid={user}",
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                "--no-new-privs",
                *worker,
            ]
        else:
            options = ["--unshare-user", "--disable-userns", *options]
        return [_program("bwrap"), *options, "--", *worker]

    def _mounts(self) -> list[str]:
        shown: list[str] = []
        for name in _SYSTEM:
            if Path(name).is_symlink():
                shown += ["--symlink", str(Path(name).readlink()), name]
            elif Path(name).is_dir():
                shown += ["--ro-bind", name, name]
        trees = _python_trees()
        made = {Path("/"), Path("/tmp"), Path("/usr")}
        for tree in trees:
            # the folders above may be private on this machine; in the sandbox they are empty but for the path
            for parent in reversed(tree.parents):
                if parent not in made and not parent.is_relative_to("/usr"):
                    shown += ["--perms", "0755", "--dir", str(parent)]
                    made.add(parent)
            shown += ["--ro-bind", str(tree), str(tree)]
        for path in self._hidden([Path("/usr"), *trees]):
            shown += ["--perms", "0555", "--tmpfs", str(path), "--remount-ro", str(path)]
        shown += ["--perms", "0755", "--dir", WORKER_FOLDER]
        own = [*sorted(INSIDE.glob("*.py")), Path(calling.__file__), Path(probing.__file__)]
        for file in own:
            shown += ["--ro-bind", str(file), f"{WORKER_FOLDER}/{file.name}"]
        memory = ["--perms", "1777", "--size", str(_TMP_SIZE), "--tmpfs", "/tmp"]
        shared = ["--perms", "1777", "--size", str(_SHM_SIZE), "--tmpfs", "/dev/shm"]
        for name in _SHOWN_FILES:
            shown += ["--ro-bind-try", name, name]
        ends = ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
        # memory before what may lie below it
        return ["--dev", "/dev", *shared, "--proc", "/proc", *memory, *shown, *ends]

    def _hidden(self, trees: Sequence[Path]) -> list[Path]:
        """Return folders inside what is shown that must not be seen."""
        course, others = _PACKAGE.name, () if self.torch else _TORCH
        folders = [_PACKAGE, *self.hide]
        if (_PACKAGE.parent / "solutions").is_dir():  # a checkout
            folders += [_PACKAGE.parent / name for name in ("solutions", "tests", ".git")]
        sites = set(_site_packages())
        for tree in trees:
            # those of the Python below an environment too, which anybody can add to sys.path
            sites |= {
                *tree.glob("lib*/python*/*-packages"),
                *tree.glob("local/lib/python*/*-packages"),
            }
            if (tree / "conda-meta").is_dir():
                folders += [tree / "envs", tree / "pkgs"]
        folders += [site / name for site in sites for name in (course, *others)]
        shown = [one for one in folders if any(one.is_relative_to(tree) for tree in trees)]
        return sorted({one.resolve() for one in shown if one.is_dir()})


_NAMESPACES = [
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--hostname",
    "sandbox",
    "--die-with-parent",
    "--new-session",
]


def _start(folders: list[str]) -> str:
    """Return the program that runs the worker, with the packages that this process has."""
    packages = [str(one) for one in _site_packages()]
    return (
        f"import sys; sys.path[:0] = {folders!r}; sys.path += [p for p in {packages!r} if p not in sys.path]; "
        "sys.argv = ['worker']; import worker; worker.main()"
    )


def _folders() -> list[str]:
    return [str(INSIDE), str(Path(calling.__file__).parent)]


def _environment() -> list[str]:
    return [
        "--clearenv",
        *(w for key, value in _ENVIRONMENT.items() for w in ("--setenv", key, value)),
    ]


def _python_trees() -> list[Path]:
    """Return the folders that this Python and its packages live in."""
    wanted = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), *_site_packages()}
    wanted |= {Path(sys.prefix), Path(sys.base_prefix)}  # as this Python calls them
    outside = sorted(one for one in wanted if not one.is_relative_to("/usr"))
    return [one for one in outside if not any(one != o and one.is_relative_to(o) for o in outside)]


def _site_packages() -> list[Path]:
    """Return the folders of packages: this Python's, and what a user or an environment variable added."""
    added = [Path(one) for one in sys.path if one.endswith(("site-packages", "dist-packages"))]
    ours = {Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib")), *added}
    return sorted(one for one in ours if one.is_dir())


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise SandboxError(
            f"the sandbox needs {name}, which is not on this machine. On Debian or Ubuntu: "
            f"`apt-get install bubblewrap util-linux`. {UNSAFE}"
        )
    return path


@contextmanager
def filter_file() -> Iterator[int]:
    """Open a file that holds the filter of system calls, and give its number."""
    with tempfile.TemporaryFile() as file:
        file.write(seccomp.program())
        file.seek(0)
        yield file.fileno()


def require_sandbox() -> None:
    """Make sure that this kind of machine has a sandbox; whether it starts, only a start can tell.

    Raises:
        SandboxError: it has none; the text says why and what to do.
    """
    if sys.platform != "linux":
        raise SandboxError(
            f"the sandbox is bubblewrap, which only Linux has; this is {platform.system()}. Grade on Linux, "
            f"a virtual machine will do. {UNSAFE}"
        )
    if not seccomp.known_machine():
        raise SandboxError(
            f"the sandbox has no filter for a {platform.machine()} machine; it knows x86_64 and aarch64. {UNSAFE}"
        )
    for name in ("bwrap", "setpriv"):
        _program(name)


def user_id(slot: int) -> int:
    """Return a user id for the submissions that one slot of this process runs, one after the other.

    The number of processes is limited by user, so two submissions at a time must not share one.
    """
    return 20_000 + (os.getpid() * 16 + slot) % 40_000
