"""One table per kind of number: what goes in, what a reader sees."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.show import units


@pytest.mark.parametrize(
    ("value_s", "shown"),
    [
        (None, ""),
        (0, "0 s"),
        (4.2e-11, "0.0420 ns"),
        (1e-9, "1.00 ns"),
        (0.00123, "1.23 ms"),
        (0.000999, "999 µs"),
        (0.0009996, "1.00 ms"),
        (0.5, "500 ms"),
        (59.94, "59.9 s"),
        (59.96, "60.0 s"),
        (60, "1.00 min"),
        (90, "1.50 min"),
        (3599, "60.0 min"),
        (3600, "1.00 h"),
        (36e6, "10,000 h"),
        (-0.002, "-2.00 ms"),
        (math.inf, "inf s"),
        (math.nan, "nan s"),
    ],
)
def test_seconds(value_s, shown):
    assert units.seconds(value_s) == shown


@pytest.mark.parametrize(
    ("value_bytes", "shown"),
    [
        (None, ""),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (8_000_000, "7.63 MiB"),
        (340_262_912, "324 MiB"),
        (1024**3 - 1, "1.00 GiB"),
        (1000 * 1024**2, "0.977 GiB"),
        (5 * 1024**6, "5,120 PiB"),
    ],
)
def test_size(value_bytes, shown):
    assert units.size(value_bytes) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0, "0"),
        (999, "999"),
        (1000, "1.00k"),
        (999_600, "1.00M"),
        (85_100_000, "85.1M"),
        (124_000_000, "124M"),
        (-2500, "-2.50k"),
    ],
)
def test_count(value, shown):
    assert units.count(value) == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (None, ""),
        (1, "1.00x"),
        (12.34, "12.3x"),
        (0.0456, "0.0456x"),
        (780, "780x"),
        (27_123, "27,100x"),
        (math.inf, "infx"),
    ],
)
def test_times(ratio, shown):
    assert units.times(ratio) == shown


def test_deviation_and_plural():
    assert units.deviation(3.14e-8) == "3e-08"
    assert units.deviation(None) == ""
    assert [units.plural(n, "row") for n in (0, 1, 2, 4000)] == [
        "0 rows",
        "1 row",
        "2 rows",
        "4,000 rows",
    ]


@given(st.floats(min_value=1e-12, max_value=1e9))
def test_seconds_never_lose_more_than_the_third_digit(value_s):
    number, unit = units.seconds(value_s).split()
    scale = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600}[unit]
    assert float(number.replace(",", "")) * scale == pytest.approx(value_s, rel=0.00502)


@given(st.integers(min_value=0, max_value=2**60))
def test_sizes_never_lose_more_than_the_third_digit(value_bytes):
    number, unit = units.size(value_bytes).split()
    scale = 1024 ** ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].index(unit)
    assert float(number.replace(",", "")) * scale == pytest.approx(value_bytes, rel=0.00502)
