"""What is written at a leaf: its value if that is small, else its dtype and shape.

Values are read of numbers, short strings and arrays of a few elements that are at hand; nothing
of the user's is asked for its repr.
"""

import itertools
from typing import Any

from jaxmagic.pytree.containers import level
from jaxmagic.pytree.model import Place, Structure, Tree
from jaxmagic.pytree.names import clean
from jaxmagic.pytree.places import leaves
from jaxmagic.pytree.short import leaf_text, structure_text

ELEMENTS = 6
_TEXT = 20
_BITS = 64
_NODES = 8  # of a container that is written out


def texts(thing: Any, tree: Tree, most: int) -> tuple[tuple[Place, str], ...]:
    """Each leaf's place and text; ``tree`` is the model of ``thing``."""
    found = itertools.islice(leaves(thing), most)
    return tuple((place, value_text(leaf, tree, tree.at(place))) for place, leaf in found)


def value_text(value: Any, tree: Tree, index: int) -> str:
    """What ``value`` is, whose structure has this index in ``tree``: ``[1., 2.]``, ``(1, 2)``."""
    structure = tree.structures[index]
    if structure.is_leaf:
        return _leaf(value, structure)
    if type(value) in (dict, list, tuple) and structure.nodes <= _NODES:
        return _container(value, tree, structure)
    return structure_text(structure)


def _container(value: Any, tree: Tree, structure: Structure) -> str:
    written = [
        value_text(child, tree, index)
        for child, index in zip(level(value).children, structure.children, strict=False)
    ]
    if type(value) is dict:
        pairs = zip(structure.keys, written, strict=False)
        return f"{{{', '.join(f'{label[1:-1]}: {text}' for label, text in pairs)}}}"
    if type(value) is tuple:
        return f"({', '.join(written)}{',' if len(written) == 1 else ''})"
    return f"[{', '.join(written)}]"


def _leaf(value: Any, structure: Structure) -> str:
    kind = type(value)
    if kind is bool:
        return str(value)
    if kind is int and value.bit_length() <= _BITS:
        return str(value)
    if kind in (float, complex):
        return _number(value)
    if kind is str:
        return clean(repr(clean(value, _TEXT)))
    array = _small_array(value, structure)
    return leaf_text(structure) if array is None else _nested(array.tolist())


def _small_array(value: Any, structure: Structure) -> Any:
    """The elements of a small array as an object that NumPy has; None if it is not at hand."""
    import jax  # noqa: PLC0415  not imported before it is asked for
    import numpy as np  # noqa: PLC0415  as above

    if structure.shape is None or not 0 < structure.parameters <= ELEMENTS:
        return None
    if {"tracer", "abstract", "deleted", "key", "ref"} & set(structure.words):
        return None
    try:
        if isinstance(value, np.ndarray | np.generic):
            if not (type(value) is np.ndarray or type(value) is value.dtype.type):
                return None
        elif isinstance(value, jax.Array) and value.is_fully_addressable:
            value = jax.device_get(value)
        else:
            return None
        if jax.numpy.issubdtype(value.dtype, jax.numpy.number):
            return np.asarray(value, _plain_dtype(value.dtype))
        return np.asarray(value) if value.dtype == np.bool_ else None
    except Exception:  # noqa: BLE001  an array may be gone, or its program may have failed
        return None


def _plain_dtype(dtype: Any) -> Any:
    """A dtype of NumPy's own that has all values of ``dtype``: bfloat16 and int4 are not its."""
    import jax.numpy as jnp  # noqa: PLC0415  as above

    if jnp.issubdtype(dtype, jnp.complexfloating):
        return "complex128"
    if jnp.issubdtype(dtype, jnp.floating):
        return "float64"
    return "uint64" if dtype == "uint64" else "int64"


def _nested(elements: Any) -> str:
    """Elements in the brackets of their array; floats there end in a point, as NumPy has it."""
    if not isinstance(elements, list):
        return _number(elements)
    inner = [_nested(e) if isinstance(e, list) else _short(_number(e)) for e in elements]
    return f"[{', '.join(inner)}]"


def _short(number: str) -> str:
    return number[:-1] if number.endswith(".0") else number


def _number(value: complex) -> str:
    """A number with at most four digits if it has a fraction: ``0.3333``, ``1.0``, ``1e-08``."""
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, complex):
        sign = "" if f"{value.imag:.4g}".startswith(("-", "+")) else "+"
        return f"{value.real:.4g}{sign}{value.imag:.4g}j"
    digits = f"{value:.4g}"
    return digits if set(digits) & set(".en") else f"{digits}.0"
