"""Exercises 9.4 and 9.5: weight decay and early stopping."""

import numpy as np

from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator
Found = tuple[int, int]

# --- 9.4 A step with decay ------------------------------------------------------------------------------------


def _decay_cases(rng: Rng) -> list[Case]:
    by_hand = (np.array([-1.0, 2.0]), np.array([1.0, 0.0]), 0.5, 0.2)
    cases = [Case(by_hand, label="w = -1 2, dw = 1 0, lr 0.5, strength 0.2")]
    for shape in ((5,), (3, 4)):
        w, dw = rng.normal(size=(2, *shape)).round(2) + 0.003
        lr, strength = rng.uniform(0.1, 0.9), rng.uniform(0.05, 0.4)
        cases.append(Case((w, dw, float(lr), float(strength)), label=f"w of shape {shape}"))
    return cases


def _decay(w: np.ndarray, dw: np.ndarray, lr: float, strength: float) -> np.ndarray:
    return w - lr * (dw + strength * w)


DECAY = Task(
    id="9.4",
    title="A step with weight decay",
    points=2,
    minutes=6,
    difficulty=1,
    name="decayed_step",
    returns=("w",),
    cases=_decay_cases,
    reference=_decay,
    hints=(
        "What is the derivative of (strength / 2) · w_j² with respect to w_j? Add it to dw_j.",
        "Then take one step of gradient descent with the sum, for all weights at once.",
    ),
    misconceptions=(
        Misconception(
            "the half forgotten",
            "You added 2 · strength · w: that is the gradient of the penalty without the half.",
            lambda w, dw, lr, strength: w - lr * (dw + 2 * strength * w),
        ),
        Misconception(
            "the penalty instead of its gradient",
            "You subtracted the penalty itself, one number from every weight; a step needs its gradient, which has an "
            "entry for each weight.",
            lambda w, dw, lr, strength: w - lr * (dw + strength / 2 * np.sum(w**2)),
        ),
        Misconception(
            "the squared length instead of the weights",
            "You subtracted the sum of squares, one number from every weight, as slide 64 prints it. It pushes "
            "negative weights away from zero.",
            lambda w, dw, lr, strength: w - lr * (dw + strength * np.sum(w**2)),
        ),
        Misconception(
            "the penalty of each weight instead of its gradient",
            "You added half of strength · w², the penalty of each weight. A step needs its derivative.",
            lambda w, dw, lr, strength: w - lr * (dw + strength / 2 * w**2),
        ),
        Misconception(
            "the half kept",
            "You added half of strength · w. Differentiate w² once more: what happens to the half?",
            lambda w, dw, lr, strength: w - lr * (dw + strength / 2 * w),
        ),
        Misconception(
            "the square kept",
            "You added strength · w², which has the same sign for every weight, so it pushes negative ones away "
            "from zero. What is the derivative of w²?",
            lambda w, dw, lr, strength: w - lr * (dw + strength * w**2),
        ),
        Misconception(
            "weights grow",
            "Your decay has the wrong sign: large weights get larger.",
            lambda w, dw, lr, strength: w - lr * (dw - strength * w),
        ),
        Misconception(
            "decay without the learning rate",
            "You subtract strength · w at full size. It is part of the gradient, so the learning rate multiplies it.",
            lambda w, dw, lr, strength: w - lr * dw - strength * w,
        ),
        Misconception(
            "decay after the step",
            "You took the step first and let the new weights decay. Both parts belong to the gradient at the old "
            "ones.",
            lambda w, dw, lr, strength: (w - lr * dw) * (1 - lr * strength),
        ),
        Misconception(
            "the sign instead of the weight",
            "You pull all weights equally hard. That is the gradient of Σ|w|, called L1; with L2 the pull is in "
            "proportion to the weight.",
            lambda w, dw, lr, strength: w - lr * (dw + strength * np.sign(w)),
        ),
        Misconception(
            "no decay",
            "That is plain gradient descent; the penalty has not entered.",
            lambda w, dw, lr, strength: w - lr * dw,
        ),
        Misconception(
            "only decay",
            "You let the weights decay and left the loss out: its gradient dw belongs into the step as well.",
            lambda w, dw, lr, strength: w - lr * strength * w,
        ),
        Misconception(
            "uphill",
            "You added the step, which makes loss and penalty larger. Descent subtracts.",
            lambda w, dw, lr, strength: w + lr * (dw + strength * w),
        ),
        Misconception(
            "the gradient instead of the weights",
            "That is the gradient of loss and penalty together. Asked for are the weights after one step with it.",
            lambda w, dw, lr, strength: dw + strength * w,
        ),
        Misconception(
            "the step instead of the weights",
            "That is the step itself, learning rate times gradient. Asked for are the weights after it.",
            lambda w, dw, lr, strength: lr * (dw + strength * w),
        ),
        Misconception(
            "growth without the learning rate",
            "You added strength · w at full size: the sign is wrong, and the learning rate is missing. Brackets around "
            "the whole gradient mend both.",
            lambda w, dw, lr, strength: w - lr * dw + strength * w,
        ),
        Misconception(
            "the sum of the weights",
            "You added strength times the sum of all weights, one number for all. The derivative with respect to w_j "
            "contains w_j alone.",
            lambda w, dw, lr, strength: w - lr * (dw + strength * np.sum(w)),
        ),
        Misconception(
            "the length of the weights",
            "You added strength times the length of w, one number for all. The penalty is the square of it, and its "
            "derivative has an entry for each weight.",
            lambda w, dw, lr, strength: w - lr * (dw + strength * np.linalg.norm(w)),
        ),
    ),
)

# --- 9.5 When to stop -----------------------------------------------------------------------------------------


def _stopping_cases(rng: Rng) -> list[Case]:
    cases = [
        Case(
            (np.array([0.50, 0.60, 0.70, 0.65, 0.66, 0.64, 0.80]), 3),
            label="0.50 0.60 0.70 0.65 0.66 0.64 0.80, patience 3",
        ),
        Case(
            (np.array([0.50, 0.60, 0.60, 0.60, 0.70]), 2),
            label="0.50 0.60 0.60 0.60 0.70, patience 2",
        ),
        Case((np.array([0.50, 0.40, 0.60, 0.55]), 2), label="0.50 0.40 0.60 0.55, patience 2"),
        Case(
            (np.array([0.50, 0.40, 0.60, 0.55, 0.70, 0.65, 0.60]), 2),
            label="0.50 0.40 0.60 0.55 0.70 0.65 0.60, patience 2",
        ),
    ]
    for n, patience in ((30, 4), (40, 6)):
        climb = 0.75 - 0.5 * np.exp(-np.arange(n) / 4) + rng.normal(0, 0.02, n)
        cases.append(Case((climb.round(3), patience), label=f"{n} passes, patience {patience}"))
    return cases


def _stop(
    shares: np.ndarray,
    patience: int,
    *,
    ties: bool = False,
    previous: bool = False,
    rises: bool = False,
    resets: bool = True,
    waited: int = 0,
) -> Found:
    """Return the pass to keep and the last one trained, as the task asks or with a slip."""
    best = 0
    for k in range(1, len(shares)):
        better = shares[k] > shares[k - 1 if previous else best]
        if better or (ties and shares[k] == shares[best]):
            best, waited = k, 0 if resets else waited
        elif rises and shares[k] > shares[k - 1]:
            waited = 0
        else:
            waited += 1
        if waited == patience:
            return best, k
    return best, len(shares) - 1


def _past_the_end(shares: np.ndarray, patience: int) -> Found:
    best, last = _stop(shares, patience)
    return best, last if last - best == patience else len(shares)


def _hindsight(shares: np.ndarray, patience: int) -> Found:
    best = int(np.argmax(shares))
    return best, min(best + patience, len(shares) - 1)


def _last_one_uncounted(shares: np.ndarray, patience: int) -> Found:
    best, last = _stop(shares, patience)
    return best, last - 1 if last - best == patience else last


def _last_one_if_never_stopped(shares: np.ndarray, patience: int) -> Found:
    best, last = _stop(shares, patience)
    return best if last - best == patience else last, last


STOPPING = Task(
    id="9.5",
    title="When to stop",
    points=3,
    minutes=15,
    difficulty=3,
    name="stop_early",
    returns=("best", "last"),
    cases=_stopping_cases,
    reference=lambda shares, patience: _stop(shares, patience),
    hints=(
        "Walk through the passes in order and remember two things: which pass is the best so far, and how many have "
        "gone by since.",
        "A strictly better pass becomes the best and sets the count back to 0; any other one adds 1.",
        "As soon as the count has reached patience, return. If the loop ends without that, the last pass is "
        "len(shares) - 1.",
    ),
    misconceptions=(
        Misconception(
            "looks into the future",
            "Your best pass is the best of all. But training stopped before some of them were ever run: only passes up "
            "to `last` can be kept.",
            lambda shares, patience: (int(np.argmax(shares)), _stop(shares, patience)[1]),
        ),
        Misconception(
            "never stops",
            "You found the best of all passes and trained to the end. Patience should have ended it earlier.",
            lambda shares, patience: (int(np.argmax(shares)), len(shares) - 1),
        ),
        Misconception(
            "keeps the last pass",
            "You keep the net of the last pass. After waiting in vain, the best one lies `patience` passes back.",
            lambda shares, patience: (_stop(shares, patience)[1],) * 2,
        ),
        Misconception(
            "the share instead of the pass",
            "You return the best share; asked for is the number of its pass, which says which net to keep.",
            lambda shares, patience: (
                shares[_stop(shares, patience)[0]],
                _stop(shares, patience)[1],
            ),
        ),
        Misconception(
            "waiting never starts anew",
            "You count all passes that were not better, since the beginning. A better pass sets the count back to 0.",
            lambda shares, patience: _stop(shares, patience, resets=False),
        ),
        Misconception(
            "the first pass counted as a failure",
            "You begin with one pass waited for already: pass 0 is compared with itself and found not better. "
            "Let the loop start at pass 1.",
            lambda shares, patience: _stop(shares, patience, waited=1),
        ),
        Misconception(
            "one pass too many at the end",
            "Where patience never runs out you return len(shares): passes count from 0, so the last one has a "
            "smaller number.",
            _past_the_end,
        ),
        Misconception(
            "one pass too late",
            "You stop one pass too late: after `patience` passes without a better one, do not run another.",
            lambda shares, patience: _stop(shares, patience + 1),
        ),
        Misconception(
            "one pass too early",
            "You stop one pass too early: the pass after the best one is the first that was waited for.",
            lambda shares, patience: _stop(shares, patience - 1) if patience > 1 else (0, 1),
        ),
        Misconception(
            "a tie counts as better",
            "You took an equal share for a better one, which restarts the waiting. Only a strictly better pass "
            "counts.",
            lambda shares, patience: _stop(shares, patience, ties=True),
        ),
        Misconception(
            "compared with the previous pass",
            "You compare each pass with the one before. A curve that trembles is often better than a moment ago and "
            "still worse than its best: compare with the best so far.",
            lambda shares, patience: _stop(shares, patience, previous=True),
        ),
        Misconception(
            "stops at the first dip",
            "You stop at the first pass that is not better; patience says how many to wait for.",
            lambda shares, patience: _stop(shares, 1),
        ),
        Misconception(
            "waiting starts anew at every rise",
            "You start waiting anew whenever a pass is better than the one before. Count until a pass beats the best "
            "so far.",
            lambda shares, patience: _stop(shares, patience, rises=True),
        ),
        Misconception(
            "best in hindsight",
            "You took the best of all passes and waited from there. Walking through them you do not know the later "
            "ones: patience may have run out before.",
            _hindsight,
        ),
        Misconception(
            "best in hindsight, past the end",
            "You took the best of all passes and added patience. Walking through them you do not know the later ones, "
            "and there may be fewer than patience left.",
            lambda shares, patience: (int(np.argmax(shares)), int(np.argmax(shares)) + patience),
        ),
        Misconception(
            "last pass not counted",
            "Where you stop, your last is one too small: the pass that ends the waiting was run too.",
            _last_one_uncounted,
        ),
        Misconception(
            "last pass kept if never stopped",
            "Where patience never runs out you keep the last pass. The best one is still the one to keep.",
            _last_one_if_never_stopped,
        ),
        Misconception(
            "counted from 1",
            "Both of your numbers are one too large: passes count from 0.",
            lambda shares, patience: tuple(k + 1 for k in _stop(shares, patience)),
        ),
        Misconception(
            "pair swapped",
            "Those are the two right answers in the wrong order: best first.",
            lambda shares, patience: _stop(shares, patience)[::-1],
        ),
    ),
)
