"""The parts of `bootstrap.py`, which makes the environment of the course.

`pythons` says which Python will do, `machine` what else can be in the way; `folder` is `.venv` and
what is known about it; `running` runs pip, `explaining` says why it failed, `making` puts all this
together; `browser` finds the browser of the tests. The standard library is all they have.
"""
