"""What JAX has for what Python's libraries have, and what no program can do."""

import sys
from importlib import import_module
from typing import Any

REFUSED_BUILTINS = {
    "isinstance": "a traced value has none of Python's types; give a flag as an argument",
    "type": "a traced value has none of Python's types; give a flag as an argument",
    "id": "a traced value is not the object that it stands for",
    "hash": "a traced value has no hash",
    "str": "text can't be made from values of a program",
    "repr": "text can't be made from values of a program",
    "format": "text can't be made from values of a program",
    "print": "print shows what is traced, not what is computed",
    "input": "input can't be part of a program",
    "open": "files can't be part of a program",
    "exec": "exec can't be translated",
    "eval": "eval can't be translated",
    "next": "an iterator that is changed can't be translated",
    "iter": "an iterator that is changed can't be translated",
    "globals": "globals() can't be translated",
    "locals": "locals() can't be translated",
    "setattr": "setting an attribute can't be translated",
    "delattr": "deleting an attribute can't be translated",
}
REFUSED_MODULES = {
    "random": "random numbers would be drawn once, while the program is traced; use jax.random",
    "numpy.random": "np.random would be asked once, while the program is traced; use jax.random",
    "time": "the time would be read once, while the program is traced",
    "datetime": "the time would be read once, while the program is traced",
    "os": "the operating system can't be part of a program",
    "sys": "sys can't be part of a program",
}
IN_JAX = {
    "numpy": "jax.numpy",
    "numpy.linalg": "jax.numpy.linalg",
    "numpy.fft": "jax.numpy.fft",
    "scipy.special": "jax.scipy.special",
}
PYTHON_TYPES = {
    "float64": "float",
    "double": "float",
    "int64": "int",
    "intp": "int",
    "complex128": "complex",
    "bool_": "bool",
    "bool": "bool",
}
"""NumPy's types of numbers that Python's own stand for: JAX takes those in 32 or 64 bits."""

NOT_FUNCTIONAL = {"put", "copyto", "place", "putmask", "fill_diagonal", "put_along_axis"}
PURE_METHODS = frozenset(
    [
        "sum",
        "mean",
        "min",
        "max",
        "prod",
        "dot",
        "T",
        "copy",
        "astype",
        "reshape",
        "ravel",
        "flatten",
        "transpose",
        "any",
        "all",
        "argmin",
        "argmax",
        "cumsum",
        "cumprod",
        "std",
        "var",
        "clip",
        "round",
        "conj",
        "conjugate",
        "trace",
        "diagonal",
        "squeeze",
        "swapaxes",
        "item",
        "tolist",
        "nonzero",
        "searchsorted",
        "repeat",
        "take",
        "ptp",
        "argsort",
        "compress",
        "real",
        "imag",
        "choose",
        "at",
        "set",
        "add",
        "multiply",
        "divide",
        "power",
        "get",
        "apply",
        "min_and_max",
        "keys",
        "values",
        "items",
        "index",
        "count",
        "startswith",
        "endswith",
        "lower",
        "upper",
        "strip",
        "split",
        "join",
        "format",
        "replace",
        "bit_length",
        "as_integer_ratio",
        "is_integer",
        "_replace",
        "_asdict",
    ]
)


def in_jax(value: Any) -> str | None:
    """The path in JAX of what has the same name in NumPy."""
    name = getattr(value, "__name__", None)
    if not callable(value) or not isinstance(name, str):
        return None
    for home, other in IN_JAX.items():
        module = sys.modules.get(home)
        if module is not None and getattr(module, name, None) is value:
            if hasattr(import_module(other), name):
                return f"{other}.{name}"
            return None
    return None
