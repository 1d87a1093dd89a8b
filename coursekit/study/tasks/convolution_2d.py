"""The exercises of chapter 02: windows, turned kernels, edges, channels, the matrix with blocks, a Gaussian.

All but the written one stand in modules of their own.
"""

from coursekit.study.task import Task
from coursekit.study.tasks.convolution_2d_filters import CENTERED, STRENGTH
from coursekit.study.tasks.convolution_2d_gaussian import GAUSSIAN
from coursekit.study.tasks.convolution_2d_layers import LAYER, MATRIX
from coursekit.study.tasks.convolution_2d_windows import SHAPE, WINDOW

# --- 2.7 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="2.7",
    title="Read a kernel",
    points=2,
    minutes=8,
    difficulty=2,
    name="what a kernel answers",
    kind="written",
    hints=(
        "Add the weights up first: what happens to a flat region? Then take the 1 in the middle away: what is the sum "
        "of the rest, and in which direction do its weights grow?",
        "Exchange rows and columns of the kernel: it stays the same. So what can it not see? Then turn it by 180 "
        "degrees and compare the signs.",
    ),
)

TASKS = (SHAPE, WINDOW, CENTERED, STRENGTH, LAYER, MATRIX, WORDS, GAUSSIAN)
