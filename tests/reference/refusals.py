"""For fuzzing: a call returns something, or the course says what is wrong with its arguments."""

from collections.abc import Callable
from typing import Any

import pytest
from test_bad_input import assert_said_by_the_course


def computed_or_refused(call: Callable[[], Any]) -> Any:
    """Return what the call returns, or None after making sure that the course refused it itself."""
    try:
        return call()
    except (TypeError, ValueError) as error:
        assert_said_by_the_course(pytest.ExceptionInfo.from_exception(error))
        return None
