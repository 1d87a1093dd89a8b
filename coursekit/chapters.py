"""The chapter list: the one place that says which chapters there are and what each stands on.

To add a chapter, write its notebook, its solutions and its tasks, and set its minutes here. Everything
else (start page, working copies, release, tests) finds the files through the slug.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """One chapter: its number, the slug of its files, and what a learner gets from it.

    Args:
        number: 1 to 16.
        slug: the stem that its files share, for example ``convolution_1d``.
        title: as the reader sees it.
        minutes: reading and running the notebook, then doing the exercises, rounded to five minutes.
        needs: numbers of the chapters to do first.
        able_to: what the learner can do afterwards, one phrase.
        figure: id of the cell of its notebook whose figure stands for it in the README and on the site.
    """

    number: int
    slug: str
    title: str
    minutes: int
    needs: tuple[int, ...]
    able_to: str
    figure: str

    @property
    def folder(self) -> str:
        """Name of its folder in solutions/ and exercises/, for example ``01_convolution_1d``."""
        return f"{self.number:02d}_{self.slug}"

    @property
    def notebook(self) -> str:
        """Path of its notebook from the root of the course."""
        return f"notebooks/{self.folder}.ipynb"

    @property
    def solutions(self) -> str:
        """Path of its exercises with their solutions from the root of the course."""
        return f"solutions/{self.folder}/{self.slug}.ipynb"

    @property
    def exercises(self) -> str:
        """Path of its exercises from the root of the course."""
        return f"exercises/{self.folder}/{self.slug}.ipynb"


CHAPTERS = (
    Chapter(
        1,
        "convolution_1d",
        "Convolution in one dimension",
        140,
        (),
        "compute a convolution by hand, in a loop and as a banded matrix",
        "see-the-product",
    ),
    Chapter(
        2,
        "convolution_2d",
        "Convolution in two dimensions",
        165,
        (1,),
        "blur, sharpen and find edges in a photograph",
        "which-stripes-where",
    ),
    Chapter(
        3,
        "convolution_arithmetic",
        "Convolution arithmetic",
        140,
        (2,),
        "predict output size, parameters and cost of any layer",
        "transpose-the-matrix",
    ),
    Chapter(
        4,
        "pooling_and_invariance",
        "Pooling and invariance",
        140,
        (2,),
        "say what moves with the input and what stays",
        "widget-shift",
    ),
    Chapter(
        5,
        "neurons_and_losses",
        "Neurons and losses",
        185,
        (1,),
        "choose an activation and a loss from their gradients",
        "widget-regions",
    ),
    Chapter(
        6,
        "backpropagation",
        "Backpropagation",
        155,
        (2, 5),
        "push gradients through any graph and check them",
        "widget-neuron-graph",
    ),
    Chapter(
        7,
        "initialization_variance",
        "Initialization and variance",
        160,
        (6,),
        "keep the signal alive through fifty layers",
        "widget-signal",
    ),
    Chapter(
        8,
        "batch_normalization",
        "Batch normalization",
        170,
        (7,),
        "write batchnorm and say what it repairs",
        "rescued",
    ),
    Chapter(
        9,
        "dropout_and_regularization",
        "Dropout and regularization",
        165,
        (6,),
        "measure what each remedy does to overfitting",
        "widget-crops",
    ),
    Chapter(
        10,
        "training_a_convnet",
        "Training a convnet",
        185,
        (3, 4, 7),
        "train a LeNet in NumPy and in torch to the same curve",
        "look-at-the-clothes",
    ),
    Chapter(
        11,
        "architectures",
        "Architectures",
        190,
        (10,),
        "account for every parameter from LeNet to GoogLeNet",
        "five-networks",
    ),
    Chapter(
        12,
        "residual_networks",
        "Residual networks",
        175,
        (8, 11),
        "reproduce degradation and fix it with a skip",
        "widget-block",
    ),
    Chapter(
        13,
        "resnet_on_gpu",
        "A ResNet on a GPU",
        205,
        (9, 12),
        "train to the accuracy of the literature, fast",
        "whitened",
    ),
    Chapter(
        14,
        "under_the_hood",
        "Under the hood",
        190,
        (10,),
        "look inside a trained net and say what a picture proves",
        "dreaming",
    ),
    Chapter(
        15,
        "dense_prediction",
        "Dense prediction",
        150,
        (10,),
        "label every pixel of an image of any size",
        "scenes-and-masks",
    ),
    Chapter(
        16,
        "lecture_numbers",
        "Every number in five lectures",
        125,
        (4, 6),
        "tell a right number from a wrong one",
        "verdicts-by-lecture",
    ),
)


def chapter(number: int) -> Chapter:
    """Return the chapter with this number.

    Raises:
        ValueError: there is no such chapter.
    """
    for one in CHAPTERS:
        if one.number == number:
            return one
    raise ValueError(f"there is no chapter {number}: chapters run from 1 to {len(CHAPTERS)}")
