"""Do two results agree: to the bit, within the precision of their dtype, or not?"""

from dataclasses import dataclass
from typing import Any, Literal

import ml_dtypes
import numpy as np

from jaxmagic.compare.values import leaves

TOLERANCE_EPS = 1000
"""Two results are the same within their precision if they differ by at most this many times the
coarser machine epsilon, relative to the largest value of the leaf. Sums of a million numbers and
a thousand steps of a stable recursion stay within it; the deviation is shown in any case."""

Verdict = Literal["same", "within precision", "different", "random"]


@dataclass(frozen=True)
class Agreement:
    """How a result compares with the reference.

    ``deviation`` is the largest difference over the largest value of the leaf where it occurs
    (0 for the same, None where it can't be computed), ``where`` says in words where or why.
    """

    verdict: Verdict
    deviation: float | None = None
    where: str = ""


def agreement(result: Any, reference: Any) -> Agreement:
    """How ``result`` compares with ``reference``, leaf by leaf; the worst leaf decides."""
    mine, theirs = _arrays(result), _arrays(reference)
    alone = len(mine) == len(theirs) == 1 and mine[0].shape != theirs[0].shape
    if alone or len(mine) != len(theirs):
        # lists of numbers stand for an array where the other result is one
        mine, theirs = _whole(result) or mine, _whole(reference) or theirs
    if len(mine) != len(theirs):
        return Agreement(
            "different", None, f"{len(mine)} values instead of {len(theirs)} are returned"
        )
    found = [_of_leaf(a, b) for a, b in zip(mine, theirs, strict=True)]
    if not found:
        return Agreement("same", 0.0, "nothing is returned")
    ranks = ("same", "within precision", "different")
    number = max(
        range(len(found)),
        key=lambda n: (ranks.index(found[n].verdict), found[n].deviation or 0.0),
    )
    worst = found[number]
    if worst.verdict == "different" and len(found) > 1:
        return Agreement(worst.verdict, worst.deviation, f"in value {number}, {worst.where}")
    return worst


def dtypes(result: Any) -> tuple[str, ...]:
    """The dtypes of the leaves of ``result``, each once; a Python float counts as float64.

    What is no array, such as a Python integer beyond 64 bits, has the name of its type.
    """
    return tuple(dict.fromkeys(map(_dtype, _arrays(result))))


def _dtype(array: np.ndarray[Any, Any]) -> str:
    is_object = array.dtype == object and array.ndim == 0
    return type(array.item()).__name__ if is_object else str(array.dtype)


def _arrays(result: Any) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(leaf) for leaf in leaves(result)]


def _whole(result: Any) -> list[np.ndarray[Any, Any]]:
    """``result`` as one array, or nothing if it is none."""
    try:
        whole = np.asarray(result)
    except ValueError:  # ragged
        return []
    return [whole] if whole.dtype != object else []


def _of_leaf(mine: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> Agreement:
    if mine.shape != theirs.shape:
        return Agreement("different", None, f"shape {mine.shape} instead of {theirs.shape}")
    if not (_is_number(mine.dtype) and _is_number(theirs.dtype)):
        pairs = enumerate(zip(mine.flat, theirs.flat, strict=True))
        at = next((n for n, (a, b) in pairs if not bool(np.all(a == b))), None)
        if at is None:
            return Agreement("same", 0.0)
        return Agreement("different", None, _place(at, mine, theirs))
    wide = np.result_type(mine.dtype, theirs.dtype, np.float64)
    a, b = mine.astype(wide), theirs.astype(wide)
    inexact = [dtype for dtype in (mine.dtype, theirs.dtype) if dtype.kind not in "biu"]
    # integers are compared as integers: a float64 holds not all of them
    alike = (a == b) | (np.isnan(a) & np.isnan(b)) if inexact else np.asarray(mine == theirs)
    if alike.all():
        return Agreement("same", 0.0)
    broken = ~alike & ~(np.isfinite(a) & np.isfinite(b))
    if broken.any():
        return Agreement("different", None, _place(int(np.argmax(broken)), mine, theirs))
    with np.errstate(over="ignore", invalid="ignore"):  # inf - inf, where they are alike
        differences = np.where(alike, -1.0, np.abs(a - b))
    at = int(np.argmax(differences))
    finite = np.abs(b[np.isfinite(b)])
    scale = float(finite.max()) if finite.size else 0.0
    deviation = float(differences.flat[at]) / scale if scale else float("inf")
    eps = max(map(_epsilon, inexact), default=0.0)
    if inexact and deviation <= TOLERANCE_EPS * eps:
        return Agreement("within precision", deviation)
    shown = deviation if 0 < deviation < float("inf") else None
    return Agreement("different", shown, _place(at, mine, theirs))


def _is_number(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "biufc" or dtype.name.startswith(("bfloat", "float8"))


def _epsilon(dtype: np.dtype[Any]) -> float:
    return float(ml_dtypes.finfo(dtype).eps)  # type: ignore[no-untyped-call]  # knows bfloat16 as well as NumPy's own


def _place(at: int, mine: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> str:
    index = np.unravel_index(at, mine.shape)
    where = f"at [{', '.join(str(int(i)) for i in index)}]: " if index else ""
    return f"{where}{mine.item(at)!r} instead of {theirs.item(at)!r}"
