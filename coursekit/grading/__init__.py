"""Grade the submissions of a class: student code runs in a sandbox, the score is decided outside it."""
