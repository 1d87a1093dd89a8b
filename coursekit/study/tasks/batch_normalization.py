"""The exercises of chapter 08: batch normalization in training and test, its way back, and groups.

All but the written one stand in modules of their own.
"""

from coursekit.study.task import Task
from coursekit.study.tasks.batch_normalization_axes import GROUPS, IMAGES
from coursekit.study.tasks.batch_normalization_backward import BACKWARD
from coursekit.study.tasks.batch_normalization_testing import FOLD, RUNNING
from coursekit.study.tasks.batch_normalization_training import FORWARD

# --- 8.7 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="8.7",
    title="It worked in the notebook",
    points=2,
    minutes=10,
    difficulty=2,
    name="training and test mode",
    kind="written",
    hints=(
        "Write down what the mean and the variance are made of in each of the two situations.",
        "With one image in the batch, what is x − μ? What becomes of every image then?",
        "The running averages of batches of 2 are there, but how was the network trained that has to live with them?",
    ),
)

TASKS = (FORWARD, IMAGES, RUNNING, FOLD, BACKWARD, GROUPS, WORDS)
