"""The shapes in the signatures of coursekit.reference are checked while the tests run."""

import importlib
import pkgutil

import jaxtyping
import numpy as np
import pytest

import coursekit.reference as reference
from coursekit.reference import conv1d, convolution1d

HOW = "the import hook is missing: see --jaxtyping-packages in pyproject.toml"
MODULES = [
    importlib.import_module(f"{reference.__name__}.{one.name}")
    for one in pkgutil.iter_modules(reference.__path__)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_hook_is_installed(module):
    loader = type(module.__spec__.loader).__name__
    assert loader == "_JaxtypingLoader", (
        f"{module.__name__} was loaded by {loader}, expected _JaxtypingLoader: {HOW}"
    )


def test_a_shape_that_the_signature_forbids_stops_at_the_signature():
    with pytest.raises(jaxtyping.TypeCheckError, match="Num"):
        conv1d(np.zeros((2, 3)), np.zeros(2))


def test_a_name_means_one_size_within_a_call():
    # x has 3 channels, w has 2: each is well-formed alone, and together C has two values
    with pytest.raises(jaxtyping.TypeCheckError, match="C"):
        conv1d(np.zeros((1, 3, 8)), np.zeros((1, 2, 3)))


def test_what_a_function_returns_is_checked(monkeypatch):
    monkeypatch.setattr(
        convolution1d, "conv1d_forward", lambda *args, **options: (np.zeros((2, 2)), None)
    )
    with pytest.raises(jaxtyping.TypeCheckError, match="return"):
        conv1d(np.arange(5.0), np.ones(2))


def test_unchecked_shapes_lets_the_course_speak(unchecked_shapes):
    with pytest.raises(ValueError, match=r"expected \(W,\) with \(F,\)"):
        conv1d(np.zeros((2, 3)), np.zeros(2))


def test_checking_is_on_again_after_unchecked_shapes():
    assert not jaxtyping.config.jaxtyping_disable
