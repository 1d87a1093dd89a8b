"""The exercises of chapter 01: sliding a kernel, the matrix that does the same, and the way back.

All but the written one stand in modules of their own.
"""

from coursekit.study.task import Task
from coursekit.study.tasks.convolution_1d_matrix import BACKWARD, MATRIX
from coursekit.study.tasks.convolution_1d_sliding import PLACES, SLIDING, SMOOTH
from coursekit.study.tasks.convolution_1d_stride import STRIDED

# --- 1.7 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="1.7",
    title="What the matrix may not do",
    points=2,
    minutes=8,
    difficulty=2,
    name="convolution as a constrained matrix",
    kind="written",
    hints=(
        "Count the numbers that can be chosen freely in a matrix of W - F + 1 rows and W columns, and in T.",
        "Then think of a task in which the same thing matters wherever it occurs, and of one in which the place "
        "itself matters.",
    ),
)

TASKS = (PLACES, SLIDING, SMOOTH, MATRIX, STRIDED, BACKWARD, WORDS)
