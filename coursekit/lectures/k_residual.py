"""Khapra, slides 67 to 70: deeper nets and residual connections."""

from functools import cache

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides

WIDTH, SHALLOW, DEEP = 16, 4, 40


def _deeper_by_identity() -> Sides:
    """Put layers that change nothing behind a small net."""
    rng = np.random.default_rng(67)
    x, first, last = rng.normal(size=(20, 8)), rng.normal(size=(8, 16)), rng.normal(size=(16, 3))
    hidden = np.maximum(x @ first, 0)
    deeper = hidden
    for _ in range(10):
        deeper = np.maximum(deeper @ np.eye(16), 0)
    return Sides(deeper @ last, hidden @ last, "20 inputs, ten layers more")


@cache
def small_net_errors(depth: int, *, residual: bool) -> tuple[float, float]:
    """Train a small fully connected net without normalization to name the largest of four weighted sums.

    The weights are drawn by He's rule, those of residual layers so much smaller that their sum stays as large.

    Returns:
        The shares of training and of test samples that it gets wrong.
    """
    rng = np.random.default_rng(68)
    x = rng.normal(size=(1200, WIDTH))
    labels = (x @ rng.normal(size=(WIDTH, 4))).argmax(1)
    scale = np.sqrt(2 / WIDTH) / (depth if residual else 1)
    w = [scale * rng.normal(size=(WIDTH, WIDTH)) for _ in range(depth)]
    top = rng.normal(size=(WIDTH, 4)) / np.sqrt(WIDTH)
    targets = np.eye(4)[labels]

    def forward(batch: np.ndarray) -> list[np.ndarray]:
        hs = [batch]
        for one in w:
            bent = np.maximum(hs[-1] @ one, 0)
            hs.append(hs[-1] + bent if residual else bent)
        return hs

    for _ in range(200):
        chosen = rng.integers(0, 600, size=64)
        hs = forward(x[chosen])
        scores = hs[-1] @ top
        p = np.exp(scores - scores.max(1, keepdims=True))
        ds = (p / p.sum(1, keepdims=True) - targets[chosen]) / 64
        dh, dtop = ds @ top.T, hs[-1].T @ ds
        for k in reversed(range(depth)):
            da = dh * (hs[k] @ w[k] > 0)
            dh = da @ w[k].T + (dh if residual else 0)
            w[k] = w[k] - 0.1 * hs[k].T @ da
        top = top - 0.1 * dtop
    wrong = (forward(x)[-1] @ top).argmax(1) != labels
    return float(wrong[:600].mean()), float(wrong[600:].mean())


def deeper_is_worse() -> Finding:
    """Train a small net with few layers and with many."""
    shallow, deep = (small_net_errors(d, residual=False)[1] for d in (SHALLOW, DEEP))
    return Finding(
        deep > shallow,
        f"test errors of small plain nets: {shallow:.0%} with {SHALLOW} layers, {deep:.0%} with {DEEP}",
    )


def _residual_trains() -> Finding:
    plain, residual = (small_net_errors(DEEP, residual=r)[1] for r in (False, True))
    return Finding(
        residual < plain,
        f"test errors of small nets with {DEEP} layers: {plain:.0%} plain, {residual:.0%} residual",
    )


def _sum() -> Sides:
    """Compare what enters the last ReLU of a residual block with F(x) + x."""
    import torch

    from coursekit.models import Residual
    from coursekit.models.residual import basic_layers

    generator = torch.Generator().manual_seed(69)
    x = torch.randn(2, 3, 5, 5, generator=generator)
    block = Residual(basic_layers(3, 3, 1), torch.nn.Identity()).eval()
    seen: list[torch.Tensor] = []
    block.relu.register_forward_hook(lambda _module, entered, _left: seen.append(entered[0]))
    with torch.no_grad():
        for weights in block.parameters():
            weights.copy_(torch.randn(weights.shape, generator=generator))
        block(x)
        right = block.layers(x) + x
    return Sides(seen[-1].numpy(), right.numpy(), "a random block and input")


def _keeps_a_copy() -> Finding:
    import torch

    from coursekit.models import Residual, start_as_identity
    from coursekit.models.residual import basic_layers

    x = torch.rand(2, 3, 5, 5, generator=torch.Generator().manual_seed(70))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(70)
        block = Residual(basic_layers(3, 3, 1), torch.nn.Identity())
        plain = Residual(basic_layers(3, 3, 1), None)
    start_as_identity(block)
    start_as_identity(plain)
    with torch.no_grad():
        kept, lost = torch.equal(block(x), x), float(plain(x).abs().max())
    return Finding(
        kept and lost == 0,
        f"where F is 0, the block returns its input: {kept}; without the connection nothing is left",
    )


CLAIMS = (
    Claim(
        "K67-subset",
        "what a shallow net computes a deeper one can compute too: its further layers pass on what they get",
        "formula",
        compute=_deeper_by_identity,
        chapter=12,
        cell="the-counterexample",
    ),
    Claim(
        "K68-degradation",
        "in practice the deeper net has the higher test error",
        "comparison",
        compute=deeper_is_worse,
        chapter=12,
        cell="plain-recorded",
        remark="The chapter measures it for convolutional nets with batchnorm, on five seeds",
    ),
    Claim(
        "K69-sum",
        "a residual block computes H(x) = F(x) + x",
        "formula",
        compute=_sum,
        chapter=12,
        cell="block-by-hand",
        remark="In front of the last ReLU",
    ),
    Claim(
        "K70-copy",
        "the identity connection retains a copy of the input",
        "comparison",
        compute=_keeps_a_copy,
        chapter=12,
        cell="start-as-identity",
        remark="Exactly so where the input is not negative, as behind a ReLU",
    ),
    Claim(
        "K70-deep",
        "with it really deep nets can be trained",
        "comparison",
        compute=_residual_trains,
        chapter=12,
        cell="both-recorded",
        remark="The chapter measures it for convolutional nets with batchnorm, on five seeds",
    ),
)
