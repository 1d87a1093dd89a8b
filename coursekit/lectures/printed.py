"""Read numbers as they are printed: the digits say how exact a number wants to be."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import floor, isclose, isfinite
from typing import Literal

Fit = Literal["exact", "rounded", "cut off", "off"]

_SCALES = {"": 1, "%": 1, "K": 10**3, "M": 10**6, "G": 10**9}
_NUMBER = re.compile(r"[~∼]?([+-−]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)([KMG%]?)")


@dataclass(frozen=True)
class PrintedNumber:
    """A number on a slide.

    Args:
        value: in units, not in thousands or millions.
        step: what the last printed digit counts.
        scale: 1, or what its letter stands for: K, M, G.
        letter: K, M, G, % or nothing.
        grouped: whether its thousands are set apart; a year's are not.
    """

    value: float
    step: float
    scale: int
    letter: str
    grouped: bool = False

    def fit(self, computed: float) -> Fit:
        """Say how a computed number becomes this one."""
        if not isfinite(computed):
            return "off"
        if isclose(self.value, computed, rel_tol=1e-9, abs_tol=1e-12):
            return "exact"
        if abs(self.value - computed) <= self.step / 2 * (1 + 1e-9):
            return "rounded"
        sign = -1 if computed < 0 else 1
        cut = sign * floor(abs(computed) / self.step * (1 + 1e-12)) * self.step
        return "cut off" if isclose(cut, self.value, rel_tol=1e-9, abs_tol=1e-12) else "off"

    def like(self, computed: float) -> str:
        """Write a computed number in the same unit, with one digit more where it is not whole."""
        if not isfinite(computed):
            return str(computed)
        if self.step >= 1 and self.scale == 1 and computed == int(computed):
            apart = self.grouped or abs(computed) >= 10_000
            return f"{int(computed):,}" if apart else str(int(computed))
        if 0 < abs(computed) < 1e-3:
            return f"{computed:.3g}"
        digits = max(0, -Decimal(str(self.step / self.scale)).adjusted()) + 1
        text = f"{computed / self.scale:,.{digits}f}"
        return (text.rstrip("0").rstrip(".") if self.scale == 1 else text) + self.letter


def read(text: str) -> tuple[PrintedNumber, ...]:
    """Read numbers with blanks or × between them: ``"96×55×55"``, ``"-0.53"``, ``"48,120"``, ``"~16M"``, ``"1e-5"``.

    Raises:
        ValueError: something else than numbers.
    """
    numbers = []
    for word in re.split(r"[×\s]+", text.strip()):
        match = _NUMBER.fullmatch(word)
        if not match:
            raise ValueError(
                f"{word!r} in {text!r} is no number as slides print them: 1.80, 27.55M"
            )
        digits, letter = match[1].replace(",", "").replace("−", "-"), match[2]
        scale, exact = _SCALES[letter], Decimal(digits)
        exponent = exact.as_tuple().exponent
        assert isinstance(exponent, int)  # a word would be infinity or not a number
        step = float(Decimal(10) ** exponent) * scale
        numbers.append(PrintedNumber(float(exact) * scale, step, scale, letter, "," in match[1]))
    return tuple(numbers)
