"""Is a call in C timed as a loop written by hand would time it?

Three functions in C are timed by the row of a ``%%c`` section, and beside it by a program of its
own: the same source compiled with the same flags, and a loop in ``main`` that reads
``clock_gettime`` before and after each call. Both take turns in random order, in slices of 5 ms;
the ratio is the median over the rounds of the paired medians. Goal: within 1.02x.
"""

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from jaxmagic.compare import foreign
from jaxmagic.compare.backend import Setup
from jaxmagic.compare.cell import Section, bind
from jaxmagic.compare.foreign.native import DEFAULT_FLAGS

ROUNDS = 200
SLICE_NS = 5_000_000
GOAL = 1.02

SOLOW = """
#include <math.h>
double solow(double k, long n) {
    for (long i = 0; i < n; i++)
        k = 0.3 * pow(k, 0.4) + 0.9 * k;
    return k;
}
"""
WAVES = """
#include <math.h>
void waves(const double *x, long n, double *out) {
    for (long i = 0; i < n; i++)
        out[i] = sin(3 * x[i]) * cos(x[i] / 2);
}
"""
PRODUCT = """
double product(const double *a, long n, long m) {
    double sum = 0;
    for (long i = 0; i < n; i++)
        for (long j = 0; j < n; j++)
            for (long k = 0; k < m; k++)
                sum += a[i * m + k] * a[j * m + k];
    return sum;
}
"""
SOLOW_DECLARED = "double solow(double, long);"
WAVES_DECLARED = "void waves(const double *, long, double *);"
PRODUCT_DECLARED = "double product(const double *, long, long);"
# what one would write by hand: a slice for each line of input, its median as a line of output
BY_HAND = """
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
%(declaration)s
static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
int main(void) {
    static double samples[1000000];
    volatile double sink;
    double *x = aligned_alloc(64, %(size)d * sizeof(double));
    double *out = aligned_alloc(64, %(size)d * sizeof(double));
    for (long i = 0; i < %(size)d; i++)
        x[i] = 10.0 * i / %(size)d, out[i] = 0;
    while (getchar() != EOF) {
        struct timespec start, stop;
        double spent = 0;
        long count = 0;
        while (spent < 5e6) {
            clock_gettime(CLOCK_MONOTONIC, &start);
            %(call)s;
            clock_gettime(CLOCK_MONOTONIC, &stop);
            double ns = (stop.tv_sec - start.tv_sec) * 1e9 + (stop.tv_nsec - start.tv_nsec);
            samples[count++] = ns;
            spent += ns;
        }
        qsort(samples, count, sizeof(double), by_size);
        printf("%%.1f\\n", samples[count / 2]);
        fflush(stdout);
    }
    (void)sink, (void)out;
    return 0;
}
"""


def solow(k: float, n: int) -> float:
    for _ in range(n):
        k = 0.3 * k**0.4 + 0.9 * k
    return k


def waves(x: Any) -> Any:
    return np.sin(3 * x) * np.cos(x / 2)


def product(a: Any) -> Any:
    return (a @ a.T).sum()


def main() -> int:
    if shutil.which("gcc") is None:
        print("skipped: there is no gcc on this machine")
        return 0
    x = 10.0 * np.arange(10_000) / 10_000
    a = (10.0 * np.arange(2_500) / 2_500).reshape(50, 50)
    cases: list[tuple[str, Callable[..., Any], tuple[Any, ...], str, str]] = [
        (SOLOW, solow, (0.2, 1000), SOLOW_DECLARED, "sink = solow(0.2, 1000)"),
        (SOLOW, solow, (0.2, 30), SOLOW_DECLARED, "sink = solow(0.2, 30)"),
        (WAVES, waves, (x,), WAVES_DECLARED, "waves(x, 10000, out)"),
        (PRODUCT, product, (a,), PRODUCT_DECLARED, "sink = product(x, 50, 50)"),
    ]
    reached = [_compared(*case) for case in cases]
    print(f"\n{sum(reached)} of {len(reached)} goals reached")
    return 0 if all(reached) else 1


def _compared(
    text: str, function: Callable[..., Any], arguments: tuple[Any, ...], declaration: str, call: str
) -> bool:
    size = max(np.size(argument) for argument in arguments)
    by_hand = BY_HAND % {"declaration": declaration, "call": call, "size": size}
    asked = bind("f()", function, function, arguments, {})
    row = foreign.prepared(Section("c", text), asked, Setup(), function(*arguments))
    with tempfile.TemporaryDirectory() as folder, _program(Path(folder), text, by_hand) as hand:
        try:
            np.testing.assert_allclose(row.result, function(*arguments))
            ratios, times = _ratios(row.contender.sampler, hand)
        finally:
            row.close()
            hand.kill()
    ratio = median(ratios)
    reached = 1 / GOAL <= ratio <= GOAL
    sign = "ok " if reached else "MISSED"
    what = f"row / by hand, {call.removeprefix('sink = ')} ({median(times) / 1000:.3g} us)"
    print(f"{what:52} {ratio:6.4f}  goal within {GOAL}x  {sign}", flush=True)
    return reached


def _program(folder: Path, text: str, by_hand: str) -> "subprocess.Popen[str]":
    (folder / "section.c").write_text(text)
    (folder / "main.c").write_text(by_hand)
    compile_one = ["gcc", *DEFAULT_FLAGS, "-c", "section.c"]
    subprocess.run(compile_one, cwd=folder, check=True)
    link = ["gcc", *DEFAULT_FLAGS, "main.c", "section.o", "-o", "main", "-lm"]
    subprocess.run(link, cwd=folder, check=True)
    pipe = subprocess.PIPE
    return subprocess.Popen([folder / "main"], stdin=pipe, stdout=pipe, text=True, bufsize=1)


def _ratios(sampler: Any, hand: "subprocess.Popen[str]") -> tuple[list[float], list[float]]:
    """The paired ratios of each round, and the times of the loop by hand, in ns."""

    def by_hand() -> float:
        assert hand.stdin is not None
        assert hand.stdout is not None
        hand.stdin.write("\n")
        hand.stdin.flush()
        return float(hand.stdout.readline())

    def by_row() -> float:
        sampler(0, 1)  # as the rounds do: the first call of a slice does not count
        samples: list[float] = sampler(SLICE_NS, 1)
        return median(samples) * 1e9

    by_row(), by_hand()
    ratios, times = [], []
    for number in range(ROUNDS):
        if random.Random(number).random() < 0.5:
            row_ns, hand_ns = by_row(), by_hand()
        else:
            hand_ns, row_ns = by_hand(), by_row()
        ratios.append(row_ns / hand_ns)
        times.append(hand_ns)
    return ratios, times


if __name__ == "__main__":
    sys.exit(main())
