"""Who holds an array that has no name, as Python's garbage collector knows it: in words."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from types import CellType, FrameType, GeneratorType, ModuleType
from typing import Any

from jaxmagic import _jax
from jaxmagic.pytree.names import clean, type_name

MOST, MOST_ALIKE = 12, 3
"""Arrays that are asked about at most, and those of one group: each makes it slower."""

_PER_MODULE_S = 10e-6
_PASSES = 2


def expected_s() -> float:
    """About what it takes: the collector looks at every object, and modules bring most of them."""
    return _PASSES * _PER_MODULE_S * len(sys.modules)


def holders(arrays: Sequence[Any], known: Sequence[Any]) -> dict[int, str]:
    """Words for who holds each of ``arrays``, by its identity; ``known`` is who asks.

    There is none for one of which nothing is found.
    """
    wanted = {id(array) for array in arrays}
    own = {id(one) for one in (arrays, known, *known)}
    first = _referrers(arrays, own)
    containers = [one for one in first if type(one) in (list, tuple, dict)]
    behind: dict[int, list[Any]] = {id(one): [] for one in containers}
    own |= {id(first), id(containers)}
    for one in _referrers(containers, own):
        for child in gc.get_referents(one):
            if id(child) in behind:
                behind[id(child)].append(one)
    told: dict[int, str] = {}
    for one in first:
        for child in gc.get_referents(one):
            if id(child) in wanted and id(child) not in told:
                told[id(child)] = _words(one, behind.get(id(one), ()), child)
    return told


def _referrers(things: Sequence[Any], own: set[int]) -> list[Any]:
    """What refers to ``things``, but for ``own`` and whoever asks: frames and arguments."""
    mark = object()  # at the end of the arguments, which are a tuple and refer to them, too
    return [
        one
        for one in (gc.get_referrers(*things, mark) if things else ())
        if id(one) not in own
        and not (type(one) is FrameType and _is_ours(one))
        and not (type(one) is tuple and one and one[-1] is mark)
    ]


def _is_ours(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__")
    return type(name) is str and name.partition(".")[0] == "jaxmagic"


def _words(holder: Any, behind: Sequence[Any], child: Any) -> str:
    """Who holds ``child``: ``holder``, and if that is a container what is ``behind`` it."""
    kind = type(holder)
    traced = next(filter(None, map(_jax.traced_function, (holder, *behind))), None)
    if traced is not None:
        return f"a constant of {clean(traced)}, which JAX has traced"
    if kind is CellType:
        return "closed over by a function"
    if kind is FrameType:
        return f"a variable of {clean(holder.f_code.co_name)}()"
    if kind is GeneratorType:
        return f"a variable of the generator {clean(holder.__name__)}"
    if kind not in (list, tuple, dict):
        return f"held by an object of type {type_name(kind)}"
    key = ""
    if kind is dict:
        keys = (key for key, one in holder.items() if one is child and type(key) is str)
        key = clean(next(keys, ""))
        for one in behind:
            if issubclass(type(one), ModuleType):
                return f"{key} of the module {clean(str(holder.get('__name__', '')))}"
            if type.__dict__["__dictoffset__"].__get__(type(one)):
                return f"attribute {key} of an object of type {type_name(type(one))}"
    owner = next((one for one in behind if type(one) not in (list, tuple, dict)), None)
    within = "" if owner is None else f" of an object of type {type_name(type(owner))}"
    return f"in a {kind.__name__}{within}" + (f", as {key}" if key else "")
