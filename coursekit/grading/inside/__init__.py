"""What runs inside the sandbox, beside the student's code. It holds nothing secret.

The files of this folder are mounted into the sandbox on their own: they import one another as plain modules
and nothing of coursekit.
"""
