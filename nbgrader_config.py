"""nbgrader's view of the course: solutions/ is its source, exercises/ its release."""

c = get_config()  # noqa: F821  (nbgrader defines it)

c.CourseDirectory.course_id = "coursekit"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
