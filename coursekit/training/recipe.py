"""A recipe: every choice of a training run that is not the model or the data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from coursekit.errors import CourseError
from coursekit.reference.arguments import as_count, as_number
from coursekit.reference.schedules import Schedule, cosine, step_decay, warm_up

OptimizerName = Literal["sgd", "adam"]
ScheduleName = Literal["constant", "step", "cosine"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train. Two runs with equal recipes, models and data on one machine are the same run.

    Args:
        optimizer: "sgd" or "adam".
        lr: learning rate, the highest of the schedule, at least 0.
        momentum: of SGD, at least 0 and below 1; Adam has averages of its own and takes none.
        nesterov: look ahead by one step of the momentum.
        weight_decay: λ, at least 0: λ times a parameter is added to its gradient.
        schedule: "constant"; "step", which multiplies the rate by step_factor every step_epochs;
            or "cosine", which comes down to 0 at the end of training.
        step_epochs: epochs, may be a fraction, above 0.
        step_factor: from 0 to 1.
        warm_up: epochs, may be a fraction, in which the rate climbs from a third of lr to lr, before
            the schedule begins.
        epochs: times that the run sees all images, at least 1.
        batch_size: images in a batch, at least 1.
        label_smoothing: the part of the target that is spread evenly over all classes, at least 0
            and below 1.
        seed: of the order of the images and of what is random in the model (dropout). The initial
            weights are drawn where the model is made, before.

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

    def __post_init__(self) -> None:
        self._set(_choice, "optimizer", get_args(OptimizerName))
        self._set(_choice, "schedule", get_args(ScheduleName))
        for name in ("lr", "weight_decay", "step_factor", "step_epochs", "warm_up"):
            self._set(as_number, name, 0.0)
        for name in ("momentum", "label_smoothing"):
            self._set(as_number, name, 0.0, 1.0)
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            self._set(as_count, name, least)
        if not isinstance(self.nesterov, bool):
            raise CourseError(f"Recipe: nesterov is {self.nesterov!r}, expected True or False.")
        if self.optimizer == "adam" and (self.momentum or self.nesterov):
            raise CourseError(
                "Recipe: Adam takes no momentum, for it averages gradients by itself. Leave momentum "
                "and nesterov out, or take optimizer='sgd'."
            )
        if self.nesterov and not self.momentum:
            raise CourseError("Recipe: nesterov needs a momentum above 0, such as momentum=0.9.")
        if self.step_factor > 1:
            raise CourseError(f"Recipe: step_factor is {self.step_factor}, expected 0 to 1.")
        if not self.step_epochs:
            raise CourseError("Recipe: step_epochs is 0, expected a number above 0, such as 30.")
        if self.warm_up > self.epochs:
            raise CourseError(
                f"Recipe: warm_up takes {self.warm_up:g} of {self.epochs} epochs, expected at most all."
            )

    def rate(self, steps_per_epoch: int) -> Schedule:
        """Return the learning rate as a function of the step, counted from 0 over all epochs.

        Args:
            steps_per_epoch: batches in an epoch.
        """
        climb = round(self.warm_up * steps_per_epoch)
        if self.schedule == "cosine":
            then = cosine(self.lr, max(1, self.epochs * steps_per_epoch - climb))
        elif self.schedule == "step":
            every = max(1, round(self.step_epochs * steps_per_epoch))
            then = step_decay(self.lr, every, self.step_factor)
        else:
            then = step_decay(self.lr, every=1, factor=1.0)
        return warm_up(then, climb) if climb else then

    def _set(self, check: Callable[..., Any], name: str, *limits: Any) -> None:
        """Replace a value by its plain form (int, float), or say what is wrong with it."""
        try:
            object.__setattr__(self, name, check(name, getattr(self, name), *limits))
        except (TypeError, ValueError) as error:
            raise CourseError(f"Recipe: {error}.") from None


def _choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, choices))}")
    return value
