"""Optimizers: how the gradients move the parameters.

An optimizer takes the named parameters of a network and writes into them at every step::

    optimizer = SGD(network.params, lr=0.1, momentum=0.9)
    optimizer.step(network.grads)

Nothing has to be set to zero in between: a backward pass replaces the gradients of the one before.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import SupportsFloat

import numpy as np
from jaxtyping import Float, Num

from coursekit.reference.arguments import as_float_array, as_number

Values = np.ndarray | np.floating  # NumPy's sum of two arrays without axes is a bare number


class Optimizer(ABC):
    """What all optimizers share: checks, the learning rate, and weight decay.

    Attributes:
        params: the arrays that :meth:`step` writes into, by name.
        lr: learning rate; a schedule may set it before every step.
    """

    def __init__(
        self,
        params: Mapping[str, Float[np.ndarray, "..."]],
        lr: SupportsFloat,
        weight_decay: SupportsFloat,
    ) -> None:
        self.params = _as_params(params)
        self.lr = lr
        self.weight_decay = as_number("weight_decay", weight_decay, 0.0)
        self.steps = 0  # taken so far

    @property
    def lr(self) -> float:
        """Learning rate."""
        return self._lr

    @lr.setter
    def lr(self, lr: SupportsFloat) -> None:
        self._lr = as_number("lr", lr, 0.0)

    def step(self, grads: Mapping[str, Num[np.ndarray, "..."]]) -> None:
        r"""Move every parameter in place.

        Weight decay adds :math:`\lambda p` to the gradient first, which is the gradient of
        :math:`\lambda p^2 / 2`.

        Args:
            grads: the gradient of the loss with respect to every parameter, by the same names.

        Raises:
            TypeError: grads is not a mapping, or a gradient not an array of real numbers.
            ValueError: a gradient is missing, without a parameter, or of another shape. No
                parameter has moved then.
        """
        gradients = _as_gradients(grads, self.params)
        self.steps += 1
        for name, p in self.params.items():
            g: Values = gradients[name]
            if self.weight_decay:
                g = g + self.weight_decay * p
            p -= self._move(name, g)

    @abstractmethod
    def _move(self, name: str, g: Values) -> Values:
        """Return what to subtract from a parameter, given its gradient."""


class SGD(Optimizer):
    r"""Stochastic gradient descent, with momentum if wanted.

    .. math::
        v &\leftarrow \mu \, v + g

        p &\leftarrow p - \eta \, v \qquad \text{or, with Nesterov,} \qquad
        p \leftarrow p - \eta \, (g + \mu \, v)

    from v = 0, as in torch: the learning rate is outside the average, and a gradient that stays
    the same moves p by up to η g / (1 − μ). Sutskever et al. write η inside, which differs only
    where η changes.

    Args:
        params: arrays to move, by name.
        lr: learning rate η, at least 0.
        momentum: μ, at least 0 and below 1.
        nesterov: look ahead by one step of the momentum; needs a momentum.
        weight_decay: λ, at least 0.

    Raises:
        TypeError: params is not a mapping of names to float32 or float64 arrays, or a number is none.
        ValueError: a number is out of range, there is no parameter, or one is read-only.

    Source: Sutskever et al. 2013, On the importance of initialization and momentum in deep
    learning; torch.optim.SGD; CS7015 lecture 11, the bag of tricks of ResNet.
    """

    def __init__(
        self,
        params: Mapping[str, Float[np.ndarray, "..."]],
        lr: SupportsFloat,
        *,
        momentum: SupportsFloat = 0.0,
        nesterov: bool = False,
        weight_decay: SupportsFloat = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        self.momentum = as_number("momentum", momentum, 0.0, 1.0)
        if not isinstance(nesterov, bool):
            raise TypeError(f"nesterov is {nesterov!r}, expected True or False")
        if nesterov and not self.momentum:
            raise ValueError("nesterov is True and momentum is 0, expected a momentum above 0")
        self.nesterov = nesterov
        self.velocity = {name: np.zeros_like(p) for name, p in self.params.items()}

    def _move(self, name: str, g: Values) -> Values:
        if not self.momentum:
            return self.lr * g
        v = self.velocity[name]
        v *= self.momentum
        v += g
        return self.lr * (g + self.momentum * v if self.nesterov else v)


class Adam(Optimizer):
    r"""Move every parameter by its average gradient, in units of that gradient's usual size.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1) \, g \qquad
        v \leftarrow \beta_2 v + (1 - \beta_2) \, g^2

        p &\leftarrow p - \eta \, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Both averages begin at 0 and are too small at first; dividing by :math:`1 - \beta^t` in step t
    makes up for it. Weight decay is part of the gradient here, as in torch.optim.Adam; AdamW takes
    it out.

    Args:
        params: arrays to move, by name.
        lr: learning rate η, at least 0.
        betas: β₁ and β₂, at least 0 and below 1.
        eps: ε, at least 0.
        weight_decay: λ, at least 0.

    Raises:
        TypeError: params is not a mapping of names to float32 or float64 arrays, or a number is none.
        ValueError: a number is out of range, there is no parameter, or one is read-only.

    Source: Kingma and Ba 2015, Adam: a method for stochastic optimization; torch.optim.Adam.
    """

    def __init__(
        self,
        params: Mapping[str, Float[np.ndarray, "..."]],
        lr: SupportsFloat = 1e-3,
        *,
        betas: tuple[SupportsFloat, SupportsFloat] = (0.9, 0.999),
        eps: SupportsFloat = 1e-8,
        weight_decay: SupportsFloat = 0.0,
    ) -> None:
        super().__init__(params, lr, weight_decay)
        if not isinstance(betas, (tuple, list)):
            raise TypeError(f"betas is {betas!r}, expected two numbers: (beta1, beta2)")
        if len(betas) != 2:
            raise ValueError(f"betas has {len(betas)} numbers, expected two: (beta1, beta2)")
        self.beta1 = as_number("betas[0]", betas[0], 0.0, 1.0)
        self.beta2 = as_number("betas[1]", betas[1], 0.0, 1.0)
        self.eps = as_number("eps", eps, 0.0)
        self.mean = {name: np.zeros_like(p) for name, p in self.params.items()}
        self.mean_square = {name: np.zeros_like(p) for name, p in self.params.items()}

    def _move(self, name: str, g: Values) -> Values:
        m, v = self.mean[name], self.mean_square[name]
        m += (1 - self.beta1) * (g - m)  # β₁ m + (1 − β₁) g
        v *= self.beta2
        v += (1 - self.beta2) * g * g
        unbiased_m = m / (1 - self.beta1**self.steps)
        unbiased_v = v / (1 - self.beta2**self.steps)
        return self.lr * unbiased_m / (np.sqrt(unbiased_v) + self.eps)


def _as_params(params: object) -> dict[str, np.ndarray]:
    """Return the parameters as a dict of the same arrays; raise where they cannot be moved."""
    if not isinstance(params, Mapping):
        raise TypeError(
            f"params is a {type(params).__name__}, expected arrays by name, such as network.params"
        )
    if not params:
        raise ValueError("params is empty, expected at least one array to move")
    for name, p in params.items():
        if as_float_array(f"params[{name!r}]", p) is not p:  # it would be a copy that moves
            raise TypeError(
                f"params[{name!r}] is a {type(p).__name__} of {p.dtype}, expected a NumPy array of "
                "float32 or float64"
            )
        if not p.flags.writeable:
            raise ValueError(f"params[{name!r}] is read-only, expected an array that can be moved")
    return dict(params)


def _as_gradients(grads: object, params: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return one gradient for every parameter; raise where they do not fit."""
    if not isinstance(grads, Mapping):
        raise TypeError(
            f"grads is a {type(grads).__name__}, expected gradients by name, such as network.grads"
        )
    missing = [name for name in params if name not in grads]
    if missing:
        raise ValueError(
            f"grads has no gradient of {missing[0]!r}, expected one for each of {list(params)}: a "
            "backward pass makes them"
        )
    unknown = [name for name in grads if name not in params]
    if unknown:
        raise ValueError(
            f"grads has {unknown[0]!r}, which is no parameter; the parameters are {list(params)}"
        )
    gradients = {}
    for name, p in params.items():
        g = as_float_array(f"grads[{name!r}]", grads[name])
        if g.shape != p.shape:
            raise ValueError(
                f"grads[{name!r}] has shape {g.shape}, expected {p.shape}, the parameter's shape"
            )
        gradients[name] = g
    return gradients
