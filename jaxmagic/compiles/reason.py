"""Why something is compiled, in words: what is new against everything compiled before."""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

from jaxmagic._jax import MESH
from jaxmagic.compiles.difference import Change, closest, how_many
from jaxmagic.compiles.function import Function
from jaxmagic.compiles.place import Place
from jaxmagic.compiles.record import Reason, Why
from jaxmagic.compiles.signature import Signature

_MOST_SIGNATURES = 16  # of a function
_MOST_FUNCTIONS = 2_000
_MOST_LEAVES = 200_000  # in all signatures that are kept

FIRST = Reason("first", "first call")

_REMEDIES: dict[Why, str] = {
    "shape": "pad to few sizes, or make the calls of one size together",
    "dtype": "convert it before the call, so that it is always of one type",
    "weak type": "always pass an array, such as jnp.float32(2), or always a Python number",
    "static value": "each value is a program of its own: pass it as an ordinary argument if it may "
    "be traced",
    "tree": "give it the same structure in every call",
    "options": "call jax.jit once and keep what it gives",
    "configuration": "set it once, before the first call",
    "device": "put the arguments on the same devices in every call (jax.device_put)",
    "evicted": "JAX keeps a limited number of programs: make fewer",
}
_STATIC_OBJECT = "it is compared by identity: make it once, or give its class __eq__ and __hash__"


@dataclass(frozen=True)
class Past:
    """Something that was compiled: for what, from where, and what it was compiled for."""

    signature: Signature
    how: str
    function: Function
    place: Place
    cleared: int
    unjitted: bool = False
    number: int = 0


@dataclass
class _Known:
    """What is known of all function objects of one code, the latest last."""

    past: deque[Past] = field(default_factory=deque)
    size: int = 0  # leaves in all of them

    def add(self, past: Past) -> None:
        self.past.append(past)
        self.size += past.signature.size
        if len(self.past) > _MOST_SIGNATURES:
            self.size -= self.past.popleft().signature.size


class History:
    """What was compiled before, as far as it is kept: the latest signatures of each function."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()
        self._named: dict[tuple[str, ...], Place] = {}
        self._leaves = 0

    def __len__(self) -> int:
        return len(self._known)

    def forget(self) -> None:
        """Begin anew: everything is a first call then."""
        self.__init__()  # type: ignore[misc]  # its own state only

    def add(self, past: Past) -> None:
        """Keep something that was compiled; what was not used for long is forgotten for it."""
        key = past.function.key
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Known()
        else:
            self._known.move_to_end(key)
        before = known.size
        known.add(past)
        self._leaves += known.size - before
        if past.function.home:
            self._named[past.function.home] = past.place
        while len(self._known) > _MOST_FUNCTIONS or (
            self._leaves > _MOST_LEAVES and len(self._known) > 1
        ):
            _, gone = self._known.popitem(last=False)
            self._leaves -= gone.size
        if len(self._named) > 2 * _MOST_FUNCTIONS:
            self._named.clear()

    def why(
        self, now: Past, function: object, *, traced: bool, is_full: Callable[[], bool]
    ) -> Reason:
        """The reason for compiling ``now``, which ``function`` was called for.

        ``traced`` says that the function is traced, too, ``is_full`` whether the cache of JAX is.
        """
        known = self._known.get(now.function.key)
        if known is None and now.how != "call":
            return Reason("first", "first time ahead of time")
        if known is None:
            return self._of_new_code(now)
        alike = [past for past in known.past if past.how == now.how]
        if not alike:
            return _first_of_its_kind(now)
        # operations outside of jit have a function object for every set of parameters
        same = [past for past in alike if now.unjitted or past.function.is_object(function)]
        if not same:
            return self._of_new_object(now, alike)
        nearest, changes = closest([past.signature for past in same], now.signature)
        if changes:
            reason = _changed(changes, unjitted=now.unjitted)
        else:
            reason = _nothing_changed(now, same[nearest], traced=traced, is_full=is_full)
        return replace(reason, earlier=same[nearest].number)

    def _of_new_object(self, now: Past, alike: list[Past]) -> Reason:
        before = alike[-1]
        changes: list[Change] = []
        if all(past.signature != now.signature for past in alike):
            _, changes = closest([before.signature], now.signature)
        return replace(_new_object(now, before, changes), earlier=before.number)

    def _of_new_code(self, now: Past) -> Reason:
        before = self._named.get(now.function.home) if now.function.home else None
        if before is None:
            return FIRST
        where = f" (in cell {before.cell} it was another)" if before.cell is not None else ""
        return Reason("other code", f"first call of a new {now.function.name}{where}")


def _first_of_its_kind(now: Past) -> Reason:
    if now.how == "call":
        return Reason("first", "first call; what was compiled ahead of time is not used by calls")
    return Reason("first", "first time ahead of time")


def _new_object(now: Past, before: Past, changes: list[Change]) -> Reason:
    """The same code in another function object: JAX can't know that it does the same."""
    name, made = now.function.name, now.function.made
    noun = {
        "function": f"function object {name}",
        "lambda": "lambda",
        "partial": "functools.partial",
        "bound method": f"bound method {name}",
        "object": f"object {name}",
        "transform": f"function {name}",
    }[made]
    cell, earlier = now.place.cell, before.place.cell
    if cell is not None and earlier is not None and cell != earlier:
        words = f"new {noun}: made again by running its cell again (before: cell {earlier})"
        remedy = f"keep what makes the {made} in a cell of its own"
        if made in ("bound method", "partial", "transform"):
            words = f"new {noun}, of the same code as in cell {earlier}"
            remedy = _once(now)
    else:
        words = f"new {noun}, of the same code as before: made again, as in a loop"
        remedy = _once(now)
    if now.function.holds and made in ("function", "lambda"):
        remedy += "; pass what it closes over as an argument"
    if changes:
        words += f"; besides, {_said(changes[0])}"
    return Reason("new function", words, name, "another object", "a new object", remedy)


def _once(now: Past) -> str:
    if now.function.made == "bound method":
        return "jit it once and keep that: self.step = jax.jit(self.step) in __init__"
    if now.function.made == "partial":
        return "make the partial once, outside the loop, or pass its arguments in the call"
    what = {"lambda": "lambda", "transform": "transformed function"}.get(
        now.function.made, "function"
    )
    return f"make the {what} once, outside the loop"


def _changed(changes: list[Change], *, unjitted: bool) -> Reason:
    first = changes[0]
    words = _said(first)
    if unjitted and first.kind == "static value":
        words = words.replace("static value of", "parameter", 1)
    others = how_many(changes) - 1
    if others:
        words += f"; and {others} more" if others < 99 else "; and many more"  # noqa: PLR2004
    remedy = _REMEDIES.get(first.kind, "")
    kind = first.kind
    if first.changed == MESH and kind == "configuration":
        remedy = "enter the context of the mesh once, around all calls"
    if kind == "static value" and first.after.startswith(("a ", "another ")):
        remedy = _STATIC_OBJECT
    traced = [change for change in changes if change.after == "another traced function"]
    if unjitted and traced:
        if len(traced) < len(changes):
            return Reason("first", "first call with this function")
        kind = "new function"
        words = f"the function that it was given is a new object ({first.changed})"
        remedy = "make that function once, or put the whole under jax.jit"
    elif unjitted and kind in ("shape", "static value"):
        remedy = "under jax.jit it would be part of one program"
    return Reason(kind, words, first.changed, first.before, first.after, remedy)


def _said(change: Change) -> str:
    subject = f"{change.kind} of {change.changed}"
    if change.changed == MESH and change.kind == "configuration":
        subject = "mesh of the context"
    elif change.kind in ("configuration", "options"):
        subject = f"{change.kind} {change.changed}"
    elif change.kind == "tree":
        subject = f"tree structure at {change.changed}"
    return f"{subject}: {change.after}, was {change.before}"


def _nothing_changed(
    now: Past, before: Past, *, traced: bool, is_full: Callable[[], bool]
) -> Reason:
    """The same object for the same arguments: it was compiled, and is no longer there."""
    name = now.function.name
    if now.how != "call":
        return Reason(
            "ahead of time", "asked for ahead of time once more", remedy="keep what compile() gave"
        )
    if before.cleared != now.cleared:
        return Reason("cleared", "compiled before, but jax.clear_caches() threw all programs away")
    if is_full():
        words = "compiled before, but pushed out of JAX's cache by other programs"
        return Reason("evicted", words, remedy=_REMEDIES["evicted"])
    if now.unjitted:
        return Reason("cleared", "compiled before, but JAX no longer keeps it")
    if traced:
        return Reason("cleared", f"compiled before, but {name}.clear_cache() threw it away")
    return Reason(
        "unclear",
        "nothing that is seen here differs: the layout of an argument or a context may",
    )
