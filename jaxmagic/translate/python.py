"""Python's built-in functions for values that are only known when a compiled program runs.

Translated code imports these under the names of the built-in ones. On Python numbers they are
the built-in ones, so that a length or a flag stays known while a program is traced; on arrays
and traced values they do the same in JAX.
"""

import builtins
import functools
import math as _math
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


def is_array(value: Any) -> bool:
    """Whether ``value`` is an array or traced (not a Python number)."""
    import jax  # noqa: PLC0415  slow to import, and not needed to translate
    import numpy as np  # noqa: PLC0415  as above

    return isinstance(value, jax.Array | np.ndarray)


def is_traced(value: Any) -> bool:
    """Whether the value of ``value`` is only known when the program runs."""
    import jax  # noqa: PLC0415  as above

    return isinstance(value, jax.core.Tracer)


# ---------------------------------------------------------------- what a loop can run over


@dataclass(frozen=True)
class Items:
    """What a loop runs over: ``at(0)``, ``at(1)``, ... ``at(length - 1)``.

    ``length`` may be traced. ``at`` takes a traced number, unless ``listed``.
    """

    length: Any
    at: Callable[[Any], Any]
    listed: bool = False

    def __len__(self) -> int:
        length = self.known_length
        if length is None:
            from jaxmagic.translate.trace import refused_here  # noqa: PLC0415  needs this file

            message = "how many there are is only known when the program runs"
            raise refused_here(message)
        return length

    def __iter__(self) -> Iterator[Any]:
        for number in builtins.range(len(self)):
            yield self.at(number)

    @property
    def known_length(self) -> int | None:
        """How many there are, if that is known before the program runs."""
        return None if is_traced(self.length) else int(self.length)


def items_of(iterable: Any) -> Items:
    """What a loop over ``iterable`` runs over."""
    if isinstance(iterable, Items):
        return iterable
    if isinstance(iterable, builtins.range):
        start, step = iterable.start, iterable.step
        return Items(len(iterable), lambda n: start + n * step)
    if is_array(iterable):
        if iterable.ndim == 0:
            message = "iteration over a 0-d array"
            raise TypeError(message)
        import jax.numpy as jnp  # noqa: PLC0415  as above

        array = jnp.asarray(iterable)
        return Items(array.shape[0], lambda n: array[n])
    values = list(iterable)
    return Items(len(values), values.__getitem__, listed=True)


def range(*bounds: Any) -> Any:  # noqa: A001  it stands in for the built-in one
    """``range`` whose bounds may be traced."""
    if not builtins.any(map(is_traced, bounds)):
        return builtins.range(*bounds)
    import jax.numpy as jnp  # noqa: PLC0415  as above

    for bound in bounds:
        if not jnp.issubdtype(jnp.result_type(bound), jnp.integer) or jnp.ndim(bound):
            message = "'float' object cannot be interpreted as an integer"
            raise TypeError(message)
    start, stop, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    length = jnp.maximum(-((start - stop) // step), 0)
    return Items(length, lambda n: start + n * step)


def enumerate(iterable: Any, start: Any = 0) -> Items:  # noqa: A001  as above
    """``enumerate`` over anything that a loop can run over."""
    items = items_of(iterable)
    return Items(items.length, lambda n: (start + n, items.at(n)), items.listed)


def zip(*iterables: Any, strict: bool = False) -> Items:  # noqa: A001  as above
    """``zip`` of anything that a loop can run over."""
    parts = [items_of(iterable) for iterable in iterables]
    if strict and len({part.known_length for part in parts}) > 1:
        message = "zip() arguments differ in length"
        raise ValueError(message)
    length = min(*(part.length for part in parts)) if len(parts) > 1 else parts[0].length
    return Items(
        length, lambda n: tuple(p.at(n) for p in parts), builtins.any(p.listed for p in parts)
    )


def reversed(iterable: Any) -> Items:  # noqa: A001  as above
    """``reversed`` of anything that a loop can run over."""
    items = items_of(iterable)
    return Items(items.length, lambda n: items.at(items.length - 1 - n), items.listed)


# ---------------------------------------------------------------- numbers


def min(*values: Any, **options: Any) -> Any:  # noqa: A001  as above
    """``min`` of numbers, or of the elements of an array."""
    return _extreme(builtins.min, "nanmin", lambda a, b: b < a, values, options)


def max(*values: Any, **options: Any) -> Any:  # noqa: A001  as above
    """``max`` of numbers, or of the elements of an array."""
    return _extreme(builtins.max, "nanmax", lambda a, b: b > a, values, options)


def _extreme(
    plain: Callable[..., Any],
    of_array: str,
    better: Callable[[Any, Any], Any],
    values: tuple[Any, ...],
    options: dict[str, Any],
) -> Any:
    import jax.numpy as jnp  # noqa: PLC0415  as above

    if len(values) == 1 and is_array(values[0]) and values[0].ndim == 1 and not options:
        array = jnp.asarray(values[0])
        found = getattr(jnp, of_array)(array)
        # Python keeps a NaN that comes first, and passes over one that comes later
        return jnp.where(jnp.isnan(array[0]), array[0], found)
    inner = values[0] if len(values) == 1 and isinstance(values[0], tuple | list) else values
    if options or not builtins.any(map(is_traced, inner)):
        return plain(*values, **options)
    return functools.reduce(lambda a, b: jnp.where(better(a, b), b, a), inner)


def sum(values: Any, start: Any = 0) -> Any:  # noqa: A001  as above
    """``sum`` of numbers, or over the first axis of an array."""
    if is_array(values) and values.ndim > 0:
        import jax.numpy as jnp  # noqa: PLC0415  as above

        return start + jnp.sum(jnp.asarray(values), axis=0)
    return builtins.sum(values, start)


def any(values: Any) -> Any:  # noqa: A001  as above
    """``any`` of the elements."""
    return _reduced(builtins.any, "any", values)


def all(values: Any) -> Any:  # noqa: A001  as above
    """``all`` of the elements."""
    return _reduced(builtins.all, "all", values)


def _reduced(plain: Callable[[Any], bool], name: str, values: Any) -> Any:
    import jax.numpy as jnp  # noqa: PLC0415  as above

    if is_array(values) and values.ndim == 1:
        return getattr(jnp, name)(values)
    values = list(values)
    if not builtins.any(is_traced(value) for value in values):
        return plain(values)
    return getattr(jnp, name)(jnp.stack([jnp.asarray(value) != 0 for value in values]))


def as_int(value: Any = 0, *base: Any) -> Any:
    """``int``: cut off towards zero."""
    return _cast(int, value, *base)


def as_float(value: Any = 0.0) -> Any:
    """``float``."""
    return _cast(float, value)


def as_complex(*parts: Any) -> Any:
    """``complex`` of a number, or of a real and an imaginary part."""
    if len(parts) == 2 and builtins.any(map(is_traced, parts)):  # noqa: PLR2004  real, imaginary
        return _cast(complex, parts[0]) + 1j * parts[1]
    return _cast(complex, *parts)


def as_bool(value: Any = False) -> Any:  # noqa: FBT002  as above
    """``bool``: whether it is not zero."""
    return _cast(bool, value)


def _cast(kind: Callable[..., Any], value: Any, *more: Any) -> Any:
    if not is_traced(value):
        return kind(value, *more)
    if value.size != 1:
        message = "only an array of one element can be converted to a number"
        raise TypeError(message)
    return value.reshape(()).astype(kind)


def round(value: Any, digits: Any = None) -> Any:  # noqa: A001  as above
    """``round``: to the nearest integer, halves to the even one, or to so many digits."""
    if not is_traced(value):
        return builtins.round(value, digits)
    import jax.numpy as jnp  # noqa: PLC0415  as above

    if digits is None:
        return jnp.round(value).astype(int)
    return jnp.round(value, digits)


def number(value: Any) -> Any:
    """``value``, which must be a single number here.

    An array would be shared with another name that is read later: changing it in place changes
    both in NumPy, and only one in JAX.
    """
    shape = getattr(value, "shape", ())
    if shape:
        from jaxmagic.translate.trace import refused_here  # noqa: PLC0415  needs this file

        message = "an array is changed in place while another name shares it; use .copy()"
        raise refused_here(message)
    return value


def power(base: Any, exponent: Any) -> Any:
    """``base ** exponent``, where both may be integers.

    Raises:
        TranslationError: they are, and the exponent is traced: Python gives a fraction if it is
            negative.
    """
    if is_traced(exponent) and _is_integer(base) and _is_integer(exponent):
        from jaxmagic.translate.trace import refused_here  # noqa: PLC0415  needs this file

        message = "an integer to a power that may be negative may be a fraction; use 2.0 ** n"
        raise refused_here(message)
    return base**exponent


def int_power(base: Any, exponent: Any) -> Any:
    """``base ** exponent`` with an exponent that is a whole number and not negative."""
    if not (is_traced(exponent) and _is_integer(base)):
        return base**exponent
    import jax  # noqa: PLC0415  as above
    import jax.numpy as jnp  # noqa: PLC0415  as above

    def whole_power(base: Any, exponent: Any) -> Any:
        return jnp.power(base, exponent)

    return jax.jit(whole_power)(base, exponent)


def _is_integer(value: Any) -> bool:
    import jax.numpy as jnp  # noqa: PLC0415  as above

    return jnp.result_type(value).kind in "biu"


# ---------------------------------------------------------------- math

_OTHER_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "pow": "float_power",
    "fabs": "abs",
    "degrees": "degrees",
    "radians": "radians",
}
_LIKE_NUMPY = """
    sin cos tan exp expm1 exp2 log2 log10 log1p sqrt cbrt sinh cosh tanh hypot isnan isinf
    isfinite copysign fmod gcd lcm
"""


def _traced_math(name: str) -> Callable[..., Any]:
    plain = getattr(_math, name)
    of_jax = _OTHER_NAMES.get(name, name)

    @functools.wraps(plain)
    def function(*values: Any) -> Any:
        if not builtins.any(is_array(value) for value in values):
            return plain(*values)
        import jax.numpy as jnp  # noqa: PLC0415  as above

        return getattr(jnp, of_jax)(*values)

    return function


def _rounded(name: str) -> Callable[[Any], Any]:
    plain = getattr(_math, name)

    @functools.wraps(plain)
    def function(value: Any) -> Any:
        if not is_array(value):
            return plain(value)
        import jax.numpy as jnp  # noqa: PLC0415  as above

        return getattr(jnp, name)(value).astype(int)

    return function


def _log(value: Any, *base: Any) -> Any:
    if not builtins.any(is_array(part) for part in (value, *base)):
        return _math.log(value, *base)
    import jax.numpy as jnp  # noqa: PLC0415  as above

    return jnp.log(value) / jnp.log(base[0]) if base else jnp.log(value)


def _special(name: str, of_jax: str) -> Callable[[Any], Any]:
    plain = getattr(_math, name)

    @functools.wraps(plain)
    def function(value: Any) -> Any:
        if not is_array(value):
            return plain(value)
        from jax.scipy import special  # noqa: PLC0415  as above

        return getattr(special, of_jax)(value)

    return function


MATH: dict[str, Any] = (
    {name: getattr(_math, name) for name in ("pi", "e", "tau", "inf", "nan")}
    | {
        name: _traced_math(name)
        for name in (*_LIKE_NUMPY.split(), *_OTHER_NAMES)
        if hasattr(_math, name)
    }
    | {name: _rounded(name) for name in ("floor", "ceil", "trunc")}
    | {"log": _log, "erf": _special("erf", "erf"), "erfc": _special("erfc", "erfc")}
    | {"lgamma": _special("lgamma", "gammaln"), "gamma": _special("gamma", "gamma")}
    | {
        name: getattr(_math, name)
        for name in ("factorial", "isqrt", "comb", "perm", "fsum", "prod", "dist")
    }
)
math = types.SimpleNamespace(**MATH)
"""Python's ``math``, whose functions also take arrays of one element and traced values."""

SAME_NAMES = ("range", "enumerate", "zip", "reversed", "min", "max", "sum", "any", "all", "round")
"""The functions here that have the names of the built-in ones."""

BUILTINS = {name: name for name in SAME_NAMES} | {
    name: f"as_{name}" for name in ("int", "float", "complex", "bool")
}
"""What translated code calls in the place of a built-in function."""
