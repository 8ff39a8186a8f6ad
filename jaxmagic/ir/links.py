"""Which equations each instruction of a module came from.

A link is direct where XLA has carried the tag of an equation along. What has none, such as a
constant or a tuple, is made for others or from others: its link is inferred from these, along the
flow of the data, and says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from jaxmagic.ir.hlo import Computation, Instruction, Module

_FOR_OTHERS = ("constant", "iota", "parameter", "broadcast")
_OF_WHAT_IT_CALLS = ("fusion", "while", "call", "conditional")


@dataclass(frozen=True)
class Link:
    """The equations that an instruction came from.

    Each is a path: its number, and before it those of the equations that it was within.
    """

    paths: frozenset[tuple[int, ...]]
    is_direct: bool

    @property
    def equations(self) -> frozenset[int]:
        """Their numbers."""
        return frozenset(path[-1] for path in self.paths)


def links(module: Module, tags_in: Callable[[str], tuple[int, ...]]) -> dict[str, Link]:
    """The links of the instructions that have one, by their names, which a module has once.

    ``tags_in`` gives the numbers of the equations in an ``op_name``, each within the one before
    it: the last is the one that an instruction came from.
    """
    found = {
        one.name: Link(frozenset([tags]), is_direct=True)
        for one in module.instructions
        if (tags := tags_in(one.op_name))
    }
    flow = _Flow(module)
    waiting = [one for one in module.instructions if one.name not in found]
    while waiting:
        inferred = {
            one.name: Link(paths, is_direct=False)
            for one in waiting
            if (paths := flow.paths_of(one, found))
        }
        if not inferred:
            break
        found |= inferred
        waiting = [one for one in waiting if one.name not in found]
    return found


class _Flow:
    """What flows from where to where in a module."""

    def __init__(self, module: Module) -> None:
        self._computations = module.by_name
        self._by_name = {one.name: one for one in module.instructions}
        self._home: dict[str, Computation] = {}
        self._users: dict[str, list[Instruction]] = defaultdict(list)
        self._callers: dict[str, list[Instruction]] = defaultdict(list)
        for computation in module.computations:
            for instruction in computation.instructions:
                self._home[instruction.name] = computation
                for name in instruction.operands:
                    self._users[name].append(instruction)
                for name in instruction.called:
                    self._callers[name].append(instruction)

    def paths_of(
        self, instruction: Instruction, found: Mapping[str, Link]
    ) -> frozenset[tuple[int, ...]]:
        """Those of the nearest others that have a link; none if none has."""
        for others in self._nearest(instruction):
            linked = [found[one.name].paths for one in others if one.name in found]
            if linked:
                return frozenset().union(*linked)
        return frozenset()

    def _nearest(self, instruction: Instruction) -> Iterator[Iterable[Instruction]]:
        """What an instruction may have its link from, the nearest first."""
        users = self._users[instruction.name]
        operands = [self._by_name[name] for name in instruction.operands if name in self._by_name]
        home = self._home[instruction.name]
        if instruction.opcode in _OF_WHAT_IT_CALLS:
            for name in instruction.called:
                yield self._computations[name].instructions
        if instruction.opcode == "get-tuple-element":
            yield self._element(operands[0], int(instruction.attributes["index"]))
        if instruction.opcode in _FOR_OTHERS:
            yield from (users, operands)
        else:
            yield from (operands, users)
        if instruction.opcode == "parameter":
            yield self._given(home, int(instruction.arguments))
        yield self._callers[home.name]

    def _element(self, made: Instruction, index: int) -> list[Instruction]:
        """What is the element of a tuple: of one that is built here, or at the end of a call."""
        for _ in range(len(self._home)):  # a while loop may hand its own argument on
            if made.opcode == "tuple":
                return [self._by_name[made.operands[index]]]
            inner = made.attributes.get("body") or made.attributes.get("to_apply")
            computation = self._computations.get((inner or "").removeprefix("%"))
            if computation is None or computation.root is made:
                return []
            made = computation.root
        return []

    def _given(self, computation: Computation, number: int) -> list[Instruction]:
        """What callers give for a parameter; of a loop or a branch that is another tuple."""
        return [
            self._by_name[caller.operands[number]]
            for caller in self._callers[computation.name]
            if caller.opcode in ("fusion", "call") and number < len(caller.operands)
        ]
