"""Networks in torch that read like the figures of their papers."""

from coursekit.models.from_reference import copy_weights
from coursekit.models.lenet import lenet5

__all__ = ["copy_weights", "lenet5"]
