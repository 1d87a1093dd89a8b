"""The errors that a person is meant to read."""


class CourseError(Exception):
    """Something went wrong that the user can mend; its text is a sentence that says how."""
