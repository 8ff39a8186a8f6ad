"""Whether two modules are the same program, whatever is in them for people."""

import hashlib

from jaxmagic.ir.hlo import Computation, Instruction, Module

_FOR_PEOPLE = ("metadata",)


def fingerprint(module: Module) -> str:
    """Equal for modules that are the same but for names, metadata and the order of instructions.

    Each instruction counts by what it does to which operands, down to the parameters; what no
    other one uses, such as an effect, counts as well.
    """
    known: dict[str, str] = {}
    for computation in module.computations:
        known[computation.name] = _of_computation(computation, known)
    header = [f"{key}={value}" for key, value in sorted(module.attributes.items())]
    return _digest(known[module.entry.name], *header)


def _of_computation(computation: Computation, called: dict[str, str]) -> str:
    known: dict[str, str] = {}
    used: set[str] = set()
    for instruction in computation.instructions:
        known[instruction.name] = _of_instruction(instruction, known, called)
        used.update(instruction.operands)
    root = computation.root.name
    unused = sorted(known[name] for name in known if name not in used and name != root)
    return _digest(known[root], *unused)


def _of_instruction(instruction: Instruction, known: dict[str, str], called: dict[str, str]) -> str:
    attributes = [
        f"{key}={_without_names(value, known, called)}"
        for key, value in sorted(instruction.attributes.items())
        if key not in _FOR_PEOPLE
    ]
    pairs = zip(instruction.operands, instruction.elements, strict=False)
    arguments = [f"{known.get(name, name)}#{element}" for name, element in pairs]
    if not arguments:
        arguments = [instruction.arguments]
    return _digest(instruction.opcode, instruction.shape, *arguments, "|", *attributes)


def _without_names(value: str, known: dict[str, str], called: dict[str, str]) -> str:
    """The text of an attribute, with fingerprints for the names in it."""
    names = [name.strip().removeprefix("%") for name in value.strip("{}").split(",")]
    if all(name in called or name in known for name in names):
        return ",".join(called.get(name) or known[name] for name in names)
    return value


def _digest(*pieces: str) -> str:
    return hashlib.blake2b("\n".join(pieces).encode(), digest_size=16).hexdigest()
