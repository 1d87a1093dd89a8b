"""Fixtures that tests of every part share."""

import gc
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import jaxtyping
import pytest
from course_site import built_site, tiny_site

# nbgrader imports setuptools, whose older versions warn while they import: as an error in the middle of
# a test that would leave it half imported for all tests after it
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import nbgrader.utils  # noqa: F401


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest test, and end with those in a browser.

    The longest one takes minutes, in which another process would wait at the end; and where a browser was, a loop
    of asyncio goes on running, so that no test after it could start its own.
    """

    def turn(item: pytest.Item) -> int:
        if item.get_closest_marker("clone"):
            return 0
        return 2 if item.get_closest_marker("browser") else 1

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """Take ten thousand tests and all modules out of what every garbage collection looks through."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def course() -> Path:
    """Return the root of the checkout, the folder with notebooks/."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of this test run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def site(shared: Path) -> Path:
    """Return the site that `make site` builds of the course."""
    return built_site(shared)


@pytest.fixture(scope="session")
def small_site(shared: Path) -> Path:
    """Return the site that `make site` builds of a course of two short chapters."""
    return tiny_site(shared)


@pytest.fixture
def unchecked_shapes() -> Iterator[None]:
    """Switch shape checking off, for tests of bad input: they want the course's own sentence.

    In the test run every call of coursekit.reference is checked against the shapes in its
    signature, and an array of the wrong shape would stop there with beartype's words. Learners run
    without that check, and what they see has tests of its own.
    """
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", before)
