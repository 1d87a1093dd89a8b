"""Exercise 10.3: one step of Adam."""

import numpy as np

from coursekit.reference.optim import Adam
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator
Triple = tuple[Array, Array, Array]

# --- 10.3 Adam ------------------------------------------------------------------------------------------------


def _adam_cases(rng: Rng) -> list[Case]:
    first = (np.array([1.0, 1.0]), np.zeros(2), np.zeros(2), np.array([4.0, -0.5]))
    cases = [
        Case((*first, 1, 0.1, 0.9, 0.99, 1e-8), label="w = 1 1, dw = 4 -0.5, step 1, lr 0.1"),
    ]
    for shape, t, eps in (((4,), 3, 1e-8), ((3, 2), 12, 0.05)):
        w, m, dw = rng.normal(size=(3, *shape)).round(2) + 0.003
        v = rng.uniform(0.1, 2.0, shape).round(2)
        lr = float(rng.uniform(0.02, 0.3))
        label = f"w of shape {shape}, step {t}, eps {eps:g}"
        cases.append(Case((w, m, v, dw, t, lr, 0.9, 0.98, eps), label=label))
    return cases


def _adam(
    w: Array,
    m: Array,
    v: Array,
    dw: Array,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> Triple:
    moved = w.copy()
    optimizer = Adam({"w": moved}, lr, betas=(float(beta1), float(beta2)), eps=eps)
    optimizer.mean["w"][...], optimizer.mean_square["w"][...] = m, v
    optimizer.steps = int(t) - 1
    optimizer.step({"w": dw})
    return moved, optimizer.mean["w"], optimizer.mean_square["w"]


def _slip(
    w: Array,
    m: Array,
    v: Array,
    dw: Array,
    t: float,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    *,
    squared: bool = True,
    of_mean: bool = False,
    correct: str = "both",
    root: str = "plain",
    hand_back: bool = False,
) -> Triple:
    """Take a step with a slip: what is squared, corrected, rooted or returned."""
    with np.errstate(all="ignore"):
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * ((m if of_mean else dw) ** 2 if squared else dw)
        by_m, by_v = np.float64(1 - beta1**t), np.float64(1 - beta2**t)
        if correct == "times":
            by_m, by_v = np.float64(1 - beta1 * t), np.float64(1 - beta2 * t)
        elif correct == "power outside":
            by_m, by_v = np.float64((1 - beta1) ** t), np.float64((1 - beta2) ** t)
        m_hat = m if correct in ("none", "second") else m / by_m
        v_hat = v if correct in ("none", "first") else v / by_v
        if root == "none":
            moved = w - lr * m_hat / (v_hat + eps)
        elif root == "no eps":
            moved = w - lr * m_hat / np.sqrt(v_hat)
        elif root == "over all":
            moved = w - lr * m_hat / np.sqrt(v_hat + eps)
        elif root == "eps behind":
            moved = w - lr * m_hat / np.sqrt(v_hat) + eps
        else:
            moved = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return (moved, m_hat, v_hat) if hand_back else (moved, m, v)


def _old_averages(
    w: Array,
    m: Array,
    v: Array,
    dw: Array,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> Triple:
    _, new_m, new_v = _adam(w, m, v, dw, t, lr, beta1, beta2, eps)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), new_m, new_v


def _weights_swapped(
    w: Array,
    m: Array,
    v: Array,
    dw: Array,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> Triple:
    m, v = (1 - beta1) * m + beta1 * dw, (1 - beta2) * v + beta2 * dw**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


ADAM = Task(
    id="10.3",
    title="A step of Adam",
    points=4,
    minutes=14,
    difficulty=2,
    name="adam_step",
    returns=("w", "m", "v"),
    cases=_adam_cases,
    reference=_adam,
    hints=(
        "Four lines: the new m, the new v, their two corrected versions (under other names), the new w.",
        "The correction divides by 1 - beta ** t, a number that is small in the first steps and soon nearly 1. Step 1 "
        "is t = 1.",
        "Check step 1 by hand: m / (1 - beta1) is the gradient, the root of v / (1 - beta2) its size, so each weight "
        "moves by lr, whatever the size of its gradient.",
    ),
    misconceptions=(
        Misconception(
            "no correction",
            "You used m and v as they are. Both began at 0 and are too small in the first steps, by different factors.",
            lambda *a: _slip(*a, correct="none"),
        ),
        Misconception(
            "corrected averages kept",
            "The weights are right, but you returned the corrected averages. They are for this step only: corrected "
            "again in the next one, they would grow without end.",
            lambda *a: _slip(*a, hand_back=True),
        ),
        Misconception(
            "eps under the root",
            "You added eps before taking the root. It belongs behind the root, which makes a difference where v is "
            "small.",
            lambda *a: _slip(*a, root="over all"),
        ),
        Misconception(
            "eps left out",
            "You left eps out. It makes no difference until v is small, and then you divide by nearly nothing.",
            lambda *a: _slip(*a, root="no eps"),
        ),
        Misconception(
            "eps outside the fraction",
            "You added eps to the weights. It belongs into the denominator, so put parentheses around the root and "
            "eps.",
            lambda *a: _slip(*a, root="eps behind"),
        ),
        Misconception(
            "root forgotten",
            "You divided by the mean square. Its root has the unit of a gradient; only then does the size of the "
            "gradient cancel.",
            lambda *a: _slip(*a, root="none"),
        ),
        Misconception(
            "beta times t",
            "Your correction has beta times t. After t steps a start of 0 has been multiplied by beta t times over: "
            "which operation is that?",
            lambda *a: _slip(*a, correct="times"),
        ),
        Misconception(
            "power of the whole difference",
            "You took 1 - beta to the power t. What is missing after t steps is beta ** t; subtract that from 1.",
            lambda *a: _slip(*a, correct="power outside"),
        ),
        Misconception(
            "one step too far",
            "Your correction uses t + 1. The first step is t = 1 already.",
            lambda w, m, v, dw, t, *rest: _slip(w, m, v, dw, t + 1, *rest),
        ),
        Misconception(
            "one step behind",
            "Your correction uses t - 1, so the first step divides by 0. The first step is t = 1.",
            lambda w, m, v, dw, t, *rest: _slip(w, m, v, dw, t - 1, *rest),
        ),
        Misconception(
            "only the mean corrected",
            "You corrected m and forgot v, which is the one that begins further off.",
            lambda *a: _slip(*a, correct="first"),
        ),
        Misconception(
            "only the mean square corrected",
            "You corrected v and forgot m.",
            lambda *a: _slip(*a, correct="second"),
        ),
        Misconception(
            "gradient not squared",
            "v averages the squared gradients. Yours can become negative, and then the root is not a number.",
            lambda *a: _slip(*a, squared=False),
        ),
        Misconception(
            "mean squared instead of the gradient",
            "You averaged the square of m. v is the average of the squared gradients, so it also sees what cancels "
            "out in m.",
            lambda *a: _slip(*a, of_mean=True),
        ),
        Misconception(
            "betas swapped",
            "You used beta2 for m and beta1 for v.",
            lambda w, m, v, dw, t, lr, beta1, beta2, eps: _adam(
                w, m, v, dw, t, lr, beta2, beta1, eps
            ),
        ),
        Misconception(
            "weights of old and new swapped",
            "Your averages give beta to the newest gradient. It should be the other way round: with 0.9 the past "
            "counts most.",
            _weights_swapped,
        ),
        Misconception(
            "averages of the step before",
            "You moved the weights by the averages that came in. Bring them up to date first.",
            lambda *a: _quiet(_old_averages, *a),
        ),
        Misconception(
            "uphill",
            "The size is right and the direction is not: the weights move against the mean gradient.",
            lambda w, *rest: (2 * w - _adam(w, *rest)[0], *_adam(w, *rest)[1:]),
        ),
    ),
)


def _quiet(function, *args):  # type: ignore[no-untyped-def]  # passes on what it gets
    with np.errstate(all="ignore"):
        return function(*args)
