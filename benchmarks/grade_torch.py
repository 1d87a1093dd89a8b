"""Grade the assignment of `torch_tasks.py`: what `coursekit grade` does, for a chapter that the course does not have.

Usage: ``python benchmarks/grade_torch.py SUBMISSIONS RESULTS JOBS SEED``
"""

import sys
from pathlib import Path

from coursekit import chapters
from coursekit.grading import command
from coursekit.grading.grading import Wish
from coursekit.study import tasks

CHAPTER = chapters.Chapter(17, "torch_tasks", "A small assignment in torch", 35, (), "benchmark")


def main(submissions: str, out: str, jobs: str, seed: str) -> int:
    """Grade a folder of submissions and return the exit status."""
    chapters.CHAPTERS = (*chapters.CHAPTERS, CHAPTER)
    tasks.__path__.append(str(Path(__file__).resolve().parent))
    wish = Wish(Path(submissions), Path(out), CHAPTER, seed=int(seed), at_once=int(jobs))
    return command.grade(wish)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
