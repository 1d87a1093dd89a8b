"""The command line: what it says when something is in the way, and how it ends."""

import errno
import importlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from coursekit import cli, paths
from coursekit.errors import CourseError


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; sys.argv[0] = 'coursekit'; from coursekit.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120
    )


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> object:
    """Let `coursekit lab` raise this."""

    def open_lab(port: int | None, browser: bool | None) -> int:
        raise error

    monkeypatch.setattr("coursekit.lab.open_lab", open_lab)
    return CliRunner().invoke(cli.app, ["lab"])


def test_help_lists_the_commands_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\nsys.argv = ['coursekit', '--help']\nfrom coursekit.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'numpy', 'nbformat', 'sklearn', 'matplotlib', 'IPython'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    for command in ("lab", "update", "doctor", "progress", "release", "execute"):
        assert command in done.stdout
    assert "heavy: []" in done.stdout


@pytest.mark.parametrize(("typed", "meant"), [("labb", "lab"), ("doktor", "doctor")])
def test_mistyped_command_suggests_the_nearest(typed: str, meant: str) -> None:
    done = run(typed)
    assert done.returncode == 2
    assert f"Did you mean '{meant}'?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [("lab", "--port", "x"), ("release", "17"), ("release", "0"), ("release", "x")]
)
def test_wrong_arguments_are_refused_without_a_traceback(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Invalid value" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "error",
    [
        CourseError("The port is taken: choose another."),
        paths.CourseNotFoundError("The port is taken: choose another."),
    ],
)
def test_expected_errors_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    result = fail_with(monkeypatch, error)
    assert result.exit_code == 1
    assert result.stderr == "The port is taken: choose another.\n"
    assert result.stdout == ""


@pytest.mark.parametrize("number", sorted(cli.REFUSALS))
def test_refusals_of_the_system_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    result = fail_with(monkeypatch, OSError(number, "raw", "work/a.ipynb"))
    assert result.exit_code == 1
    assert result.stderr.startswith("work/a.ipynb: ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("error", [RuntimeError("bug"), OSError(errno.EBADF, "bug")])
def test_other_errors_keep_their_traceback(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert fail_with(monkeypatch, error).exception is error


def test_interrupt_is_one_line_and_130(monkeypatch: pytest.MonkeyPatch) -> None:
    result = fail_with(monkeypatch, KeyboardInterrupt())
    assert result.exit_code == 130
    assert result.stderr == "Stopped.\n"


def test_interrupt_of_a_real_process_is_one_line_and_130() -> None:
    code = (
        "import signal, time\nimport coursekit.lab as lab\nfrom coursekit.cli import app\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def wait(port, browser):\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "lab.open_lab = wait\napp(['lab'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "Stopped.\n"


def test_lab_hands_over_its_options_and_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def open_lab(port: int | None, browser: bool | None) -> int:
        seen.append((port, browser))
        return 3

    monkeypatch.setattr("coursekit.lab.open_lab", open_lab)
    for options in ([], ["--port", "8890", "--no-browser"], ["--browser"]):
        assert CliRunner().invoke(cli.app, ["lab", *options]).exit_code == 3
    assert seen == [(None, None), (8890, False), (None, True)]


@pytest.mark.parametrize(("ok", "status"), [(True, 0), (False, 1)])
def test_release_prints_its_report_and_tells_by_its_status(
    monkeypatch: pytest.MonkeyPatch, ok: bool, status: int
) -> None:
    from coursekit.study import release

    seen = []

    def make(chapters: list[int] | None, check: bool) -> release.ReleaseReport:
        seen.append((chapters, check))
        return release.ReleaseReport(("a line",), ok)

    monkeypatch.setattr(release, "release", make)
    result = CliRunner().invoke(cli.app, ["release", "1", "16", "--check"])
    assert result.exit_code == status
    assert result.stdout == "a line\n"
    CliRunner().invoke(cli.app, ["release"])
    assert seen == [([1, 16], True), (None, False)]


@pytest.mark.parametrize(("report", "said"), [("2 new.", "2 new."), ("", "up to date")])
def test_update_says_something_even_when_nothing_changed(
    monkeypatch: pytest.MonkeyPatch, report: str, said: str
) -> None:
    from coursekit.study import working_copy

    monkeypatch.setattr(working_copy, "update", lambda root: report)
    assert said in CliRunner().invoke(cli.app, ["update"]).stdout


def test_progress_finds_the_working_copy_beside_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "work" / paths.MARKER).mkdir(parents=True)
    monkeypatch.setattr(paths, "course_root", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    # the package shows the function where the module of the same name would be
    module = importlib.import_module("coursekit.study.progress")
    monkeypatch.setattr(module, "progress", lambda: f"in {Path.cwd().name}")
    assert CliRunner().invoke(cli.app, ["progress"]).stdout == "in work\n"


def test_doctor_ends_with_1_when_something_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    from coursekit import doctor

    for verdict, status in (("ok", 0), ("warn", 0), ("bad", 1)):
        found = doctor.Diagnosis((doctor.Row("disk", "[full]", verdict, "make room"),))
        monkeypatch.setattr(doctor, "diagnose", lambda found=found: found)
        result = CliRunner().invoke(cli.app, ["doctor"])
        assert result.exit_code == status
        assert "[full]" in result.stdout
        assert "make room" in result.stdout


def test_no_command_shows_the_help() -> None:
    assert "Usage: " in CliRunner().invoke(cli.app, []).output
    assert isinstance(cli.app, typer.Typer)
