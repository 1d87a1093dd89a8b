"""The exercises of chapter 15: boxes, dense layers anywhere, larger maps, fusion, mean IoU, and a small net.

All but the written one stand in modules of their own.
"""

from coursekit.study.task import Task
from coursekit.study.tasks.dense_prediction_boxes import BOXES, MEAN_IOU
from coursekit.study.tasks.dense_prediction_maps import ANYWHERE, FUSE, TENT
from coursekit.study.tasks.dense_prediction_torch import NET

# --- 15.7 In your own words -----------------------------------------------------------------------------------

WORDS = Task(
    id="15.7",
    title="99 percent",
    points=2,
    minutes=8,
    difficulty=2,
    name="what a pixel accuracy hides",
    kind="written",
    hints=(
        "What would somebody score who labels every pixel as road?",
        "Think of the pixels along a thin pole, of how many there are, and of what a map of stride 32 keeps of them. "
        "Which numbers would show that, and which part of the net would you change?",
    ),
)

TASKS = (BOXES, ANYWHERE, TENT, FUSE, MEAN_IOU, NET, WORDS)
