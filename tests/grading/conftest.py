"""What the tests of grading share."""

collect_ignore_glob = [
    "samples/*"
]  # students' notebooks, some of them hostile: never run by a test runner
