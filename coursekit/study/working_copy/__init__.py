"""The learner's working copy: made once, brought up to date often, never robbed of a word."""

from coursekit.study.working_copy.updating import update

__all__ = ["update"]
