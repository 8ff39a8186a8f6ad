"""The equations of a traced program, each with an identity that travels through XLA.

An equation's name stack becomes a part of the ``op_name`` of every operation that it is lowered
to, and XLA carries that along to the end. So a tag that is put there, in a copy of the program,
says of each instruction which equations it came from. The tag is short and takes the place of the
names and of the traceback, as XLA prints them with every instruction after every pass.
"""

import copy
import functools
import re
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

_TAG = re.compile(r"~(\d+)/")


@dataclass(frozen=True)
class Frame:
    """A place in Python code: where it begins and ends, lines from 1, columns from 0.

    Columns count the bytes of the line in UTF-8, as Python has them.
    """

    file: str
    function: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Equation:
    """An equation of a program, or of a program ``within`` the equation of that number.

    ``calls`` is the name of the function that a ``jit`` equation calls. ``frames`` are the calls
    that it was traced in, innermost first, those of JAX left out; an equation that was traced once
    for several calls may have none, as all have where JAX does not tell. ``operands`` and
    ``results`` are types, such as ``f32[4]``.
    """

    number: int
    within: int | None
    primitive: str
    calls: str
    frames: tuple[Frame, ...]
    operands: tuple[str, ...]
    results: tuple[str, ...]


def tagged(jaxpr: Any) -> tuple[Any, tuple[Equation, ...]]:
    """A copy of the program with a tag in each equation, and the equations by the tags' numbers.

    ``jaxpr`` is a ``ClosedJaxpr``, or from JAX 0.12 on a ``Jaxpr``, which is not changed. A program
    that several equations hold, such as a jitted function that is called twice, stays one: its
    equations are within the first of them.
    """
    tagging = _Tagging()
    return tagging.program(jaxpr, None), tuple(tagging.equations)


def with_program(traced: Any, jaxpr: Any) -> Any:
    """A copy of a ``jax.stages.Traced`` that lowers another program; None if JAX has it hidden.

    Its program is one of ``_params`` (0.12.0), or a keyword of its ``_lower_callable`` (0.7.0).
    """
    other = copy.copy(traced)
    try:
        if hasattr(traced, "_params"):
            other._params = {**traced._params, "jaxpr": jaxpr}
            for made in {"_lojax", "_closure_converted"} & set(dir(type(traced))):
                setattr(other, made, None)  # from the program, when it is asked for
        else:
            lower = traced._lower_callable
            keywords = {**lower.keywords, "jaxpr": jaxpr}
            other._lower_callable = functools.partial(lower.func, *lower.args, **keywords)
            other.jaxpr = jaxpr
    except AttributeError:
        return None
    return other


def lowered(traced: Any) -> Any:
    """Lower a ``jax.stages.Traced`` without the places in Python that operations came from.

    JAX would give those of this call to what has none (0.12.0), and XLA would print them again and
    again. Where JAX can't leave them out, they are there.
    """
    try:
        from jax._src.config import traceback_in_locations_limit

        without_places = traceback_in_locations_limit(0)
    except (ImportError, AttributeError, TypeError):
        without_places = nullcontext()
    with without_places:
        return traced.lower()


def tags_in(op_name: str) -> tuple[int, ...]:
    """The numbers of the equations in an ``op_name``, outermost first."""
    return tuple(map(int, _TAG.findall(op_name)))


def without_tags(text: str) -> str:
    """Text of the compiler as if there had been no tags."""
    return _TAG.sub("", text)


class _Tagging:
    """What was tagged so far."""

    def __init__(self) -> None:
        self.equations: list[Equation] = []
        self._programs: dict[int, tuple[Any, Any]] = {}  # with the original, which stays alive

    def program(self, jaxpr: Any, within: int | None) -> Any:
        """A copy of a program whose equations have tags, the same for the same program."""
        if id(jaxpr) not in self._programs:
            inside = getattr(jaxpr, "jaxpr", jaxpr)
            if inside is not jaxpr:  # closed
                copy = jaxpr.replace(jaxpr=self.program(inside, within))
            else:
                copy = jaxpr.replace(eqns=[self._equation(eqn, within) for eqn in jaxpr.eqns])
            self._programs[id(jaxpr)] = jaxpr, copy
        return self._programs[id(jaxpr)][1]

    def _equation(self, eqn: Any, within: int | None) -> Any:
        number = len(self.equations)
        operands, results = (tuple(map(_type, side)) for side in (eqn.invars, eqn.outvars))
        frames = _frames(eqn.source_info)
        self.equations.append(
            Equation(number, within, str(eqn.primitive), _name(eqn), frames, operands, results)
        )
        parameters = {key: self._parameter(value, number) for key, value in eqn.params.items()}
        return eqn.replace(source_info=_with_tag(eqn.source_info, number), params=parameters)

    def _parameter(self, parameter: Any, number: int) -> Any:
        """A parameter of an equation, in which the programs are tagged, too."""
        if hasattr(getattr(parameter, "jaxpr", parameter), "eqns"):
            return self.program(parameter, number)
        if type(parameter) in (tuple, list):
            return type(parameter)([self._parameter(item, number) for item in parameter])
        return parameter


def _name(eqn: Any) -> str:
    return str(eqn.params.get("name", "")) if str(eqn.primitive) in ("jit", "pjit") else ""


def _with_tag(source_info: Any, number: int) -> Any:
    """A tag in place of where an equation came from; that, if it is not known how to make one."""
    try:
        from jax._src.source_info_util import NameStack, Scope

        stack = NameStack((Scope(f"~{number}"),))
        return source_info.replace(name_stack=stack, traceback=None)
    except (ImportError, AttributeError, TypeError):
        return source_info


def _frames(source_info: Any) -> tuple[Frame, ...]:
    try:
        from jax._src.source_info_util import user_frames

        found = list(user_frames(source_info.traceback))
    except (ImportError, AttributeError, TypeError):
        return ()
    return tuple(
        Frame(
            frame.file_name,
            frame.function_name,
            frame.start_line,
            frame.start_column,
            frame.end_line,
            frame.end_column,
        )
        for frame in found
    )


def _type(variable: Any) -> str:
    short = getattr(variable.aval, "str_short", None)
    return str(short(short_dtypes=True) if short is not None else variable.aval)
