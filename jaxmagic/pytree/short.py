"""What a structure is in a few characters, as JAX writes avals: ``f32[3,4]``, ``dict 4``.

Arrays of NumPy and of JAX look the same, since they are the same to a transformation.
"""

import re

from jaxmagic.pytree.model import Structure

_NUMBERS = re.compile(r"(bfloat|float|uint|int|complex)(?=[1-9])")
_LETTERS = {"bfloat": "bf", "float": "f", "uint": "u", "int": "i", "complex": "c"}


def dtype_text(name: str) -> str:
    """The name of a dtype, short: ``f32``, ``bf16``, ``u8``, ``c64``, ``f8_e4m3fn``.

    >>> dtype_text("float32"), dtype_text("bool"), dtype_text("key<fry>")
    ('f32', 'bool', 'key<fry>')
    """
    return _NUMBERS.sub(lambda match: _LETTERS[match[1]], name)


def structure_text(structure: Structure) -> str:
    """What a structure is: ``f32[768]``, ``dict 4``, ``Layer 2``, ``int``, ``None``.

    The number of a container is that of its children. One that contains itself is ``dict ↺``,
    one that JAX can't take apart ``Bag !``; ``Structure.note`` says more.
    """
    if structure.kind == "none":
        return "None"
    if structure.shape is not None:
        lengths = ",".join(map(str, structure.shape))
        return f"{dtype_text(structure.dtype)}[{lengths}]"
    if structure.is_leaf:
        return structure.type_name
    if structure.kind == "cycle":
        return f"{structure.type_name} ↺"
    if structure.kind == "error":
        return f"{structure.type_name} !"
    return f"{structure.type_name} {len(structure.children):,}"


def leaf_text(structure: Structure) -> str:
    """A leaf as :func:`structure_text` has it, and whether its memory is gone."""
    gone = " deleted" if "deleted" in structure.words else ""
    return structure_text(structure) + gone
