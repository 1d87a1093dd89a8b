"""The exercises of chapter 07: how large a sum gets, how large weights have to be, and what layers carry.

Those on drawing weights and on whole networks stand in modules of their own.
"""

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.initialization_variance_networks import BACK, FORWARD
from coursekit.study.tasks.initialization_variance_weights import BOUND, HE

Rng = np.random.Generator
Arrays = tuple[np.ndarray, ...]

# --- 7.1 The variance of a sum ---------------------------------------------------------------------------------


def _sum_cases(rng: Rng) -> list[Case]:
    cases = [Case((4, 0.0, 3.0, 1.0, 2.0), label="n = 4, weights of mean 0 and variance 3")]
    cases.append(Case((1, 2.0, 1.0, 3.0, 0.25), label="one product, all four numbers matter"))
    for _ in range(3):
        n = int(rng.integers(5, 200))
        mean_w, mean_x = (rng.uniform(0.3, 2, 2) * rng.choice([-1, 1], 2)).round(2)
        var_w, var_x = rng.uniform(0.2, 3, 2).round(2)
        numbers = (n, float(mean_w), float(var_w), float(mean_x), float(var_x))
        cases.append(
            Case(numbers, label=f"n = {n}, means {mean_w:g} and {mean_x:g}"),
        )
    return cases


def _sum_variance(n: int, mean_w: float, var_w: float, mean_x: float, var_x: float) -> float:
    return n * (mean_w**2 * var_x + mean_x**2 * var_w + var_w * var_x)


SUM = Task(
    id="7.1",
    title="The variance of a sum",
    points=2,
    minutes=8,
    difficulty=1,
    name="sum_variance",
    returns=("variance",),
    cases=_sum_cases,
    reference=_sum_variance,
    hints=(
        "Two steps: first the variance of one product w x, then that of a sum of n independent ones.",
        "The variance of one product has three terms. The chapter needed only the last of them, because there both "
        "means were 0. Here they need not be.",
        "The variance of w x is E[w² x²] − (E[w x])². For independent numbers each mean of a product is a product of "
        "means, and E[w²] is the variance of w plus its squared mean.",
    ),
    misconceptions=(
        Misconception(
            "means taken for 0",
            "You used n Var(w) Var(x), which holds when both means are 0. Here they are not: the product has two more "
            "terms.",
            lambda n, mean_w, var_w, mean_x, var_x: n * var_w * var_x,
        ),
        Misconception(
            "only the mean of w taken for 0",
            "Your answer is right for weights of mean 0. Here w has a mean too, and it carries the spread of x into "
            "the product.",
            lambda n, mean_w, var_w, mean_x, var_x: n * var_w * (var_x + mean_x**2),
        ),
        Misconception(
            "only the mean of x taken for 0",
            "Your answer is right for inputs of mean 0. Here x has a mean too, and it carries the spread of w into "
            "the product.",
            lambda n, mean_w, var_w, mean_x, var_x: n * var_x * (var_w + mean_w**2),
        ),
        Misconception(
            "one product",
            "This is the variance of one product. n independent ones are added up, and so are their variances.",
            lambda n, mean_w, var_w, mean_x, var_x: _sum_variance(1, mean_w, var_w, mean_x, var_x),
        ),
        Misconception(
            "number squared",
            "You multiplied by n². That would be right for n copies of the same product; independent ones partly "
            "cancel.",
            lambda n, mean_w, var_w, mean_x, var_x: (
                n * _sum_variance(n, mean_w, var_w, mean_x, var_x)
            ),
        ),
        Misconception(
            "standard deviation",
            "This is the standard deviation of the sum. The task asks for its square.",
            lambda n, mean_w, var_w, mean_x, var_x: (
                _sum_variance(n, mean_w, var_w, mean_x, var_x) ** 0.5
            ),
        ),
        Misconception(
            "last term forgotten",
            "Two of the three terms are there. Even if both means were 0 a product would still vary.",
            lambda n, mean_w, var_w, mean_x, var_x: n * (mean_w**2 * var_x + mean_x**2 * var_w),
        ),
        Misconception(
            "n times the first term alone",
            "n multiplies only your first term. All three belong to one product, and there are n of those: put "
            "brackets around the three.",
            lambda n, mean_w, var_w, mean_x, var_x: (
                n * mean_w**2 * var_x + mean_x**2 * var_w + var_w * var_x
            ),
        ),
        Misconception(
            "variances added",
            "You added the variances of w and x. That is the variance of w + x; here w and x are multiplied.",
            lambda n, mean_w, var_w, mean_x, var_x: n * (var_w + var_x),
        ),
        Misconception(
            "means multiplied",
            "You added the square of mean times mean. That product is one fixed number and varies not at all. A mean "
            "counts as a factor in front of the other number, which varies.",
            lambda n, mean_w, var_w, mean_x, var_x: n * (var_w * var_x + (mean_w * mean_x) ** 2),
        ),
        Misconception(
            "means not squared",
            "The means enter as they are. A constant factor in front of a random number enters its variance squared.",
            lambda n, mean_w, var_w, mean_x, var_x: (
                n * (mean_w * var_x + mean_x * var_w + var_w * var_x)
            ),
        ),
        Misconception(
            "mean square",
            "You added up the mean squares of the products. For a variance the squared mean of each product still has "
            "to go.",
            lambda n, mean_w, var_w, mean_x, var_x: n * (var_w + mean_w**2) * (var_x + mean_x**2),
        ),
        Misconception(
            "squared mean taken away once",
            "You added up n mean squares and took away the squared mean of one product. Each of the n products has a "
            "squared mean to take away.",
            lambda n, mean_w, var_w, mean_x, var_x: (
                n * (var_w + mean_w**2) * (var_x + mean_x**2) - (mean_w * mean_x) ** 2
            ),
        ),
        Misconception(
            "own mean instead of the other",
            "You paired each mean with its own variance. A fixed w in front of a varying x has the variance w² Var(x): "
            "which mean goes with which variance?",
            lambda n, mean_w, var_w, mean_x, var_x: (
                n * (mean_w**2 * var_w + mean_x**2 * var_x + var_w * var_x)
            ),
        ),
    ),
)

# --- 7.5 Before you run it -------------------------------------------------------------------------------------


def _depth_cases(rng: Rng) -> list[Case]:
    cases = [Case((3, 8, 1.0), label="3 layers of 8 inputs, std 1")]
    for _ in range(4):
        depth, n = int(rng.integers(2, 12)), int(rng.integers(20, 600))
        std = round(float(rng.uniform(0.3, 2.5)) / n**0.5, 4)
        cases.append(Case((depth, n, std), label=f"{depth} layers of {n} inputs, std {std}"))
    return cases


def _expected_size(depth: int, n: int, std: float) -> float:
    return float((n * std**2 / 2) ** (depth / 2))


DEPTH = Task(
    id="7.5",
    title="Before you run it",
    points=2,
    minutes=8,
    difficulty=2,
    name="expected_size",
    returns=("size",),
    cases=_depth_cases,
    reference=_expected_size,
    hints=(
        "What does one layer do to the mean square? The sums multiply it by n Var(w), and then ReLU takes its share.",
        "Every layer multiplies the mean square by the same factor, so depth layers multiply it by a power of that.",
        "The size is the root of the mean square: take the root once, at the end.",
    ),
    misconceptions=(
        Misconception(
            "ReLU forgotten",
            "This is the size without ReLU. ReLU sets half of the sums to 0; what does that do to the mean square?",
            lambda depth, n, std: float((n * std**2) ** (depth / 2)),
        ),
        Misconception(
            "root forgotten",
            "This is the mean square. The size is its root.",
            lambda depth, n, std: float((n * std**2 / 2) ** depth),
        ),
        Misconception(
            "ReLU halves the size",
            "You halved the size in every layer. What ReLU halves is the mean square.",
            lambda depth, n, std: float((n * std**2) ** (depth / 2) / 2**depth),
        ),
        Misconception(
            "standard deviation taken for the variance",
            "You put the standard deviation where the variance of the weights belongs: the published mistake of the "
            "chapter, the other way round.",
            lambda depth, n, std: float((n * std / 2) ** (depth / 2)),
        ),
        Misconception(
            "sum of layers",
            "You multiplied by the number of layers. Each layer works on what the one before has left, so its factor "
            "comes in once for every layer.",
            lambda depth, n, std: float(depth * (n * std**2 / 2) ** 0.5),
        ),
        Misconception(
            "power before division",
            "Python takes the power first: `f ** depth / 2` halves the power, not the exponent. Write "
            "`f ** (depth / 2)`.",
            lambda depth, n, std: float((n * std**2 / 2) ** depth / 2),
        ),
        Misconception(
            "one layer too few",
            "You counted one layer too few. The weights of the first layer multiply the inputs, so it counts as well.",
            lambda depth, n, std: float((n * std**2 / 2) ** ((depth - 1) / 2)),
        ),
        Misconception(
            "standard deviation not squared, root forgotten",
            "You used the standard deviation where the variance of the weights belongs, and took no root at the end.",
            lambda depth, n, std: float((n * std / 2) ** depth),
        ),
        Misconception(
            "one layer",
            "This is the size after one layer, whatever the depth.",
            lambda depth, n, std: float((n * std**2 / 2) ** 0.5),
        ),
        Misconception(
            "ReLU counted once",
            "You halved the mean square once. Every layer has a ReLU.",
            lambda depth, n, std: float((n * std**2) ** (depth / 2) / 2**0.5),
        ),
        Misconception(
            "size halved once",
            "You halved the size once. ReLU takes half of the mean square, not of the size, and every layer has one.",
            lambda depth, n, std: float((n * std**2) ** (depth / 2) / 2),
        ),
        Misconception(
            "last ReLU forgotten",
            "One ReLU is missing: every layer has one, the last as well.",
            lambda depth, n, std: float((n * std**2) ** (depth / 2) / 2 ** ((depth - 1) / 2)),
        ),
        Misconception(
            "factor 2 instead of one half",
            "ReLU makes your signal larger. The 2 in He's rule stands there to make up for what ReLU takes away.",
            lambda depth, n, std: float((n * std**2 * 2) ** (depth / 2)),
        ),
        Misconception(
            "variance after ReLU",
            "You used the variance of ReLU's output, (1/2 − 1/2π) of what came in. Its mean is not 0, and the next "
            "layer's sums feel the mean square.",
            lambda depth, n, std: float((n * std**2 * (0.5 - 0.5 / np.pi)) ** (depth / 2)),
        ),
    ),
)

# --- 7.7 Center the pixels -------------------------------------------------------------------------------------


def _center_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([[1.0, 4.0, 0.0], [3.0, 8.0, 0.0]]), np.array([[2.0, 5.0, 1.0]]))
    cases = [Case(by_hand, label="two images to train on, one to test with")]
    for N, M, D in [(5, 3, 4), (8, 2, 6), (4, 4, 4)]:
        train, test = rng.uniform(0, 1, (N, D)).round(2), rng.uniform(0.2, 1, (M, D)).round(2)
        cases.append(Case((train, test), label=f"{N} and {M} images of {D} pixels"))
    return cases


def _center(x_train: np.ndarray, x_test: np.ndarray) -> Arrays:
    mean = x_train.mean(axis=0)
    return x_train - mean, x_test - mean


def _divided(x_train: np.ndarray, x_test: np.ndarray) -> Arrays:
    with np.errstate(divide="ignore", invalid="ignore"):
        std = x_train.std(axis=0)
        train, test = _center(x_train, x_test)
        return train / std, test / std


def _both_together(x_train: np.ndarray, x_test: np.ndarray) -> Arrays:
    mean = np.concatenate([x_train, x_test]).mean(axis=0)
    return x_train - mean, x_test - mean


CENTER = Task(
    id="7.7",
    title="Center the pixels",
    points=2,
    minutes=6,
    difficulty=1,
    name="center",
    returns=("x_train_centered", "x_test_centered"),
    cases=_center_cases,
    reference=_center,
    hints=(
        "The mean image has one number for each pixel: the mean over the images, which is `axis=0`.",
        "A weight has learned to work with what was subtracted in training. What must be subtracted in testing?",
    ),
    misconceptions=(
        Misconception(
            "own mean for the test images",
            "You subtracted the mean of the test images from the test images. The network has learned with the mean of "
            "the training images, and a single test image would always become all zeros.",
            lambda x_train, x_test: (x_train - x_train.mean(axis=0), x_test - x_test.mean(axis=0)),
        ),
        Misconception(
            "one number for all pixels",
            "You subtracted one number, the mean of all pixels. That is what VGG does for each channel; here every "
            "pixel has a mean of its own.",
            lambda x_train, x_test: (x_train - x_train.mean(), x_test - x_train.mean()),
        ),
        Misconception(
            "mean of each image",
            "You subtracted from each image its own mean. The mean image runs over the images, pixel by pixel.",
            lambda x_train, x_test: (
                x_train - x_train.mean(axis=1, keepdims=True),
                x_test - x_test.mean(axis=1, keepdims=True),
            ),
        ),
        Misconception(
            "mean of each image, shapes do not fit",
            "`axis=1` takes the mean of each image, one number for each row, which does not fit the columns. The mean "
            "image runs over the images: `axis=0`.",
            lambda x_train, x_test: (
                x_train - x_train.mean(axis=1),
                x_test - x_test.mean(axis=1),
            ),
        ),
        Misconception(
            "mean of the test images for both",
            "You subtracted the mean of the test images. The network learns before it sees them: take the mean of the "
            "training images for both.",
            lambda x_train, x_test: (x_train - x_test.mean(axis=0), x_test - x_test.mean(axis=0)),
        ),
        Misconception(
            "test images left as they are",
            "The training images are right. The test images go through the same network, so they need the same step.",
            lambda x_train, x_test: (_center(x_train, x_test)[0], x_test),
        ),
        Misconception(
            "test images in the mean",
            "Your mean runs over training and test images. What is known about the test images must not enter: in use "
            "they are not there yet.",
            _both_together,
        ),
        Misconception(
            "divided by the standard deviation",
            "You also divided by the standard deviation of each pixel. Centering is the subtraction alone, and a pixel "
            "that never changes has none to divide by.",
            _divided,
        ),
        Misconception(
            "divided by one standard deviation",
            "You also divided by the standard deviation of all pixels. Centering is the subtraction alone.",
            lambda x_train, x_test: (
                (x_train - x_train.mean(axis=0)) / x_train.std(),
                (x_test - x_train.mean(axis=0)) / x_train.std(),
            ),
        ),
        Misconception(
            "mean added",
            "You added the mean. Afterwards the mean of the training images should be 0.",
            lambda x_train, x_test: (
                x_train + x_train.mean(axis=0),
                x_test + x_train.mean(axis=0),
            ),
        ),
    ),
)

# --- 7.8 In your own words -------------------------------------------------------------------------------------

WORDS = Task(
    id="7.8",
    title="Fair and reproducible",
    points=2,
    minutes=8,
    difficulty=2,
    name="symmetry and the size of weights",
    kind="written",
    hints=(
        "What is the gradient of two hidden units that start with the same weights in and out? What then after a step?",
        "`rng.normal(0, v)`: is v a variance or a standard deviation? Work out n Var(w) for n = 400 in both readings.",
        "Random and reproducible is no contradiction.",
    ),
)

TASKS = (SUM, HE, BOUND, FORWARD, DEPTH, BACK, CENTER, WORDS)
