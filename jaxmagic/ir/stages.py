"""From a trace and a compile to stages whose lines are linked with equations and expressions."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from jaxmagic import _jax
from jaxmagic.ir import hlo
from jaxmagic.ir.compiled import Compiled
from jaxmagic.ir.links import Link, links
from jaxmagic.ir.result import Equation, Line, Part, Stage, expression_of
from jaxmagic.ir.traced import Traced

_NOISE = ("parameter", "tuple", "get-tuple-element", "bitcast")
_NAMES = re.compile(r"\s*# \[(.*)\]$")
_ALIAS = re.compile(r"#(loc\d*) = (.*)")
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LOC = re.compile(rf" ?loc\((?:#(loc\d*)|{_QUOTED}(?:\(#loc\d*\))?|unknown)\)")
_FUNCTION = re.compile(r"func\.func (?:public |private )?@([^\s(]+)")
_DEFINED = re.compile(r"\s*%([\w]+)(?::\d+)? = ")
_USED = re.compile(r"%([\w]+)")
_OPERATION = re.compile(r"^\s*(?:%[\w:]+ = )?\"?([a-z][\w.]*)")

_Printed = TypeVar("_Printed", str, Traced)  # what a stage is read from
_Read = tuple[str, tuple[Part, ...]]  # the head of a stage and its parts
Paths = frozenset[tuple[int, ...]]


class Stages:
    """Stages of a program, read ``beside`` this thread, in another one, while this one compiles.

    Of a stage that can't be had there is a sentence instead; the others are there all the same.
    """

    def __init__(self, equations: Sequence[Equation], beside: Executor) -> None:
        self._linked = _Linked(equations)
        self._beside = beside
        self._stages: list[tuple[str, str, Future[_Read]]] = []
        self._hlo: dict[str, Future[_Read]] = {}  # by the text

    def of_trace(self, traced: Traced) -> None:
        """The jaxpr."""
        self._stages.append(("jaxpr", "jaxpr", self._reading(_jaxpr, traced)))

    def of_lowering(self, lowered: Any) -> None:
        """StableHLO, whose text is got now, as this thread is about to compile."""
        try:
            reading = self._reading(_stablehlo, lowered.as_text(debug_info=True))
        except Exception as error:  # noqa: BLE001  of one stage: the others are shown all the same
            reading = Future()
            reading.set_exception(error)
        self._stages.append(("stablehlo", "StableHLO", reading))

    def of_dump(self, text: str) -> Future[_Read]:
        """HLO that may turn out to be that before or after the passes: it is read at once, once."""
        if text not in self._hlo:
            self._hlo[text] = self._reading(_hlo, text)
        return self._hlo[text]

    def of_compile(self, compiled: Compiled) -> None:
        """HLO before and after the passes."""
        self._stages.append(("hlo-before", "HLO before passes", self.of_dump(compiled.before)))
        self._stages.append(("hlo", "HLO after passes", self.of_dump(compiled.after)))

    def ended(self) -> tuple[list[Stage], list[str]]:
        """The stages that there are, and a sentence for each one that there is not."""
        found, missing = [], []
        for name, title, reading in self._stages:
            error = reading.exception()
            if error is not None:
                missing.append(f"{title} could not be read: {type(error).__name__}: {error}")
                continue
            head, parts = reading.result()
            if parts:
                found.append(Stage(name, title, parts, head))
        return found, missing

    def _reading(
        self, read: Callable[[_Printed, "_Linked"], _Read], printed: _Printed
    ) -> Future[_Read]:
        return self._beside.submit(read, printed, self._linked)


class _Linked:
    """Makes lines whose paths are known."""

    def __init__(self, equations: Sequence[Equation]) -> None:
        self._equations = equations
        self._known: dict[Paths, tuple[tuple[int, ...], tuple[int, ...]]] = {}

    def primitive(self, equation: int) -> str:
        return self._equations[equation].primitive

    def line(self, text: str, paths: Iterable[tuple[int, ...]], **more: Any) -> Line:
        key = frozenset(paths)
        if key not in self._known:
            self._known[key] = self._of(key)
        return Line(text, *self._known[key], **more)

    def _of(self, paths: Paths) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The equations and the expressions at the end of these paths."""
        known = sorted(paths)
        found = {expression_of(self._equations, path) for path in known}
        equations = dict.fromkeys(path[-1] for path in known)
        return tuple(equations), tuple(sorted(n for n in found if n is not None))


def _jaxpr(traced: Traced, linked: _Linked) -> _Read:
    jaxpr = traced.tagged.jaxpr
    has_printer = hasattr(jaxpr, "pretty_print")
    text = jaxpr.pretty_print(name_stack=True, use_color=False) if has_printer else str(jaxpr)
    return "", (Part(traced.name, tuple(_jaxpr_lines(text, linked))),)


def _jaxpr_lines(text: str, linked: _Linked) -> Iterator[Line]:
    """An equation goes on where lines below it stand further right, or close its brackets."""
    around: list[tuple[int, int]] = []  # indentation and number of the equations that go on
    for printed in text.split("\n"):
        names = _NAMES.search(printed)
        line = printed[: names.start()] if names else printed
        indent = len(line) - len(line.lstrip())
        tags = _jax.tags_in(f"{names[1]}/") if names else ()
        while around and (around[-1][0] > indent or (tags and around[-1][0] == indent)):
            around.pop()
        if tags:
            around.append((indent, tags[-1]))
        goes_on = around and (around[-1][0] < indent or line.lstrip().startswith("]"))
        owner = around[-1][1] if around and (tags or goes_on) else None
        opcode = linked.primitive(tags[-1]) if tags else ""
        yield linked.line(line, [] if owner is None else [(owner,)], opcode=opcode)


def _stablehlo(text: str, linked: _Linked) -> _Read:
    aliases = {found[1]: found[2] for line in text.split("\n") if (found := _ALIAS.match(line))}
    parts: list[tuple[str, list[tuple[str, tuple[int, ...]]]]] = [("module", [])]
    for printed in text.split("\n"):
        if _ALIAS.match(printed):
            continue
        if function := _FUNCTION.search(printed):
            parts.append((function[1], []))
        last = list(_LOC.finditer(printed))[-1:]
        said = aliases.get(last[0][1] or "", last[0][0]) if last else ""
        line = _LOC.sub("", printed)
        if line.strip():
            parts[-1][1].append((line, _jax.tags_in(said)))
    return "", tuple(Part(name, tuple(_filled(lines, linked))) for name, lines in parts if lines)


def _filled(lines: Sequence[tuple[str, tuple[int, ...]]], linked: _Linked) -> Iterator[Line]:
    """Lines; what has no equation, such as a constant, has that of what uses it or is used."""
    users: dict[str, list[tuple[int, ...]]] = {}
    made: dict[str, tuple[int, ...]] = {}
    for line, path in lines:
        defined = _DEFINED.match(line)
        if defined and path:
            made[defined[1]] = path
        for name in _USED.findall(line[defined.end() :] if defined else line):
            if path:
                users.setdefault(name, []).append(path)
    for line, path in lines:
        defined = _DEFINED.match(line)
        if path or _FUNCTION.search(line):
            yield linked.line(line, [path] if path else [], opcode=_operation(line))
            continue
        found = users.get(defined[1], []) if defined else []
        if not found:
            used = _USED.findall(line[defined.end() :] if defined else line)
            found = [made[name] for name in used if name in made]
        yield linked.line(line, found, is_direct=False, opcode=_operation(line))


def _operation(line: str) -> str:
    found = _OPERATION.match(line)
    return found[1].removeprefix("stablehlo.") if found else ""


def _hlo(text: str, linked: _Linked) -> _Read:
    if not text:
        return "", ()
    module = hlo.parse(text)
    found = links(module, _jax.tags_in)
    return module.head, tuple(
        Part(
            computation.name,
            tuple(
                _instruction(one, found.get(one.name), linked) for one in computation.instructions
            ),
            computation.head,
        )
        for computation in module.computations
    )


def _instruction(one: hlo.Instruction, link: Link | None, linked: _Linked) -> Line:
    paths: Paths = link.paths if link is not None else frozenset()
    return linked.line(
        _jax.without_tags(one.without_metadata),
        paths,
        is_direct=link is not None and link.is_direct,
        noise=one.opcode if one.opcode in _NOISE else "",
        opcode=one.opcode,
        shape=one.shape,
    )
