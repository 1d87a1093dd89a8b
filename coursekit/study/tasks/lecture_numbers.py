"""The exercises of chapter 16: a slide with one mistake each, and a function that finds it on any such slide.

All but the written one stand in modules of their own.
"""

from coursekit.study.task import Task
from coursekit.study.tasks.lecture_numbers_lists import AVERAGES, FIELDS, PARAMETERS
from coursekit.study.tasks.lecture_numbers_matrix import ENTRY
from coursekit.study.tasks.lecture_numbers_neuron import GRADIENT

# --- 16.6 In your own words -----------------------------------------------------------------------------------

CONTEST = Task(
    id="16.6",
    title="Contest a verdict",
    points=3,
    minutes=15,
    difficulty=2,
    name="contesting a verdict",
    kind="written",
    hints=(
        "Begin with the slide, not with the number: for whom was it written, and what does it want to say?",
        "A verdict can be attacked at three places: what the statement is taken to say, what is computed, and how "
        "near is near enough. Which of the three is the weakest here?",
    ),
)

TASKS = (AVERAGES, PARAMETERS, GRADIENT, FIELDS, ENTRY, CONTEST)
