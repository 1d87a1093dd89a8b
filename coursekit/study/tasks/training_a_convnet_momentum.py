"""Exercise 10.2: one step of momentum."""

import numpy as np

from coursekit.reference.optim import SGD
from coursekit.study.task import Case, Misconception, Task

Array = np.ndarray
Rng = np.random.Generator
Pair = tuple[Array, Array]

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


def _downhill_inside(w: Array, v: Array, dw: Array, lr: float, mu: float, nesterov: bool) -> Pair:
    v = mu * v - lr * dw
    return w + (mu * v - lr * dw if nesterov else v), v


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
            "learning rate and sign inside the velocity",
            "You used v = mu * v - lr * dw and added it, as some courses do. Here the velocity is made of gradients "
            "alone, and the step subtracts.",
            _downhill_inside,
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
            "Nesterov by the velocity twice",
            "With Nesterov you moved by v + mu * v. The velocity has the new gradient in it already; ahead of it lies "
            "the gradient plus mu * v.",
            lambda w, v, dw, lr, mu, nesterov: (
                w - lr * (mu * v + dw) * (1 + mu if nesterov else 1),
                mu * v + dw,
            ),
        ),
        Misconception(
            "both steps with Nesterov",
            "With Nesterov you took the plain step and then the other one on top. It replaces the plain step.",
            lambda w, v, dw, lr, mu, nesterov: (
                w - lr * (mu * v + dw) - (lr * (dw + mu * (mu * v + dw)) if nesterov else 0),
                mu * v + dw,
            ),
        ),
        Misconception(
            "parentheses around the Nesterov step",
            "With Nesterov the learning rate reaches the gradient only, and the velocity has the wrong sign: put "
            "parentheses around the sum.",
            lambda w, v, dw, lr, mu, nesterov: (
                w - lr * dw + mu * (mu * v + dw) if nesterov else w - lr * (mu * v + dw),
                mu * v + dw,
            ),
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
