"""Training in torch: one readable loop for a laptop, its recipe, its checkpoints and its log.

::

    from coursekit.data import fashion_mnist
    from coursekit.models import lenet5
    from coursekit.training import Recipe, train

    torch.manual_seed(0)
    model = lenet5()
    history = train(model, fashion_mnist(), Recipe(lr=0.05, momentum=0.9, epochs=5))
    history.epochs[-1].test_accuracy

or, with a recipe that has a name::

    plan = named("small")
    history = train(plan.build(classes=10, channels=1), fashion_mnist(), plan.recipe, folder="run")
"""

from coursekit.training.batches import Augment, Batches, channel_statistics
from coursekit.training.evaluation import evaluate, examine
from coursekit.training.history import Epoch, History
from coursekit.training.loop import train
from coursekit.training.memory import OutOfMemoryError
from coursekit.training.nonfinite import NonFiniteLossError
from coursekit.training.optimizers import make_optimizer, set_rate
from coursekit.training.recipe import Recipe
from coursekit.training.recipes import RECIPES, Plan, named
from coursekit.training.results import read_results, record

__all__ = [
    "RECIPES",
    "Augment",
    "Batches",
    "Epoch",
    "History",
    "NonFiniteLossError",
    "OutOfMemoryError",
    "Plan",
    "Recipe",
    "channel_statistics",
    "evaluate",
    "examine",
    "make_optimizer",
    "named",
    "read_results",
    "record",
    "set_rate",
    "train",
]
