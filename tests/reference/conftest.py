"""How Hypothesis looks for counterexamples here: the same examples everywhere, without a clock."""

import os

from hypothesis import settings

settings.register_profile(
    "reference",
    max_examples=int(os.environ.get("COURSEKIT_EXAMPLES", "300")),  # make mutation takes fewer
    deadline=None,  # a busy machine is no fault of a formula
    derandomize=True,  # a change either breaks a test or does not, in CI as at home
    database=None,
)
settings.load_profile("reference")
