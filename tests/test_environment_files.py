"""The files that describe the environment say the same thing, and nothing about one machine."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import coursekit

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"torch": "pytorch"}
ENVIRONMENT_FILES = (
    ".ci/run",
    ".pre-commit-config.yaml",
    "Makefile",
    "bootstrap.py",
    "constraints.txt",
    "environment.yml",
    "pyproject.toml",
    *sorted(f"environment/{path.name}" for path in ROOT.glob("environment/*.py")),
)


def requirements() -> list[Requirement]:
    """What the package and its extras need, apart from itself."""
    lines = [*PROJECT["dependencies"]]
    for extra in PROJECT["optional-dependencies"].values():
        lines += extra
    found = [Requirement(line) for line in lines]
    return [one for one in found if one.name != PROJECT["name"]]


def pins() -> dict[str, str]:
    versions = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")  # and nothing but exact versions
            assert re.fullmatch(r"[0-9][0-9a-z.]*", version), f"{line}: no local versions"
            versions[canonicalize_name(name)] = version
    return versions


def test_conda_environment_equals_the_project() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [one for one in listed["dependencies"] if isinstance(one, str)]
    (pip,) = (one["pip"] for one in listed["dependencies"] if isinstance(one, dict))
    assert pip == ["-e ."], "conda brings everything but the package of this checkout"
    assert listed["channels"] == ["conda-forge"]

    found = {one.partition(" ")[0]: SpecifierSet(one.partition(" ")[2]) for one in conda}
    wanted = {"python": SpecifierSet(PROJECT["requires-python"]), "pip": SpecifierSet()}
    for line in PROJECT["dependencies"]:
        one = Requirement(line)
        wanted[CONDA_NAMES.get(one.name, one.name)] = one.specifier
    assert found == wanted


@pytest.mark.parametrize("one", requirements(), ids=str)
def test_every_requirement_is_pinned_within_its_range(one: Requirement) -> None:
    pinned = pins().get(canonicalize_name(one.name))
    assert pinned, f"{one.name} is in pyproject.toml, but not in constraints.txt"
    assert pinned in one.specifier


def test_torch_and_what_bootstrap_fetches_are_pinned() -> None:
    assert pins()["torch"] == "2.13.0"
    assert {"pip", "virtualenv"} <= pins().keys()


@pytest.mark.parametrize("name", ENVIRONMENT_FILES)
def test_no_file_names_a_place_on_one_machine_or_an_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for pattern in (
        r"file:/",
        r"(?<![\w.])/(home|root|opt|tmp|work|mnt|srv|Users)/",
        r"index-url|find-links|trusted-host",
        r"https?://[^/\s]*:[^/\s]*@",
    ):
        found = re.search(pattern, text)
        assert not found, f"{name} has {found.group()!r}" if found else ""


def test_versions_agree_everywhere() -> None:
    version = PROJECT["version"]
    assert coursekit.__version__ == version
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == version
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[?v?(\d+\.\d+[.\w]*)", changes, re.MULTILINE)
    assert newest, "CHANGELOG.md has no heading like `## 0.1.0`"
    assert newest.group(1) == version


def test_citation_names_the_licenses_of_the_project() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert " AND ".join(citation["license"]) == PROJECT["license"]
    assert citation["authors"] == PROJECT["authors"]


def test_hooks_come_from_the_environment_and_are_what_make_test_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(BIN)", ".venv/bin")
    for hook in hooks["repos"][0]["hooks"]:
        assert f"\t{hook['entry']}" in recipe


def test_ci_runs_the_test_command_of_the_readme() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "make test"
    assert (ROOT / ".ci/run").stat().st_mode & 0o100
