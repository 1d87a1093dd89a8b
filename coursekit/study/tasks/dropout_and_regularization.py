"""The exercises of chapter 09: dropout; every mask, decay, early stopping, ensembles and crops stand beside it."""

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.dropout_and_regularization_averages import ENSEMBLE, TEN_CROPS
from coursekit.study.tasks.dropout_and_regularization_masks import MASKS
from coursekit.study.tasks.dropout_and_regularization_training import DECAY, STOPPING

Rng = np.random.Generator

# --- 9.2 Inverted dropout -------------------------------------------------------------------------------------


def _forward_cases(rng: Rng) -> list[Case]:
    x = np.array([[2.0, -4.0, 6.0]])
    mask = np.array([[1.0, 0.0, 1.0]])
    cases = [
        Case((x, mask, 0.5, True), label="x = 2 -4 6, mask 1 0 1, rate 0.5, training"),
        Case((x, mask, 0.5, False), label="the same, testing"),
    ]
    for rate in (0.2, 0.7):
        x = rng.normal(size=(3, 4)).round(2) + 0.003
        mask = (rng.random((3, 4)) >= rate).astype(float)
        mask[0, :2] = 0, 1
        cases += [
            Case((x, mask, rate, training), label=f"rate {rate}, {word}")
            for training, word in ((True, "training"), (False, "testing"))
        ]
    return cases


def _forward(x: np.ndarray, mask: np.ndarray, rate: float, training: bool) -> np.ndarray:
    return x * mask / (1 - rate) if training else x.copy()


FORWARD = Task(
    id="9.2",
    title="Inverted dropout",
    points=3,
    minutes=7,
    difficulty=1,
    name="dropout",
    cases=_forward_cases,
    reference=_forward,
    hints=(
        "Two cases: an `if` on training. One of them returns x as it is.",
        "In training, what the mask keeps must make up for what is missing. If one half is dropped, by what factor do "
        "the others grow? If a fifth is dropped?",
    ),
    misconceptions=(
        Misconception(
            "not rescaled",
            "You drop, but the rest stays as it was: on average the next layer now gets less in training than in "
            "testing.",
            lambda x, mask, rate, training: x * mask if training else x,
        ),
        Misconception(
            "divided by the rate",
            "You divided by the probability to drop. If few are dropped, little is missing, and the others should "
            "hardly grow.",
            lambda x, mask, rate, training: x * mask / rate if training else x,
        ),
        Misconception(
            "weight scaling",
            "That is the other scaling, of the first paper: it leaves training alone and multiplies in testing. "
            "Inverted dropout does nothing in testing.",
            lambda x, mask, rate, training: x * mask if training else x * (1 - rate),
        ),
        Misconception(
            "scaled twice",
            "You made up for the dropped units in training and again in testing; one of the two is enough, and for "
            "inverted dropout it is training.",
            lambda x, mask, rate, training: x * mask / (1 - rate) if training else x * (1 - rate),
        ),
        Misconception(
            "multiplied instead of divided",
            "You made the kept units smaller in training. Some are missing already: the others have to grow.",
            lambda x, mask, rate, training: x * mask * (1 - rate) if training else x,
        ),
        Misconception(
            "drops in testing too",
            "You also drop in testing. Then the same image gets another answer each time; testing uses all units.",
            lambda x, mask, rate, training: x * mask / (1 - rate),
        ),
        Misconception(
            "masked in testing too",
            "Training is right. In testing you still apply the mask: then the same image gets another answer "
            "each time.",
            lambda x, mask, rate, training: x * mask / (1 - rate if training else 1),
        ),
        Misconception(
            "mask upside down",
            "You kept what the mask drops: 1 means kept.",
            lambda x, mask, rate, training: x * (1 - mask) / (1 - rate) if training else x,
        ),
        Misconception(
            "training and testing swapped",
            "Your two cases are swapped: you drop in testing and return x as it is in training.",
            lambda x, mask, rate, training: _forward(x, mask, rate, not training),
        ),
        Misconception(
            "rescaled by what this mask kept",
            "You divided by the share that this mask happens to keep. Divide by the probability: the expectation over "
            "all masks has to fit, not every single one.",
            lambda x, mask, rate, training: x * mask / mask.mean() if training else x,
        ),
        Misconception(
            "always twice",
            "You double what is kept, which is right at rate 1/2 only. What makes up for a fifth that is missing?",
            lambda x, mask, rate, training: x * mask * 2 if training else x,
        ),
        Misconception(
            "mask only",
            "You apply the mask in training and in testing, and scale nothing. Testing uses all units; in training "
            "those that are kept have to grow.",
            lambda x, mask, rate, training: x * mask,
        ),
        Misconception(
            "divided in testing too",
            "Training is right. In testing you divide as well, though nothing is missing there.",
            lambda x, mask, rate, training: x * mask / (1 - rate) if training else x / (1 - rate),
        ),
        Misconception(
            "weight scaling with the rate",
            "You scale in testing, which is the other kind of dropout, and by the probability to drop. The inverted "
            "kind divides in training and leaves testing alone.",
            lambda x, mask, rate, training: x * mask if training else x * rate,
        ),
        Misconception(
            "multiplied by the rate",
            "You multiplied by the probability to drop, so the kept units shrink. Some are missing already: the others "
            "have to grow.",
            lambda x, mask, rate, training: x * mask * rate if training else x,
        ),
        Misconception(
            "dropped units cut out",
            "You cut the dropped units out. They stay, as zeros: the next layer has a weight for each place.",
            lambda x, mask, rate, training: x[mask == 1] / (1 - rate) if training else x,
        ),
    ),
)

# --- 9.3 The way back -----------------------------------------------------------------------------------------


def _backward_cases(rng: Rng) -> list[Case]:
    cases = [
        Case(
            (np.array([[1.0, 1.0, -2.0]]), np.array([[1.0, 0.0, 1.0]]), 0.5),
            label="dy = 1 1 -2, mask 1 0 1, rate 0.5",
        )
    ]
    for rate in (0.2, 0.7):
        mask = (rng.random((3, 4)) >= rate).astype(float)
        mask[0, :2] = 0, 1
        cases.append(
            Case((rng.normal(size=(3, 4)).round(2) + 0.003, mask, rate), label=f"rate {rate}")
        )
    return cases


BACKWARD = Task(
    id="9.3",
    title="The way back through dropout",
    points=2,
    minutes=5,
    difficulty=1,
    name="dropout_backward",
    returns=("dx",),
    cases=_backward_cases,
    reference=lambda dy, mask, rate: dy * mask / (1 - rate),
    hints=(
        "In training each output is its input times one number. Which number, for a kept and for a dropped unit?",
        "The gradient of a product with a constant is that constant times what arrives.",
    ),
    misconceptions=(
        Misconception(
            "mask forgotten",
            "Your gradient also flows into units that were dropped. Their input did not reach the loss, so moving it "
            "changes nothing.",
            lambda dy, mask, rate: dy / (1 - rate),
        ),
        Misconception(
            "scale forgotten",
            "You let the gradient through where the mask does, at its old size. Forward the kept units were "
            "multiplied by more than the mask.",
            lambda dy, mask, rate: dy * mask,
        ),
        Misconception(
            "scale undone",
            "You multiplied where forward divided. The way back uses the same factor as the way forward, not its "
            "inverse.",
            lambda dy, mask, rate: dy * mask * (1 - rate),
        ),
        Misconception(
            "divided by the rate",
            "You divided by the probability to drop; forward divided by the probability to keep.",
            lambda dy, mask, rate: dy * mask / rate,
        ),
        Misconception(
            "mask upside down",
            "Your gradient flows into the dropped units and not into the kept ones: 1 means kept.",
            lambda dy, mask, rate: dy * (1 - mask) / (1 - rate),
        ),
        Misconception(
            "passed on unchanged",
            "You passed dy on as it is, which is right in testing. Here units were dropped.",
            lambda dy, mask, rate: dy.copy(),
        ),
        Misconception(
            "always twice",
            "You doubled the gradient of what is kept, which is right at rate 1/2 only.",
            lambda dy, mask, rate: 2 * dy * mask,
        ),
        Misconception(
            "multiplied by the rate",
            "You multiplied by the probability to drop; forward divided by the probability to keep.",
            lambda dy, mask, rate: dy * mask * rate,
        ),
        Misconception(
            "dy forgotten",
            "That is the derivative of each output with respect to its input. Multiply by what arrives, dy.",
            lambda dy, mask, rate: mask / (1 - rate),
        ),
        Misconception(
            "dropped units cut out",
            "You cut the dropped units out. Their gradient is 0 and keeps its place: dx has the shape of dy.",
            lambda dy, mask, rate: dy[mask == 1] / (1 - rate),
        ),
    ),
)

# --- 9.8 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="9.8",
    title="A gain of 0.8 points",
    points=2,
    minutes=9,
    difficulty=2,
    name="reading a comparison",
    kind="written",
    hints=(
        "Ask for each number: which images chose it, and which images measured it? How many seeds?",
        "Then ask what else differs between the two nets besides dropout.",
    ),
)

TASKS = (MASKS, FORWARD, BACKWARD, DECAY, STOPPING, ENSEMBLE, TEN_CROPS, WORDS)
