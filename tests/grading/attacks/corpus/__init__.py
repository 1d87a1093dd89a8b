"""Hostile, broken and honest submissions, by theme; each case says what it tries and what must come of it."""
