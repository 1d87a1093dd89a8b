"""Exercises 10.2 and 10.3: one step of momentum, one step of Adam."""

import numpy as np

from coursekit.reference.optim import SGD, Adam
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator
Pair = tuple[Array, Array]
Triple = tuple[Array, Array, Array]

# --- 10.2 Momentum --------------------------------------------------------------------------------------------


def _momentum_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([1.0]), np.array([2.0]), np.array([0.5]), 0.1, 0.9)
    cases = [
        Case((*by_hand, False), label="w = 1, v = 2, dw = 0.5, lr 0.1, mu 0.9, momentum"),
        Case((*by_hand, True), label="the same, Nesterov"),
    ]
    for shape, mu in (((4,), 0.9), ((3, 2), 0.6)):
        w, v, dw = rng.normal(size=(3, *shape)).round(2) + 0.003
        lr = float(rng.uniform(0.02, 0.4))
        cases += [
            Case((w, v, dw, lr, mu, nesterov), label=f"w of shape {shape}, mu {mu}, {word}")
            for nesterov, word in ((False, "momentum"), (True, "Nesterov"))
        ]
    return cases


def _momentum(w: Array, v: Array, dw: Array, lr: float, mu: float, nesterov: bool) -> Pair:
    moved = w.copy()
    optimizer = SGD({"w": moved}, lr, momentum=mu, nesterov=bool(nesterov))
    optimizer.velocity["w"][...] = v
    optimizer.step({"w": dw})
    return moved, optimizer.velocity["w"]


def _inside(w: Array, v: Array, dw: Array, lr: float, mu: float, nesterov: bool) -> Pair:
    v = mu * v + lr * dw
    return w - (lr * dw + mu * v if nesterov else v), v


def _averaged(w: Array, v: Array, dw: Array, lr: float, mu: float, nesterov: bool) -> Pair:
    v = mu * v + (1 - mu) * dw
    return w - lr * (dw + mu * v if nesterov else v), v


def _both_shrunk(w: Array, v: Array, dw: Array, lr: float, mu: float, nesterov: bool) -> Pair:
    v = mu * (v + dw)
    return w - lr * (dw + mu * v if nesterov else v), v


def _only_coasting(w: Array, v: Array, dw: Array, lr: float, mu: float, nesterov: bool) -> Pair:
    v = mu * v + dw
    return w - lr * (mu * v if nesterov else v), v


def _uphill(w: Array, v: Array, dw: Array, lr: float, mu: float, nesterov: bool) -> Pair:
    moved, v = _momentum(w, v, dw, lr, mu, nesterov)
    return 2 * w - moved, v


MOMENTUM = Task(
    id="10.2",
    title="A step with momentum",
    points=3,
    minutes=8,
    difficulty=1,
    name="momentum_step",
    returns=("w", "v"),
    cases=_momentum_cases,
    reference=_momentum,
    hints=(
        "Two lines: first the new velocity from the old one and the gradient, then the new weights from the new "
        "velocity. Do not write into the arguments.",
        "Without Nesterov the step is lr times the new velocity.",
        "With Nesterov, lr multiplies the gradient plus mu times the new velocity: where the ball will be after it has "
        "coasted once more.",
    ),
    misconceptions=(
        Misconception(
            "learning rate inside the velocity",
            "You put the learning rate into the velocity. Some papers do; then an old part of it remembers the old "
            "rate when a schedule changes it. Here the velocity is made of gradients alone.",
            _inside,
        ),
        Misconception(
            "velocity as a mean",
            "You weighted the gradient by 1 - mu, which makes the velocity a mean of gradients. Here it is a sum: a "
            "steady gradient builds up.",
            _averaged,
        ),
        Misconception(
            "old velocity in the step",
            "Your new velocity is right, but the weights moved by the old one: this step has not seen this gradient.",
            lambda w, v, dw, lr, mu, nesterov: (
                w - lr * (dw + mu * mu * v if nesterov else v),
                mu * v + dw,
            ),
        ),
        Misconception(
            "old velocity handed back",
            "The weights are right, but you returned the velocity that came in. The next step needs the new one.",
            lambda w, v, dw, lr, mu, nesterov: (
                _momentum(w, v, dw, lr, mu, nesterov)[0],
                v.copy(),
            ),
        ),
        Misconception(
            "Nesterov left out",
            "Your step with Nesterov is the plain one. If you wrote dw + mu * v: with the old v that is the new "
            "velocity once more. Look ahead from the new one.",
            lambda w, v, dw, lr, mu, nesterov: _momentum(w, v, dw, lr, mu, False),
        ),
        Misconception(
            "Nesterov always",
            "You look ahead in both cases; the plain step uses the new velocity as it is.",
            lambda w, v, dw, lr, mu, nesterov: _momentum(w, v, dw, lr, mu, True),
        ),
        Misconception(
            "Nesterov the wrong way round",
            "Your two cases are swapped: `nesterov` is true where the step looks ahead.",
            lambda w, v, dw, lr, mu, nesterov: _momentum(w, v, dw, lr, mu, not nesterov),
        ),
        Misconception(
            "Nesterov without the gradient",
            "With Nesterov you only coast, mu times the velocity. The gradient itself belongs to the step as well.",
            _only_coasting,
        ),
        Misconception(
            "the new gradient shrunk too",
            "You multiplied the new gradient by mu as well. Only what was there before slows down.",
            _both_shrunk,
        ),
        Misconception(
            "uphill",
            "The size is right and the direction is not: the weights move against the gradient.",
            _uphill,
        ),
        Misconception(
            "returned in the other order",
            "You returned the velocity first. Asked for is w, v.",
            lambda w, v, dw, lr, mu, nesterov: _momentum(w, v, dw, lr, mu, nesterov)[::-1],
        ),
        Misconception(
            "no momentum",
            "That is plain gradient descent: the velocity that came in has no influence.",
            lambda w, v, dw, lr, mu, nesterov: (w - lr * dw, dw.copy()),
        ),
    ),
)

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
    correct: str = "both",
    root: str = "plain",
    hand_back: bool = False,
) -> Triple:
    """Take a step with a slip: what is squared, corrected, rooted or returned."""
    with np.errstate(all="ignore"):
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * (dw**2 if squared else dw)
        by_m, by_v = np.float64(1 - beta1**t), np.float64(1 - beta2**t)
        if correct == "times":
            by_m, by_v = np.float64(1 - beta1 * t), np.float64(1 - beta2 * t)
        m_hat = m if correct in ("none", "second") else m / by_m
        v_hat = v if correct in ("none", "first") else v / by_v
        if root == "none":
            moved = w - lr * m_hat / (v_hat + eps)
        elif root == "over all":
            moved = w - lr * m_hat / np.sqrt(v_hat + eps)
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
