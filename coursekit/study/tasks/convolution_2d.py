"""The exercises of chapter 02: windows, turned kernels, edges, channels, and the matrix with blocks."""

import numpy as np

from coursekit.reference import conv2d, filter_centered, filter_preceding, toeplitz2d
from coursekit.study.task import Case, Misconception, Task

Rng = np.random.Generator


def _slide(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """One image, one channel, one kernel."""
    y: np.ndarray = conv2d(x[None, None], w[None, None])[0, 0]
    return y


def _draw(rng: Rng, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).round(2)


# --- 2.1 The shape of a layer's answer ------------------------------------------------------------------------

Shape = tuple[int, int, int]


def _shape_cases(rng: Rng) -> list[Case]:
    sizes = [(3, 32, 32, 6, 5, 5), (3, 40, 30, 8, 5, 3)]
    for _ in range(3):
        C, H, W, K = (int(rng.integers(low, low + 15)) for low in (2, 20, 70, 20))
        F_h, F_w = (int(F) for F in rng.permutation(8)[:2] + 1)
        sizes.append((C, H, W, K, F_h, F_w))
    label = "C = {}, H = {}, W = {}, K = {}, F_h = {}, F_w = {}"
    return [Case(size, label=label.format(*size)) for size in sizes]


def _layer_shape(C: int, H: int, W: int, K: int, F_h: int, F_w: int) -> Shape:
    return K, H - F_h + 1, W - F_w + 1


SHAPE = Task(
    id="2.1",
    title="The shape of a layer's answer",
    points=1,
    minutes=3,
    difficulty=1,
    name="layer_shape",
    returns=("the number of maps", "the number of rows", "the number of columns"),
    cases=_shape_cases,
    reference=_layer_shape,
    hints=(
        "One kernel has a slice for each channel and adds everything up: how many maps does one kernel make? And K "
        "kernels?",
        "Rows and columns are counted as in chapter 01, each by itself: H - F_h + 1 places from top to bottom.",
    ),
    misconceptions=(
        Misconception(
            "as many maps as channels",
            "Your answer has one map for each channel of the input. The channels are summed; how many maps there are "
            "is decided by something else.",
            lambda C, H, W, K, F_h, F_w: (C, H - F_h + 1, W - F_w + 1),
        ),
        Misconception(
            "a map for each kernel and channel",
            "You counted a map for every kernel and every channel. A kernel adds its channels up into one map.",
            lambda C, H, W, K, F_h, F_w: (C * K, H - F_h + 1, W - F_w + 1),
        ),
        Misconception(
            "one map",
            "That is the answer of one kernel; the layer has K of them.",
            lambda C, H, W, K, F_h, F_w: (1, H - F_h + 1, W - F_w + 1),
        ),
        Misconception(
            "fence post",
            "You counted the steps between places; in each direction there is one place more than there are steps.",
            lambda C, H, W, K, F_h, F_w: (K, H - F_h, W - F_w),
        ),
        Misconception(
            "as large as the image",
            "Your maps are as large as the image: without padding the kernel cannot be centered on the pixels at the "
            "border.",
            lambda C, H, W, K, F_h, F_w: (K, H, W),
        ),
        Misconception(
            "width first",
            "You put columns before rows: shapes are written channels, rows, columns.",
            lambda C, H, W, K, F_h, F_w: (K, W - F_w + 1, H - F_h + 1),
        ),
        Misconception(
            "channels last",
            "Your numbers are right and in another order: this course writes maps first, then rows, then columns.",
            lambda C, H, W, K, F_h, F_w: (H - F_h + 1, W - F_w + 1, K),
        ),
        Misconception(
            "height of the kernel taken from the width of the image",
            "F_h is how many rows the kernel has and goes with H; F_w goes with W.",
            lambda C, H, W, K, F_h, F_w: (K, H - F_w + 1, W - F_h + 1),
        ),
    ),
)

# --- 2.2 The sliding window -----------------------------------------------------------------------------------


def _window_cases(rng: Rng) -> list[Case]:
    by_hand = np.array([[1.0, 2, 0], [0, 1, 3], [2, 0, 1]]), np.array([[1.0, -1], [2, 0]])
    cases = [Case(by_hand, label="x of 3 by 3, w = 1 -1 / 2 0")]
    for H, W, F_h, F_w in [(5, 6, 3, 3), (4, 7, 2, 3), (6, 5, 3, 1), (4, 4, 4, 4)]:
        label = f"x of {H} by {W}, w of {F_h} by {F_w}"
        cases.append(Case((_draw(rng, H, W), _draw(rng, F_h, F_w)), label=label))
    return cases


def _only(y: np.ndarray, rows: int | None, columns: int | None) -> np.ndarray:
    """Return y with zeros outside the first rows and columns."""
    kept = np.zeros(y.shape)
    kept[:rows, :columns] = y[:rows, :columns]
    return kept


def _in_a_frame(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the answers in an array as large as the image, zeros at the end."""
    y, frame = _slide(x, w), np.zeros(x.shape)
    frame[: y.shape[0], : y.shape[1]] = y
    return frame


WINDOW = Task(
    id="2.2",
    title="The sliding window",
    points=3,
    minutes=8,
    difficulty=1,
    name="slide2d",
    cases=_window_cases,
    reference=lambda x, w: _slide(x, w),
    hints=(
        "Start from an array of zeros with H - F_h + 1 rows and W - F_w + 1 columns. You need two loops, one over the "
        "rows of the output and one over its columns.",
        "At place (i, j) the window is `x[i : i + F_h, j : j + F_w]`. It has the shape of w: multiply the two with "
        "`*`, then add everything up with `np.sum`.",
    ),
    misconceptions=(
        Misconception(
            "kernel turned",
            "Your kernel is turned by 180 degrees: w[0, 0] must meet the top left pixel of the window. That is "
            "convolution in the sense of mathematics; the sliding window does not turn.",
            lambda x, w: _slide(x, w[::-1, ::-1]),
        ),
        Misconception(
            "flipped upside down",
            "The rows of your kernel run upward: row a of the kernel meets row i + a of the image.",
            lambda x, w: _slide(x, w[::-1]),
        ),
        Misconception(
            "flipped left to right",
            "The columns of your kernel run to the left: column b of the kernel meets column j + b of the image.",
            lambda x, w: _slide(x, w[:, ::-1]),
        ),
        Misconception(
            "last row and column missing",
            "Your loops stop one place early: there are H - F_h + 1 rows of places, and `range` leaves out its end.",
            lambda x, w: _slide(x, w)[:-1, :-1],
        ),
        Misconception(
            "last row and column zero",
            "Your array has the right shape, but the last row and column are never filled: `range` leaves out its end.",
            lambda x, w: _only(_slide(x, w), -1, -1),
        ),
        Misconception(
            "mean instead of sum",
            "You divided by the number of weights. The kernel already holds the weights; add the products up, no more.",
            lambda x, w: _slide(x, w) / w.size,
        ),
        Misconception(
            "last product only",
            "Only the last product of every window is left: your inner loop assigns where it should add, with +=.",
            lambda x, w: x[len(w) - 1 :, w.shape[1] - 1 :] * w[-1, -1],
        ),
        Misconception(
            "return inside the inner loop",
            "Only y[0, 0] is filled: is `return` indented so far that it belongs to a loop?",
            lambda x, w: _only(_slide(x, w), 1, 1),
        ),
        Misconception(
            "return inside the outer loop",
            "Only the first row is filled: is `return` indented so far that it belongs to the outer loop?",
            lambda x, w: _only(_slide(x, w), 1, None),
        ),
        Misconception(
            "room for one output a pixel",
            "Your array is as large as the image; there are fewer places where the kernel lies on it whole.",
            _in_a_frame,
        ),
        Misconception(
            "rows and columns exchanged",
            "You wrote y[j, i] where y[i, j] belongs: i counts rows, from top to bottom, and comes first.",
            lambda x, w: _slide(x, w).T.copy(),
        ),
    ),
)

# --- 2.3 Centered, as large as the image ----------------------------------------------------------------------


def _centered_cases(rng: Rng) -> list[Case]:
    spot = np.zeros((3, 3))
    spot[1, 1] = 1
    by_hand = spot, np.arange(1.0, 10).reshape(3, 3)
    cases = [Case(by_hand, label="one bright pixel, w = 1 2 3 / 4 5 6 / 7 8 9")]
    for H, W, F_h, F_w in [(4, 5, 3, 3), (5, 7, 3, 5), (6, 4, 5, 3), (3, 6, 1, 3)]:
        label = f"x of {H} by {W}, w of {F_h} by {F_w}"
        cases.append(Case((_draw(rng, H, W), _draw(rng, F_h, F_w)), label=label))
    return cases


def _padded(x: np.ndarray, w: np.ndarray, mode: str) -> np.ndarray:
    """Slide the turned kernel over an image with a border of half a kernel."""
    border = [(F // 2, F // 2) for F in w.shape]
    return _slide(np.pad(x, border, mode=mode), w[::-1, ::-1])  # type: ignore[call-overload]


def _wrapped_at_the_start(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Take pixels before the first from the far end, as Python does, and zeros behind the last."""
    before, after = [(F // 2, 0) for F in w.shape], [(0, F // 2) for F in w.shape]
    return _slide(np.pad(np.pad(x, before, mode="wrap"), after), w[::-1, ::-1])


def _full(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Convolve at every place where the kernel touches the image."""
    return _slide(np.pad(x, [(F - 1, F - 1) for F in w.shape]), w[::-1, ::-1])


def _bounds_of_slide_11(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Convolve with the sums that run one too far, so that Python takes row -1 for the last one."""
    (H, W), (r, s) = x.shape, (w.shape[0] // 2, w.shape[1] // 2)
    padded = np.pad(x, [(F, F) for F in w.shape])
    y = np.zeros(x.shape)
    for a in range(-r - 1, r + 1):
        for b in range(-s - 1, s + 1):
            top, left = w.shape[0] - a, w.shape[1] - b
            y += w[r + a, s + b] * padded[top : top + H, left : left + W]
    return y


CENTERED = Task(
    id="2.3",
    title="Centered, as large as the image",
    points=3,
    minutes=12,
    difficulty=2,
    name="filter_same",
    cases=_centered_cases,
    reference=lambda x, w: filter_centered(x, w),
    hints=(
        "Put half a kernel of zeros around the image first: `np.pad(x, ((r, r), (s, s)))` with r = F_h // 2 rows above "
        "and below and s = F_w // 2 columns on either side. From there on no pixel is outside.",
        "The minus signs in x[i - a, j - b] turn the kernel by 180 degrees. `w[::-1, ::-1]` does that; what is left is "
        "the sliding window of 2.2, on the padded image.",
    ),
    misconceptions=(
        Misconception(
            "kernel not turned",
            "Your kernel is centered and not turned: with x[i - a, j - b] a step forward in the kernel is a step "
            "backward in the image. A bright pixel should leave the kernel as it is.",
            lambda x, w: filter_centered(x, w[::-1, ::-1]),
        ),
        Misconception(
            "flipped upside down only",
            "You flipped the rows of the kernel and not its columns; both indices have a minus sign.",
            lambda x, w: filter_centered(x, w[:, ::-1]),
        ),
        Misconception(
            "flipped left to right only",
            "You flipped the columns of the kernel and not its rows; both indices have a minus sign.",
            lambda x, w: filter_centered(x, w[::-1]),
        ),
        Misconception(
            "transposed",
            "You transposed the kernel, which exchanges rows and columns. A turn by 180 degrees keeps rows rows and "
            "reverses their order and their direction.",
            lambda x, w: filter_centered(x, w.T[::-1, ::-1]),
        ),
        Misconception(
            "quarter turn",
            "`np.rot90` turned your kernel by 90 degrees; you need twice as much.",
            lambda x, w: filter_centered(x, np.rot90(w)[::-1, ::-1]),
        ),
        Misconception(
            "not padded",
            "Your kernel is turned, and your output is smaller than the image: pixels outside it count as zeros.",
            lambda x, w: _slide(x, w[::-1, ::-1]),
        ),
        Misconception(
            "neither turned nor padded",
            "That is the sliding window of 2.2. Here pixels outside count as zeros, so that the output is as large as "
            "the image, and the minus signs turn the kernel.",
            lambda x, w: _slide(x, w),
        ),
        Misconception(
            "border repeated",
            "You repeated the pixels at the border; outside the image are zeros.",
            lambda x, w: _padded(x, w, "edge"),
        ),
        Misconception(
            "wrapped around",
            "Your image goes on at the far side, as if it were rolled up (`np.roll` does that); outside it are zeros.",
            lambda x, w: _padded(x, w, "wrap"),
        ),
        Misconception(
            "negative indices",
            "Above and to the left of the image your indices are negative, which Python takes from the far end without "
            "an error. Pixels outside the image are zeros on all four sides.",
            _wrapped_at_the_start,
        ),
        Misconception(
            "not centered",
            "Your output is moved by half a kernel: you started the kernel at its corner, and the middle of the kernel "
            "belongs on pixel (i, j). As many zeros go on one side of the image as on the other.",
            lambda x, w: filter_preceding(x, w),
        ),
        Misconception(
            "every place that touches",
            "You padded with a whole kernel less one, so your output is larger than the image: half a kernel is "
            "enough.",
            _full,
        ),
        Misconception(
            "one row too many",
            "Your sums run over one row and one column more than the kernel has; index -1 is the last one in Python, "
            "so no error warned you. Count the values of a for F_h = 3.",
            _bounds_of_slide_11,
        ),
    ),
)

# --- 2.4 How strong is the edge? ------------------------------------------------------------------------------

ACROSS = np.outer([1.0, 2, 1], [-1.0, 0, 1])
PREWITT = np.outer([1.0, 1, 1], [-1.0, 0, 1])


def _edge_cases(rng: Rng) -> list[Case]:
    ramp = 4.0 * np.arange(3)[:, None] + 3.0 * np.arange(3)
    cases = [Case((ramp,), label="a ramp that rises by 3 to the right and by 4 downward")]
    for H, W in [(4, 4), (5, 7), (8, 6)]:
        cases.append(Case((rng.uniform(size=(H, W)).round(2),), label=f"x of {H} by {W}"))
    return cases


def _strength(x: np.ndarray, w: np.ndarray = ACROSS) -> np.ndarray:
    return np.hypot(_slide(x, w), _slide(x, w.T))


STRENGTH = Task(
    id="2.4",
    title="How strong is the edge?",
    points=3,
    minutes=8,
    difficulty=2,
    name="edge_strength",
    cases=_edge_cases,
    reference=lambda x: _strength(x),
    hints=(
        "Two kernels, two answers: one for the slope across, and one with its rows and columns exchanged (`.T`) for "
        "the slope down. Your code of 2.2 can be copied into the cell as a helper.",
        "The two slopes are the legs of a right triangle. How long is the third side?",
    ),
    misconceptions=(
        Misconception(
            "absolute values added",
            "You added the absolute values. That is quick and overrates slanted edges: the two slopes are the legs of "
            "a right triangle, and you walked along both.",
            lambda x: np.abs(_slide(x, ACROSS)) + np.abs(_slide(x, ACROSS.T)),
        ),
        Misconception(
            "root forgotten",
            "That is the square of the strength: an edge twice as steep would count four times as much.",
            lambda x: _slide(x, ACROSS) ** 2 + _slide(x, ACROSS.T) ** 2,
        ),
        Misconception(
            "slopes added before squaring",
            "You added the two slopes first, where an upward and a downward slope cancel. Square each by itself, then "
            "add.",
            lambda x: np.abs(_slide(x, ACROSS) + _slide(x, ACROSS.T)),
        ),
        Misconception(
            "added with signs",
            "You added the two slopes with their signs: slopes in opposite directions cancel, and a strength is never "
            "negative.",
            lambda x: _slide(x, ACROSS) + _slide(x, ACROSS.T),
        ),
        Misconception(
            "one direction only",
            "You look across only: level edges get the strength 0.",
            lambda x: np.abs(_slide(x, ACROSS)),
        ),
        Misconception(
            "one direction with its sign",
            "That is the slope across, with its sign. Level edges get 0, and a strength is never negative.",
            lambda x: _slide(x, ACROSS),
        ),
        Misconception(
            "downward only",
            "You look down only: upright edges get the strength 0.",
            lambda x: np.abs(_slide(x, ACROSS.T)),
        ),
        Misconception(
            "same kernel twice",
            "Both of your kernels look in the same direction. The second one looks down: it has rows and columns "
            "exchanged, a flipped kernel looks across again.",
            lambda x: np.sqrt(2) * np.abs(_slide(x, ACROSS)),
        ),
        Misconception(
            "equal weights",
            "Your three lines have the same weight; in Sobel's kernel the middle one counts twice.",
            lambda x: _strength(x, PREWITT),
        ),
        Misconception(
            "divided by 8",
            "You divided by 8, which gives the slope a pixel. A sensible unit, and not what was asked: Sobel's kernel "
            "is used as it stands.",
            lambda x: _strength(x) / 8,
        ),
        Misconception(
            "padded",
            "You padded the image, so its border looks like an edge of its own. Keep the places where the window fits.",
            lambda x: _strength(np.pad(x, 1)),
        ),
    ),
)

# --- 2.5 A layer ----------------------------------------------------------------------------------------------


def _layer_cases(rng: Rng) -> list[Case]:
    # as many kernels as columns of the output: then biases added along the wrong axis raise no error
    channels = np.array([[[1.0, 2], [3, 4]], [[10, 20], [30, 40]]])
    by_hand = channels, np.array([[[[2.0]], [[0.1]]]]), np.array([1.0])
    cases = [
        Case(by_hand, label="two channels, one kernel of 1 by 1 with weights 2 and 0.1, bias 1")
    ]
    for C, H, W, K, F_h, F_w in [(3, 5, 6, 4, 3, 3), (2, 4, 5, 3, 2, 3), (4, 6, 5, 4, 3, 2)]:
        label = f"{C} channels of {H} by {W}, {K} kernels of {F_h} by {F_w}"
        args = _draw(rng, C, H, W), _draw(rng, K, C, F_h, F_w), _draw(rng, K)
        cases.append(Case(args, label=label))
    return cases


def _layer(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    y: np.ndarray = conv2d(x[None], w, b)[0]
    return y


def _parts(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the answer of every slice of every kernel by itself, (K, C, H_out, W_out)."""
    return np.array([[_slide(x_c, w_c) for x_c, w_c in zip(x, w_k, strict=True)] for w_k in w])


def _same_slice(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    return _layer(x, np.repeat(w[:, :1], len(x), axis=1), b)


LAYER = Task(
    id="2.5",
    title="A layer of kernels",
    points=4,
    minutes=15,
    difficulty=2,
    name="conv_layer",
    cases=_layer_cases,
    reference=_layer,
    hints=(
        "One map at a time. For map k, slide the slice `w[k, c]` over the channel `x[c]`, for every c, and add the "
        "answers up. Your code of 2.2 can be copied into the cell as a helper.",
        "Start every map from zeros, add C answers to it, and then the bias b[k] once.",
        "Or without a helper: at place (i, j) the window `x[:, i : i + F_h, j : j + F_w]` has the shape of `w[k]`.",
    ),
    misconceptions=(
        Misconception(
            "last channel only",
            "Only the last channel is left in your maps: you assign where you should add, with +=.",
            lambda x, w, b: _parts(x, w)[:, -1] + b[:, None, None],
        ),
        Misconception(
            "first channel only",
            "Your maps read the first channel only: is `return` or the end of the sum indented too far?",
            lambda x, w, b: _parts(x, w)[:, 0] + b[:, None, None],
        ),
        Misconception(
            "channels not summed",
            "You kept one map for each channel of each kernel. A kernel adds its channels up: one map a kernel.",
            lambda x, w, b: _parts(x, w) + b[:, None, None, None],
        ),
        Misconception(
            "a map for each kernel and channel",
            "You made a map for each kernel and each channel. A kernel adds its channels up: one map a kernel.",
            lambda x, w, b: np.concatenate(list(_parts(x, w))),
        ),
        Misconception(
            "channels added before weighing",
            "You added the channels first and the slices too. Each slice belongs to its own channel: multiply, then "
            "add.",
            lambda x, w, b: _layer(x.sum(axis=0)[None], w.sum(axis=1)[:, None], b),
        ),
        Misconception(
            "mean over channels",
            "You averaged over the channels; the weights already say how much each channel counts.",
            lambda x, w, b: _parts(x, w).mean(axis=1) + b[:, None, None],
        ),
        Misconception(
            "bias forgotten",
            "Your sums are right and the bias is missing: every entry of map k gets b[k] added.",
            lambda x, w, b: _layer(x, w, np.zeros(len(b))),
        ),
        Misconception(
            "bias along the columns",
            "Your biases went along the columns: NumPy lines b up with the last axis of y, and it belongs to the "
            "first. Give it two more axes.",
            lambda x, w, b: _layer(x, w, np.zeros(len(b))) + b,
        ),
        Misconception(
            "bias once a channel",
            "You added the bias once for every channel: it belongs to the map, so it comes after the sum over the "
            "channels.",
            lambda x, w, b: _layer(x, w, b * len(x)),
        ),
        Misconception(
            "bias once a product",
            "You added the bias to every single product: it comes once an entry, after the sum.",
            lambda x, w, b: _layer(x, w, b * w[0].size),
        ),
        Misconception(
            "one slice for all channels",
            "You used the first slice of each kernel for every channel: channel c has its own slice, w[k, c].",
            _same_slice,
        ),
        Misconception(
            "sum carried over",
            "Your sum goes on from one map to the next: set it back to zero before each kernel.",
            lambda x, w, b: np.cumsum(_layer(x, w, np.zeros(len(b))), axis=0) + b[:, None, None],
        ),
        Misconception(
            "sum carried over with the bias",
            "Each of your maps contains the maps before it: start each one from zeros.",
            lambda x, w, b: np.cumsum(_layer(x, w, b), axis=0),
        ),
        Misconception(
            "kernels turned",
            "Your kernels are turned by 180 degrees; a layer slides them as they are.",
            lambda x, w, b: _layer(x, w[:, :, ::-1, ::-1], b),
        ),
    ),
)

# --- 2.6 The matrix with blocks -------------------------------------------------------------------------------


def _matrix_cases(rng: Rng) -> list[Case]:
    cases = [Case((np.array([[1.0, 2], [3, 4]]), 3, 3), label="w = 1 2 / 3 4, H = 3, W = 3")]
    for H, W, F_h, F_w in [(4, 5, 2, 3), (5, 4, 3, 2), (4, 4, 3, 3), (3, 4, 1, 2)]:
        label = f"w of {F_h} by {F_w}, H = {H}, W = {W}"
        cases.append(Case((_draw(rng, F_h, F_w), H, W), label=label))
    return cases


def _rows(w: np.ndarray, H: int, W: int) -> tuple[int, int]:
    return H - w.shape[0] + 1, W - w.shape[1] + 1


def _moved_by_one(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out, W_out = _rows(w, H, W)
    first = toeplitz2d(w, H, W)[0]
    return np.array([np.roll(first, p) for p in range(H_out * W_out)])


def _kernel_in_one_piece(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out, W_out = _rows(w, H, W)
    T = np.zeros((H_out * W_out, H * W))
    for i, j in np.ndindex(H_out, W_out):
        start = i * W + j
        T[i * W_out + j, start : start + w.size] = w.ravel()
    return T


def _width_of_the_output(w: np.ndarray, H: int, W: int) -> np.ndarray:
    (H_out, W_out), (F_h, F_w) = _rows(w, H, W), w.shape
    T = np.zeros((H_out * W_out, H * W))
    for i, j, a, b in np.ndindex(H_out, W_out, F_h, F_w):
        T[i * W_out + j, (i + a) * W_out + j + b] = w[a, b]
    return T


def _blocks_stay(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out, W_out = _rows(w, H, W)
    return np.tile(toeplitz2d(w, H, W)[:W_out], (H_out, 1))


def _row_for_every_pixel(w: np.ndarray, H: int, W: int) -> np.ndarray:
    H_out, W_out = _rows(w, H, W)
    T = np.zeros((H, W, H * W))
    T[:H_out, :W_out] = toeplitz2d(w, H, W).reshape(H_out, W_out, H * W)
    return T.reshape(H * W, H * W)


MATRIX = Task(
    id="2.6",
    title="The matrix with blocks",
    points=4,
    minutes=18,
    difficulty=3,
    name="blocked_toeplitz",
    returns=("T",),
    cases=_matrix_cases,
    reference=lambda w, H, W: toeplitz2d(w, H, W),
    hints=(
        "Row number i * W_out + j of T belongs to output (i, j). Pixel (r, q) of the image has column number r * W + "
        "q. Which pixels does output (i, j) read, and with which weights?",
        "Output (i, j) reads pixel (i + a, j + b) with weight w[a, b]. Four loops and one assignment are enough.",
        "Shorter: build T with four axes, `T[i, j, i : i + F_h, j : j + F_w] = w`, and reshape at the end.",
    ),
    misconceptions=(
        Misconception(
            "each row moved by one",
            "You moved each row by one against the row above. Within a row of the image that is right; but from the "
            "last place of one row to the first of the next the window goes back to the left edge.",
            _moved_by_one,
        ),
        Misconception(
            "kernel in one piece",
            "Your rows hold the kernel in one piece. Between two rows of the kernel lie the pixels of the image that "
            "the window does not touch: from one pixel to the one below it are W columns.",
            _kernel_in_one_piece,
        ),
        Misconception(
            "columns counted with the width of the output",
            "You counted the columns with the width of the output. A column is a pixel of the image: pixel (r, q) has "
            "the number r * W + q.",
            _width_of_the_output,
        ),
        Misconception(
            "kernel turned",
            "Your rows hold the kernel turned by 180 degrees: output (i, j) reads pixel (i, j) with w[0, 0].",
            lambda w, H, W: toeplitz2d(w[::-1, ::-1].copy(), H, W),
        ),
        Misconception(
            "transposed",
            "That is the transpose: T has one row for every output and one column for every pixel, so that T @ "
            "x.ravel() is the output.",
            lambda w, H, W: toeplitz2d(w, H, W).T.copy(),
        ),
        Misconception(
            "column by column",
            "You counted pixels and outputs column by column; `ravel` goes row by row.",
            lambda w, H, W: toeplitz2d(w.T.copy(), W, H),
        ),
        Misconception(
            "blocks stay",
            "All your rows of blocks are the same: one row of the output further down, the window is one row of the "
            "image further down too.",
            _blocks_stay,
        ),
        Misconception(
            "four axes",
            "Your numbers are right, in an array with four axes: bring the two of the output together, and the two of "
            "the image.",
            lambda w, H, W: toeplitz2d(w, H, W).reshape(*_rows(w, H, W), H, W),
        ),
        Misconception(
            "a row for every pixel",
            "You made a row for every pixel, and some stay empty: T has a row for every output, and row (i, j) is "
            "number i * W_out + j.",
            _row_for_every_pixel,
        ),
    ),
)

# --- 2.7 In your own words ------------------------------------------------------------------------------------

WORDS = Task(
    id="2.7",
    title="Read a kernel",
    points=2,
    minutes=8,
    difficulty=2,
    name="what a kernel answers",
    kind="written",
    hints=(
        "Add the weights up first: what happens to a flat region? Then take the 1 in the middle away: what is the sum "
        "of the rest, and in which direction do its weights grow?",
        "Exchange rows and columns of the kernel: it stays the same. So what can it not see? Then turn it by 180 "
        "degrees and compare the signs.",
    ),
)

TASKS = (SHAPE, WINDOW, CENTERED, STRENGTH, LAYER, MATRIX, WORDS)
