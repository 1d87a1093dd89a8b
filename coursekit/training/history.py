"""What came of a run, step by step and epoch by epoch."""

from dataclasses import asdict, dataclass, field
from typing import Any

from coursekit.training.recipe import Recipe


@dataclass(frozen=True)
class Epoch:
    """One epoch.

    Args:
        number: from 1 on.
        loss: mean over its steps, in nats, while the weights moved; with label smoothing.
        accuracy: the part of its images that was right when they were seen, 0 to 1.
        test_loss: mean cross-entropy on the test images after it, in nats.
        test_accuracy: the part of the test images that was right after it, 0 to 1.
        seconds: of training, without testing.
    """

    number: int
    loss: float
    accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float


@dataclass
class History:
    """A run so far.

    Attributes:
        recipe: what it followed.
        losses: of every step, in nats, before its update.
        rates: learning rate of every step.
        epochs: every finished epoch.
    """

    recipe: Recipe
    losses: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)

    def result(self) -> dict[str, Any]:
        """Return the recipe and the last epoch as one flat line for a results log."""
        if not self.epochs:
            return asdict(self.recipe)
        last = asdict(self.epochs[-1])
        del last["number"]  # the recipe's epochs says it
        return {
            **asdict(self.recipe),
            **last,
            "seconds": sum(epoch.seconds for epoch in self.epochs),
        }

    def to_plain(self) -> dict[str, Any]:
        """Return it as lists, dicts and numbers."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "History":
        """Return what :meth:`to_plain` was called on."""
        return cls(
            Recipe(**plain["recipe"]),
            list(plain["losses"]),
            list(plain["rates"]),
            [Epoch(**epoch) for epoch in plain["epochs"]],
        )
