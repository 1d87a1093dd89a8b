"""A recipe: every choice of a training run that is not the model or the data."""

from dataclasses import dataclass

from coursekit.reference.schedules import Schedule, cosine, linear, step_decay, warm_up
from coursekit.training.recipe_checks import (
    CompileMode,
    FlipName,
    OptimizerName,
    ScheduleName,
    check_recipe,
)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train. Two runs with equal recipes, models and data on one machine are the same run.

    The last three say how a GPU is to compute. Elsewhere they do nothing, and the history's ``used``
    says what they came to.

    Args:
        optimizer: "sgd" or "adam".
        lr: learning rate, the highest of the schedule, at least 0.
        momentum: of SGD, at least 0 and below 1; Adam has averages of its own and takes none.
        nesterov: look ahead by one step of the momentum.
        weight_decay: λ, at least 0: λ times a parameter is added to its gradient.
        schedule: "constant"; "step", which multiplies the rate by step_factor every step_epochs;
            "cosine" or "linear", which come down to 0 at the end of training.
        step_epochs: epochs, may be a fraction, above 0.
        step_factor: from 0 to 1.
        warm_up: epochs, may be a fraction, in which the rate climbs from a third of lr to lr, before
            the schedule begins.
        epochs: times that the run sees all images, at least 1.
        batch_size: images in a batch, at least 1.
        label_smoothing: the part of the target that is spread evenly over all classes, at least 0
            and below 1.
        seed: of the order of the images, of their changes and of what is random in the model
            (dropout). The initial weights are drawn where the model is made, before.
        decay_norm_and_bias: whether weight decay also shrinks parameters of one axis: biases, and
            gamma and beta of normalizations.
        flip: mirror images left for right: "none", "random", or "alternating", every other epoch.
        crop: pixels by which the window on an image moves at most, reflected at the border; 0: none.
        cutout: pixels of the side of a square that is hidden in every image; 0: none.
        ema: decay of a running average of the weights, step by step, such as 0.999; it is tested, and
            is what the model ends with. 0: none.
        whiten: make the first convolution a whitening of the training images that is not trained; the
            number is added to each variance, such as 5e-4. 0: none.
        test_flips: test with the mean of the scores of every image and its mirror image.
        bf16: compute convolutions and products in bfloat16, whose numbers take half the memory.
        channels_last: keep the channels of a pixel side by side in memory.
        compile: "no", or the mode of torch.compile.

    Raises:
        CourseError: a value is of another kind or out of range.
    """

    optimizer: OptimizerName = "sgd"
    lr: float = 0.1
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    schedule: ScheduleName = "constant"
    step_epochs: float = 30.0
    step_factor: float = 0.1
    warm_up: float = 0.0
    epochs: int = 10
    batch_size: int = 128
    label_smoothing: float = 0.0
    seed: int = 0
    decay_norm_and_bias: bool = True
    flip: FlipName = "none"
    crop: int = 0
    cutout: int = 0
    ema: float = 0.0
    whiten: float = 0.0
    test_flips: bool = False
    bf16: bool = False
    channels_last: bool = False
    compile: CompileMode = "no"

    def __post_init__(self) -> None:
        check_recipe(self)

    def rate(self, steps_per_epoch: int) -> Schedule:
        """Return the learning rate as a function of the step, counted from 0 over all epochs.

        Args:
            steps_per_epoch: batches in an epoch.
        """
        climb = round(self.warm_up * steps_per_epoch)
        left = max(1, self.epochs * steps_per_epoch - climb)
        if self.schedule == "cosine":
            then = cosine(self.lr, left)
        elif self.schedule == "linear":
            then = linear(self.lr, left)
        elif self.schedule == "step":
            every = max(1, round(self.step_epochs * steps_per_epoch))
            then = step_decay(self.lr, every, self.step_factor)
        else:
            then = step_decay(self.lr, every=1, factor=1.0)
        return warm_up(then, climb) if climb else then
