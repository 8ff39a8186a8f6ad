"""How numbers are written: three significant digits and always a unit.

>>> seconds(0.00123), size(340_262_912), count(85_100_000), times(12.34)
('1.23 ms', '325 MiB', '85.1M', '12.3x')

What is not known is written as an empty string, so that a table has a hole there and no lie.
"""

import math

_SECONDS = (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0))
_MINUTE_S, _HOUR_S = 60, 3600
_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_COUNTS = ("", "k", "M", "G", "T")


def seconds(value_s: float | None) -> str:
    """A duration, given in seconds, in the unit that reads best: ns, µs, ms, s, min or h."""
    if value_s is None:
        return ""
    if value_s < 0:
        return f"-{seconds(-value_s)}"
    if value_s == 0:
        return "0 s"
    if math.isinf(value_s) or math.isnan(value_s):
        return f"{value_s} s"
    if value_s < _MINUTE_S:
        for unit, scale in _SECONDS:
            digits = _three_digits(value_s / scale)
            if float(digits) < 1000:  # noqa: PLR2004  three digits before the point
                return f"{digits} {unit}"
    if value_s < _HOUR_S:
        return f"{_three_digits(value_s / _MINUTE_S)} min"
    return f"{_grouped(_three_digits(value_s / _HOUR_S))} h"


def size(value_bytes: int | None) -> str:
    """A number of bytes in B, KiB, MiB, GiB, TiB or PiB (steps of 1024)."""
    if value_bytes is None:
        return ""
    return _scaled(value_bytes, 1024, _BYTES, separator=" ")


def count(value: int | None) -> str:
    """A number of things: exact below 1000, then 1.23k, 85.1M, 2.5G, 1.2T (steps of 1000)."""
    if value is None:
        return ""
    return _scaled(value, 1000, _COUNTS, separator="")


def times(ratio: float | None) -> str:
    """A ratio, such as a speed-up: ``12.3x``."""
    return "" if ratio is None else f"{_grouped(_three_digits(ratio))}x"


def deviation(value: float | None) -> str:
    """A small relative number: ``3e-08``; one digit is all that such a figure is worth."""
    return "" if value is None else f"{value:.0e}"


def plural(number: int, noun: str) -> str:
    """``1 row``, ``2 rows``: a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def _scaled(value: int, step: int, units: tuple[str, ...], *, separator: str) -> str:
    if abs(value) < step:
        return f"{value}{separator}{units[0]}"
    scaled = value / step
    for unit in units[1:-1]:
        if abs(float(_three_digits(scaled))) < 1000:  # noqa: PLR2004  three digits before the point
            return f"{_three_digits(scaled)}{separator}{unit}"
        scaled /= step
    return f"{_grouped(_three_digits(scaled))}{separator}{units[-1]}"


def _three_digits(value: float) -> str:
    """``value`` rounded to three significant digits, never in scientific notation."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    exponent = math.floor(math.log10(abs(float(f"{value:.2e}"))))
    if exponent >= 2:  # noqa: PLR2004  three digits stand before the point
        return str(round(value, 2 - exponent)).removesuffix(".0")
    return f"{value:.{2 - exponent}f}"


def _grouped(digits: str) -> str:
    whole, point, rest = digits.partition(".")
    return f"{int(whole):,}{point}{rest}" if whole.lstrip("-").isdigit() else digits
