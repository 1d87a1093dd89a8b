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
        images_per_second: that it was trained with.
        memory: bytes: the most that tensors took on a GPU so far, elsewhere what the process takes.
    """

    number: int
    loss: float
    accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float
    images_per_second: float
    memory: int


@dataclass
class History:
    """A run so far.

    Attributes:
        recipe: what it followed.
        losses: of every step, in nats, before its update.
        rates: learning rate of every step.
        epochs: every finished epoch.
        used: what the run really used: device, precision, channels_last, compile, version of torch.
        compile_seconds: of compiling and choosing algorithms before the first step, which no epoch's
            seconds count; summed up where a run was resumed.
    """

    recipe: Recipe
    losses: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    used: dict[str, Any] = field(default_factory=dict)
    compile_seconds: float = 0.0

    def result(self) -> dict[str, Any]:
        """Return the recipe, what was used and the last epoch as one flat line for a results log."""
        result = {**asdict(self.recipe), "compile_seconds": self.compile_seconds}
        # what the recipe asks for and what was used may differ, so they keep two names
        result |= {f"used_{name}": value for name, value in self.used.items()}
        if self.epochs:
            result |= asdict(self.epochs[-1])
            del result["number"]  # the recipe's epochs says it
            result["seconds"] = sum(epoch.seconds for epoch in self.epochs)
        return result

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
            dict(plain["used"]),
            plain["compile_seconds"],
        )
