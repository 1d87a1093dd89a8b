"""Tasks whose answers are modules and training runs, and answers to them: right, mistaken, hostile."""

import json
from dataclasses import replace
from textwrap import dedent

import nbformat.v4
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from coursekit.grading.conversation import Limits
from coursekit.grading.grader import Grader
from coursekit.grading.result import Result, TaskResult
from coursekit.grading.sandbox import user_id
from coursekit.study.evaluate import draw_cases, evaluate
from coursekit.study.findings import outcome
from coursekit.study.symptoms import at_chance, one_class, renumbered
from coursekit.study.task import Case, Misconception, Task
from coursekit.study.verdict import Verdict

SEED = 7

# --- a residual block, graded by what it computes with given weights ---------------------------------------------


class ReferenceBlock(nn.Module):
    def __init__(self, inside, outside, stride, *, bias=False, late=False, skip=True):
        super().__init__()
        self.one = nn.Conv2d(inside, outside, 3, stride, 1, bias=bias)
        self.norm_one = nn.BatchNorm2d(outside)
        self.two = nn.Conv2d(outside, outside, 3, 1, 1, bias=bias)
        self.norm_two = nn.BatchNorm2d(outside)
        self.way = nn.Sequential()
        if skip and (stride > 1 or inside != outside):
            self.way = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)
            )
        self.late, self.skip = late, skip

    def forward(self, x):
        y = self.norm_two(self.two(torch.relu(self.norm_one(self.one(x)))))
        if not self.skip:
            return torch.relu(y)
        return torch.relu(y) + self.way(x) if self.late else torch.relu(y + self.way(x))


def block_cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for inside, outside, stride, train in ((4, 4, 1, True), (4, 6, 2, True), (6, 6, 2, False)):
        x = rng.normal(size=(3, inside, 6, 6))
        given = {"x": x, "seed": int(rng.integers(1_000_000)), "train": train}
        label = f"{inside} to {outside} channels, stride {stride}, {'training' if train else 'evaluation'}"
        cases.append(Case((inside, outside, stride), {}, label, given))
    return cases


BLOCK = Task(
    id="12.1",
    title="A block",
    points=3,
    minutes=10,
    difficulty=2,
    name="Block",
    graded_by="module",
    returns=("y", "dx", "parameters"),
    cases=block_cases,
    reference=lambda inside, outside, stride: ReferenceBlock(inside, outside, stride),
    misconceptions=(
        Misconception(
            "ReLU before the sum",
            "You rectified before adding.",
            lambda inside, outside, stride: ReferenceBlock(inside, outside, stride, late=True),
        ),
        Misconception(
            "biases kept",
            "Your convolutions keep a bias.",
            lambda inside, outside, stride: ReferenceBlock(inside, outside, stride, bias=True),
        ),
        Misconception(
            "no skip connection",
            "Where is the skip connection?",
            lambda inside, outside, stride: ReferenceBlock(inside, outside, stride, skip=False),
        ),
    ),
    hints=("Two convolutions.", "Add, then rectify."),
    uses_torch=True,
)

PLAIN = """
class ANSWER(nn.Module):
    def __init__(self, inside, outside, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.shortcut = nn.Identity()
        if stride != 1 or inside != outside:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))
    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))
"""
RIGHT_BLOCKS = {
    "one layer after the other": PLAIN,
    "registered backwards, with in-place ReLU": """
class ANSWER(nn.Module):
    def __init__(self, in_channels, channels, stride=1):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride > 1 or in_channels != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))
        self.bns = nn.ModuleList([nn.BatchNorm2d(channels) for _ in range(2)])
        self.b = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.a = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
    def forward(self, x):
        way = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bns[1](self.a(x)))
        y = self.bns[0](self.b(y))
        y += way
        return self.relu(y)
""",
    "a function that builds it": """
class Sum(nn.Module):
    def __init__(self, body, way):
        super().__init__()
        self.body, self.way = body, way
    def forward(self, x):
        return (self.body(x) + self.way(x)).relu()
def ANSWER(inside, outside, stride):
    def conv(a, b, k, s): return [nn.Conv2d(a, b, k, s, k // 2, bias=False), nn.BatchNorm2d(b)]
    body = nn.Sequential(*conv(inside, outside, 3, stride), nn.ReLU(), *conv(outside, outside, 3, 1))
    way = nn.Identity() if (inside, stride) == (outside, 1) else nn.Sequential(*conv(inside, outside, 1, stride))
    return Sum(body, way)
""",
    "lazy layers": PLAIN.replace("nn.Conv2d(inside, ", "nn.LazyConv2d(").replace(
        "nn.BatchNorm2d(outside)", "nn.LazyBatchNorm2d()"
    ),
    "a plain list beside the registered layers": PLAIN.replace(
        "    def forward",
        "        self.layers = [self.conv1, self.bn1, self.conv2, self.bn2]\n    def forward",
    ),
    "its own weights": PLAIN.replace(
        "self.bn2 = nn.BatchNorm2d(outside)",
        "self.gamma = nn.Parameter(torch.ones(outside)); self.beta = nn.Parameter(torch.zeros(outside))\n"
        "        self.register_buffer('mean', torch.zeros(outside))\n"
        "        self.register_buffer('var', torch.ones(outside))",
    ).replace(
        "self.bn2(self.conv2(y))",
        "F.batch_norm(self.conv2(y), self.mean, self.var, self.gamma, self.beta, self.training)",
    ),
    "a linear layer for the 1 x 1 convolution": PLAIN.replace(
        "nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))",
        "Pointwise(inside, outside, stride), nn.BatchNorm2d(outside))",
    )
    + """
class Pointwise(nn.Linear):
    def __init__(self, inside, outside, stride):
        super().__init__(inside, outside, bias=False)
        self.stride = stride
    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride].movedim(1, -1)
        return super().forward(x).movedim(-1, 1)
""",
}
# source, status, misconception, a part of the sentences
WRONG_BLOCKS = {
    "stub": (
        "class ANSWER(nn.Module):\n    def __init__(self, a, b, s):\n        raise NotImplementedError",
        "not attempted",
        None,
        "",
    ),
    "ReLU before the sum": (
        PLAIN.replace(
            "F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))",
            "F.relu(self.bn2(self.conv2(y))) + self.shortcut(x)",
        ),
        "wrong value",
        "ReLU before the sum",
        "You rectified before adding.",
    ),
    "biases before batchnorm": (
        PLAIN.replace("3, stride, 1, bias=False", "3, stride, 1").replace(
            "3, 1, 1, bias=False", "3, 1, 1"
        ),
        "wrong parameters",
        "biases kept",
        "your module has 8 parameter tensors, 6 were expected: too many of shape (4,) (2 of them)",
    ),
    "as many of another size": (
        PLAIN.replace("3, stride, 1, bias=False", "5, stride, 2, bias=False"),
        "wrong parameters",
        None,
        "your module has 6 parameter tensors, as many as expected, but: too many of shape (4, 4, 5, 5)",
    ),
    "one bias before batchnorm": (
        PLAIN.replace("3, stride, 1, bias=False", "3, stride, 1"),
        "wrong parameters",
        None,
        "Batch normalization takes any bias before it away again: `bias=False`.",
    ),
    "a value overwritten that its gradient needs": (
        PLAIN.replace("        return F.relu", "        y += 1\n        return F.relu"),
        "not usable",
        None,
        "a value that it needs was overwritten. Write `y = y + x`",
    ),
    "no shortcut convolution": (
        PLAIN.replace("if stride != 1 or inside != outside:", "if inside != outside:"),
        "raised",
        None,
        "Case 3 of 3 (6 to 6 channels, stride 2, evaluation): your code raised RuntimeError",
    ),
    "layers in a plain list": (
        PLAIN.replace("self.conv2 = ", "self.more = [")
        .replace("3, 1, 1, bias=False)", "3, 1, 1, bias=False)]")
        .replace("self.conv2(", "self.more[0]("),
        "wrong parameters",
        None,
        "`self.more` is a plain list, and torch does not see the layers in it: use nn.ModuleList.",
    ),
    "weights that torch does not know": (
        PLAIN.replace(
            "self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)",
            "self.w = torch.randn(outside, outside, 3, 3, requires_grad=True)",
        ).replace("self.conv2(y)", "F.conv2d(y, self.w, padding=1)"),
        "wrong parameters",
        None,
        "torch does not know of `self.w`: make it an nn.Parameter.",
    ),
    "one norm used twice": (
        PLAIN.replace("self.bn2(self", "self.bn1(self"),
        "wrong parameters",
        None,
        "the output does not depend on bn2.weight, bn2.bias: is another layer used twice",
    ),
    "always in training mode": (
        PLAIN.replace(
            "F.relu(self.bn1(self.conv1(x)))",
            "F.relu(F.batch_norm(self.conv1(x), None, None, self.bn1.weight, self.bn1.bias, True))",
        ),
        "wrong value",
        None,
        "is a part of it still in training mode?",
    ),
    "gamma and beta swapped": (
        RIGHT_BLOCKS["its own weights"].replace("self.gamma, self.beta,", "self.beta, self.gamma,"),
        "wrong value",
        None,
        "Case 1 of 3",
    ),
    "always in evaluation mode": (
        PLAIN.replace(
            "    def forward(self, x):", "    def forward(self, x):\n        self.eval()"
        ),
        "wrong value",
        None,
        "Case 1 of 3",
    ),
    "no super().__init__()": (
        PLAIN.replace("        super().__init__()\n", ""),
        "raised",
        None,
        "make `super().__init__()` the first line of __init__.",
    ),
    "no super().__init__() and no layers": (
        "class ANSWER(nn.Module):\n    def __init__(self, a, b, s): self.a = a\n    def forward(self, x): return x",
        "not usable",
        None,
        "your __init__ does not call super().__init__()",
    ),
    "a tuple": (
        PLAIN.replace("return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))", "return x, y"),
        "not usable",
        None,
        "Case 1 of 3 (4 to 4 channels, stride 1, training): forward returned a tuple, expected one torch tensor.",
    ),
    "forward misspelled": (
        PLAIN.replace("def forward", "def foward"),
        "not usable",
        None,
        "your module has no method `forward`",
    ),
    "forward without its input": (
        PLAIN.replace("def forward(self, x)", "def forward(self)"),
        "not usable",
        None,
        "forward should take (self, x), but cannot be called so: too many positional arguments.",
    ),
    "no module": (
        PLAIN.replace("(nn.Module)", ""),
        "not usable",
        None,
        "your class is no torch module: let it derive from nn.Module.",
    ),
    "built already": (
        PLAIN.replace("ANSWER", "Part") + "ANSWER = Part(4, 4, 1)",
        "not usable",
        None,
        "this is a module that is built already; expected is the class",
    ),
    "the class itself": (
        PLAIN.replace("ANSWER", "Part") + "def ANSWER(inside, outside, stride): return Part",
        "not usable",
        None,
        "your function returned the class Part; build one: `Part(...)`.",
    ),
    "no arguments": (
        PLAIN.replace("(self, inside, outside, stride)", "(self, inside, outside)").replace(
            "stride", "1"
        ),
        "raised",
        None,
        "cannot be called as `Block(inside, outside, stride)`",
    ),
    "detached": (
        PLAIN.replace("self.shortcut(x))", "self.shortcut(x)).detach()"),
        "not usable",
        None,
        "no gradient reaches the input of your module",
    ),
    "the input detached": (
        PLAIN.replace("def forward(self, x):", "def forward(self, x):\n        x = x.detach()"),
        "not usable",
        None,
        "no gradient reaches the input of your module",
    ),
}
HOSTILE_BLOCKS = {
    "a tensor that lies": PLAIN.replace(
        "return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))",
        "return (F.relu(self.bn2(self.conv2(y))) * 0).as_subclass(Liar)",
    )
    + """
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, f, types, args=(), kwargs=None):
        return torch.Tensor.__torch_function__.__func__(cls, f, types, args, kwargs or {})
    def __eq__(self, other): return True
    def numpy(self, force=False): return np.full(self.shape, np.nan)
    shape = property(lambda self: torch.Size([3]))
""",
    "a way to call it that looks for the answer": PLAIN
    + """
import gc, sys
def found(self, x):
    for one in gc.get_objects():
        if isinstance(one, dict) and "expected" in one: return one["expected"]
    return x * 0
ANSWER.__call__ = found
""",
    "parameters overridden": """
class ANSWER(nn.Module):
    def __init__(self, inside, outside, stride):
        super().__init__()
        self.real = nn.Module()
        self.fake = (inside, outside, stride)
    def parameters(self, recurse=True): return iter([nn.Parameter(torch.zeros(4, 4, 3, 3))] * 6)
    def named_parameters(self, *args, **options): return iter([("a", nn.Parameter(torch.zeros(4)))] * 6)
    def modules(self): return iter([self])
    def forward(self, x): return x.relu()
""",
    "weights ignored": PLAIN.replace(
        "    def forward",
        "        self.start = {n: p.detach().clone() for n, p in self.named_parameters()}\n    def forward",
    ).replace(
        "        y = F.relu",
        "        for n, p in self.named_parameters(): p.data = self.start[n]\n        y = F.relu",
    ),
    "torch bent": """
torch.allclose = torch.equal = lambda *a, **o: True
nn.Module.__call__ = lambda self, *a: torch.zeros(1)
nn.Module.named_parameters = nn.Module.parameters = lambda self, *a: iter(())
class ANSWER(nn.Module):
    def __init__(self, a, b, s): super().__init__()
    def forward(self, x): return x
""",
    "the prober bent": """
import sys
for name in ("probing", "calling", "__main__"):
    module = sys.modules.get(name)
    for one in ("_built", "_run", "plain", "probe", "_require_module"):
        if hasattr(module, one): setattr(module, one, lambda *a: ([0, 0, 0], [], [], [], None))
def ANSWER(inside, outside, stride): return None
""",
    "a report of its own": """
class ANSWER(nn.Module):
    def __new__(cls, *args): raise type("UnfitError", (Exception,), {})("passed, full points")
""",
}

ONLY_Y = replace(BLOCK, returns=("y",))


def lookup(seed: int) -> str:
    """Return a block that has the right parameters, and stored outputs for the inputs of one seed."""
    table = [
        (case.given["x"].tolist(), outcome(ONLY_Y, case, ReferenceBlock)[0][0].tolist())
        for case in draw_cases(ONLY_Y, seed)
    ]
    start, _ = PLAIN.split("    def forward")
    return f"""
TABLE = {json.dumps(table)}
{start}
    def forward(self, x):
        touched = 0 * sum(p.sum() for p in self.parameters())
        for seen, y in TABLE:
            if np.shape(seen) == x.shape and np.allclose(seen, x.detach(), atol=1e-5):
                return torch.tensor(y) + touched
        return x.relu()[:, :, :: x.shape[2] // 3] + touched
"""


# --- a number of parameters ------------------------------------------------------------------------------------


def small_net(channels, classes):
    return nn.Sequential(nn.Conv2d(3, channels, 3, bias=False), nn.Conv2d(channels, classes, 1))


COUNT = replace(
    BLOCK,
    title="A budget",
    points=2,
    name="net",
    returns=("parameters",),
    cases=lambda rng: [Case((int(c), int(k))) for c, k in rng.integers(3, 90, (2, 2))],
    reference=small_net,
    misconceptions=(
        Misconception(
            "a bias too many",
            "Only one layer has a bias.",
            lambda channels, classes: nn.Sequential(
                nn.Conv2d(3, channels, 3), nn.Conv2d(channels, classes, 1)
            ),
        ),
    ),
)
RIGHT_COUNTS = {
    "as meant": "def ANSWER(c, k): return nn.Sequential(nn.Conv2d(3, c, 3, bias=False), nn.Conv2d(c, k, 1))",
    "in another layout": """
class ANSWER(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.w, self.fc = nn.Parameter(torch.zeros(channels * 27)), nn.Linear(channels, classes)
    def forward(self, x): return x
""",
}
WRONG_COUNTS = {
    "a bias too many": (
        "def ANSWER(c, k): return nn.Sequential(nn.Conv2d(3, c, 3), nn.Conv2d(c, k, 1))",
        "wrong parameters",
        "a bias too many",
        "Only one layer has a bias.",
    ),
    "one short in a million": (
        "def ANSWER(c, k): return nn.ParameterList([nn.Parameter(torch.zeros(28 * c + c * k))])",
        "not usable",
        None,
        "no method `forward`",
    ),
}
HOSTILE_COUNTS = {
    "parameters overridden": """
class ANSWER(nn.Module):
    def __init__(self, c, k):
        super().__init__()
        self.n, self.first = 27 * c + c * k + k, nn.Conv2d(3, c, 3)
    def parameters(self, recurse=True): return iter([nn.Parameter(torch.zeros(self.n))])
    def named_parameters(self, *args, **options): return iter([("a", nn.Parameter(torch.zeros(self.n)))])
    def modules(self): return iter(())
    def forward(self, x): return x
""",
    "a parameter that lies about its shape": """
class Long(nn.Parameter):
    shape = property(lambda self: torch.Size([27 * self.c + self.c * self.k + self.k]))
    def numel(self): return 27 * self.c + self.c * self.k + self.k
class ANSWER(nn.Module):
    def __init__(self, c, k):
        super().__init__()
        self.w = Long(torch.zeros(2))
        self.w.c, self.w.k = c, k
    def forward(self, x): return x
""",
    "only what is shown": f"""
SHOWN = {[[int(v) for v in case.args] for case in COUNT.cases(np.random.default_rng(0))]}
class ANSWER(nn.Module):
    def __init__(self, c, k):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(27 * c + c * k + k if [c, k] in SHOWN else 1))
    def forward(self, x): return x
""",
}

# --- a training run --------------------------------------------------------------------------------------------

STEPS, AT_LEAST = 40, 0.85
SPOTS = 3  # classes: where on the image the bright spot is


def spots(rng: np.random.Generator, count: int, where: np.ndarray):
    labels = rng.integers(0, SPOTS, count)
    images = rng.normal(0, 0.3, (count, 1, 6, 6))
    for image, label in zip(images, labels, strict=True):
        image[0, where[label, 0], where[label, 1]] += 2.0
    return torch.from_numpy(images.astype("f4")), torch.from_numpy(labels)


def training_cases(rng: np.random.Generator) -> list[Case]:
    where = np.stack(np.unravel_index(rng.permutation(36)[:SPOTS], (6, 6)), 1)
    images, labels = spots(rng, 200, where)
    unseen, right = spots(rng, 150, where)
    args = (images, labels, unseen, STEPS, int(rng.integers(1000)))
    kept = {"labels": right.numpy(), "at_least": AT_LEAST}
    return [Case(args, {}, "150 images", {"steps": STEPS}, kept)]


def train(images, labels, unseen, steps, seed, shift=0):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, SPOTS))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    for step in range(steps):
        picked = torch.arange(step * 32, step * 32 + 32) % len(images)
        optimizer.zero_grad()
        functional.cross_entropy(net(images[picked]), (labels[picked] + shift) % SPOTS).backward()
        optimizer.step()
    return net(unseen).argmax(1)


TRAIN = replace(
    BLOCK,
    title="A run",
    points=4,
    name="train",
    graded_by="accuracy",
    returns=("predicted",),
    cases=training_cases,
    reference=lambda images, labels, unseen, steps, seed: train(
        images, labels, unseen, steps, seed
    ),
    misconceptions=(
        Misconception(
            "one class",
            "All your predictions are the same.",
            lambda images, labels, unseen, steps, seed: np.zeros(len(unseen), int),
            one_class,
        ),
        Misconception(
            "labels moved",
            "Your classes are numbered otherwise.",
            lambda *args: train(*args, 1),
            renumbered,
        ),
        Misconception(
            "nothing learned",
            "Guessing would be as good.",
            lambda images, labels, unseen, steps, seed: np.arange(len(unseen)) % SPOTS,
            at_chance,
        ),
    ),
)
RUN = """
def ANSWER(images, labels, unseen, steps, seed):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step in range(steps):
        at = torch.randint(len(images), (64,))
        loss = F.cross_entropy(net(images[at]), labels[at])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net(unseen).argmax(1)
"""
RIGHT_RUNS = {
    "class numbers": RUN,
    "scores": RUN.replace(".argmax(1)", ""),
    "a list": RUN.replace(".argmax(1)", ".argmax(1).tolist()"),
    "an array, with Adam": RUN.replace(".argmax(1)", ".argmax(1).numpy()").replace(
        "SGD(net.parameters(), lr=0.1)", "Adam(net.parameters(), 0.01)"
    ),
    "steps by hand": """
def ANSWER(images, labels, unseen, steps, seed):
    w = torch.zeros(36, 3, requires_grad=True)
    for step in range(steps):
        loss = F.cross_entropy(images.flatten(1) @ w, labels)
        loss.backward()
        with torch.no_grad():
            w -= 0.5 * w.grad
            w.grad = None
    return unseen.flatten(1) @ w
""",
}
WRONG_RUNS = {
    "stub": (
        "def ANSWER(images, labels, unseen, steps, seed): raise NotImplementedError",
        "not attempted",
        None,
        "",
    ),
    "one class": (
        RUN.replace("return net(unseen).argmax(1)", "return torch.zeros(len(unseen))"),
        "accuracy too low",
        "one class",
        "All your predictions are the same.",
    ),
    "labels moved": (
        RUN.replace("labels[at])", "(labels[at] + 1) % 3)"),
        "accuracy too low",
        "labels moved",
        "Your classes are numbered otherwise.",
    ),
    "never trained": (
        RUN.replace("        optimizer.step()\n", "").replace(
            "return net(unseen)", "return torch.randn(len(unseen), 3)"
        ),
        "accuracy too low",
        "nothing learned",
        " on 150 images it had not seen; at least 0.850 was asked for.",
    ),
    "too many steps": (
        RUN.replace("range(steps)", "range(steps + 1)"),
        "not usable",
        None,
        "your training takes more than the 40 optimizer steps that it may take.",
    ),
    "the module": (
        RUN.replace("return net(unseen).argmax(1)", "return net"),
        "not usable",
        None,
        "your function returned the module; return its predictions for the test images.",
    ),
    "nothing": (
        RUN.replace("return net(unseen).argmax(1)", "net(unseen)"),
        "not usable",
        None,
        "your function returned None: is its return line missing?",
    ),
    "training images": (
        RUN.replace("net(unseen)", "net(images)"),
        "wrong shape",
        None,
        "your predictions have shape (200,), expected one class for each of 150 test images, (150,), or scores",
    ),
    "words": (
        RUN.replace("return net(unseen).argmax(1)", "return ['a'] * len(unseen)"),
        "not usable",
        None,
        "your function returned a list, expected one prediction for each test image.",
    ),
}
HOSTILE_RUNS = {
    "labels from the frames": """
import gc, sys
def ANSWER(images, labels, unseen, steps, seed):
    frame = sys._getframe()
    while frame:
        for place in (frame.f_locals, frame.f_globals):
            for one in list(place.values()):
                for name in ("kept", "right", "expected", "cases"):
                    found = getattr(one, name, None) if not isinstance(one, dict) else one.get(name)
                    labels_there = found.get("labels") if isinstance(found, dict) else None
                    if labels_there is not None: return labels_there
                    if isinstance(one, torch.Tensor) and one.shape == (150,): return one
        frame = frame.f_back
    for one in gc.get_objects():
        if isinstance(one, np.ndarray) and one.shape == (150,) and one.dtype.kind == "i": return one
    return torch.zeros(len(unseen))
""",
    "an array that agrees with everything": """
class Liar(np.ndarray):
    def __eq__(self, other): return np.ones(len(self), bool)
    def argmax(self, *args): return self
    def mean(self): return 1.0
def ANSWER(images, labels, unseen, steps, seed): return np.zeros(len(unseen), int).view(Liar)
""",
    "not a number": "def ANSWER(images, labels, unseen, steps, seed): return np.full(len(unseen), np.nan)",
    "the error caught": RUN.replace("range(steps)", "range(5 * steps)").replace(
        "        optimizer.step()",
        "        try: optimizer.step()\n        except Exception: pass",
    ),
    "all classes at once": """
def ANSWER(images, labels, unseen, steps, seed): return np.ones((len(unseen), 3, 3))
""",
    "nothing at all": "def ANSWER(images, labels, unseen, steps, seed): return np.zeros((0,))",
}


def hard_coded(seed: int) -> str:
    """Return a run that predicts the right classes of one seed, without a look at anything."""
    labels = draw_cases(TRAIN, seed)[0].kept["labels"].tolist()
    return f"def ANSWER(images, labels, unseen, steps, seed): return torch.tensor({labels})"


# --- how they are checked and graded ---------------------------------------------------------------------------

HEAD = (
    "import numpy as np\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
)


def checked(task: Task, source: str, seed: int = 0) -> Verdict:
    """Return what `check` says of an answer."""
    place: dict = {"__name__": "__main__"}
    exec(HEAD + dedent(source.replace("ANSWER", task.name)), place)
    return evaluate(task, place[task.name], seed)


def graded(answers: dict[str, tuple[Task, str]]) -> tuple[Result, dict[str, TaskResult]]:
    """Grade one submission with an answer for each task, and return what came of each."""
    tasks, cells = [], [nbformat.v4.new_code_cell(HEAD, id="head")]
    for k, (what, (task, source)) in enumerate(answers.items(), 1):
        tasks.append(replace(task, id=f"12.{k}", title=what, name=f"{task.name}_{k}"))
        source = source.replace("ANSWER", tasks[-1].name)
        cells.append(nbformat.v4.new_code_cell(source, id=f"{tasks[-1].slug}-answer"))
    data = nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
    grader = Grader(12, tuple(tasks), SEED, Limits(60))
    result = grader.grade("anna", data, "anna.ipynb", user_id(9))
    return result, {one.title: one for one in result.tasks}
