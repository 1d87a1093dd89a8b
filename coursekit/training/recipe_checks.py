"""Which recipes can be followed, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

from coursekit.errors import CourseError
from coursekit.reference.arguments import as_count, as_number

if TYPE_CHECKING:
    from coursekit.training.recipe import Recipe

OptimizerName = Literal["sgd", "adam"]
ScheduleName = Literal["constant", "step", "cosine", "linear"]
FlipName = Literal["none", "random", "alternating"]
CompileMode = Literal["no", "default", "reduce-overhead", "max-autotune"]


def check_recipe(recipe: Recipe) -> None:
    """Bring every value to its plain form (int, float).

    Raises:
        CourseError: a value is of another kind or out of range, or two of them do not go together.
    """
    for name, kind in (("optimizer", OptimizerName), ("schedule", ScheduleName)):
        _set(recipe, _choice, name, get_args(kind))
    for name, kind in (("flip", FlipName), ("compile", CompileMode)):
        _set(recipe, _choice, name, get_args(kind))
    for name in ("lr", "weight_decay", "step_factor", "step_epochs", "warm_up", "whiten"):
        _set(recipe, as_number, name, 0.0)
    for name in ("momentum", "label_smoothing", "ema"):
        _set(recipe, as_number, name, 0.0, 1.0)
    for name in ("epochs", "batch_size"):
        _set(recipe, as_count, name, 1)
    for name in ("seed", "crop", "cutout"):
        _set(recipe, as_count, name, 0)
    for name in ("nesterov", "decay_norm_and_bias", "test_flips", "bf16", "channels_last"):
        if not isinstance(getattr(recipe, name), bool):
            raise CourseError(
                f"Recipe: {name} is {getattr(recipe, name)!r}, expected True or False."
            )
    if recipe.optimizer == "adam" and (recipe.momentum or recipe.nesterov):
        raise CourseError(
            "Recipe: Adam takes no momentum, for it averages gradients by itself. Leave momentum "
            "and nesterov out, or take optimizer='sgd'."
        )
    if recipe.nesterov and not recipe.momentum:
        raise CourseError("Recipe: nesterov needs a momentum above 0, such as momentum=0.9.")
    if recipe.step_factor > 1:
        raise CourseError(f"Recipe: step_factor is {recipe.step_factor}, expected 0 to 1.")
    if not recipe.step_epochs:
        raise CourseError("Recipe: step_epochs is 0, expected a number above 0, such as 30.")
    if recipe.warm_up > recipe.epochs:
        raise CourseError(
            f"Recipe: warm_up takes {recipe.warm_up:g} of {recipe.epochs} epochs, expected at most all."
        )


def _set(recipe: Recipe, check: Callable[..., Any], name: str, *limits: Any) -> None:
    """Replace a value by its plain form, or say what is wrong with it."""
    try:
        object.__setattr__(recipe, name, check(name, getattr(recipe, name), *limits))
    except (TypeError, ValueError) as error:
        raise CourseError(f"Recipe: {error}.") from None


def _choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, choices))}")
    return value
