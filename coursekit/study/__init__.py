"""What a learner types in a notebook: check, hint, solution, progress."""

from coursekit.study.checking import check
from coursekit.study.progress import progress
from coursekit.study.reveal import hint, solution

__all__ = ["check", "hint", "progress", "solution"]
