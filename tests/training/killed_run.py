"""One run in a process of its own, which the test kills: python killed_run.py FOLDER STEP.

It kills itself at the step (counted over this process; -1: never), as SIGKILL from outside would, and
otherwise prints a checksum of the weights.
"""

import hashlib
import os
import signal
import sys

from tiny import images, whitened_net
from torch.optim.optimizer import register_optimizer_step_post_hook

from coursekit.training import Recipe, train

# everything that has a state or draws random numbers
RECIPE = Recipe(
    lr=0.05,
    momentum=0.9,
    nesterov=True,
    weight_decay=1e-3,
    decay_norm_and_bias=False,
    schedule="linear",
    warm_up=1,
    epochs=5,
    batch_size=8,
    label_smoothing=0.1,
    flip="alternating",
    crop=1,
    cutout=2,
    ema=0.9,
    whiten=1e-2,
    test_flips=True,
    seed=2,
)


def main(folder: str, kill_at: int) -> None:
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    model = whitened_net()
    register_optimizer_step_post_hook(count)
    history = train(model, images(), RECIPE, folder=folder)
    weights = b"".join(v.numpy().tobytes() for v in model.state_dict().values())
    print(hashlib.sha256(weights).hexdigest(), history.losses)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
