"""The stages of a program as text and as HTML, linked through the expressions of the source."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from jaxmagic.ir.meanings import MEANINGS
from jaxmagic.ir.passes import Step
from jaxmagic.ir.result import IR, Line, SourceLine, Stage, StageText
from jaxmagic.show import TEXT_WIDTH, units
from jaxmagic.show.markup import code_block, element, escape, fold, page
from jaxmagic.show.table import paragraph

_MOST_LINES = 600  # of a stage, in HTML
_MOST_OF_PASS, _MOST_OF_PASSES = 60, 500
_MOST_EXPRESSIONS = 200
_MOST_TEXT = 60  # lines of the source, in text
_GOLDEN_ANGLE = 137.508
_TYPE = re.compile(
    r"\b(?:tensor<[^>]*>|(?:pred|bool|bf16|f\d+|[su]\d+|i\d+|c\d+|key)\[[^\]]*\](?:\{[\d,]*\})?)"
)
_SHAPE = re.compile(
    r"(?:pred|(?:bf|[fsuc])(\d+)(?:e\d+m\d+\w*)?)\[([\d,]*)\](?:\{[^}]*E\((\d+)\))?"
)
_ROW_MAJOR = re.compile(r"(?<=\])\{([\d,]+)\}")
_HINT = (
    "Point at an expression, or reach it with Tab: what became of it lights up in every stage. "
    "Dotted: inferred from what it is used by or made from; all else XLA has told. Left out of "
    "HLO: metadata, and layouts in the usual order."
)


def text(result: IR | StageText) -> str:
    """Where each line of the source went, and what the passes did; or the text of one stage."""
    if isinstance(result, StageText):
        return result.text
    lines = paragraph(summary(result))
    lines += [line for note in _notes(result) for line in paragraph(note, "! ", "  ")]
    became = _became(result)
    for source in result.source[:_MOST_TEXT]:
        here = {piece.expression for piece in source.pieces if piece.expression is not None}
        if here:
            lines += ["", _cut(f"{source.label} line {source.number}: {_whole(source).strip()}")]
            for title, words in _of_expressions(became, sorted(here)):
                lines += paragraph(words, f"  {title:<18} ", " " * 21)
    if left := len(result.source) - _MOST_TEXT:
        lines += ["", f"{units.plural(left, 'more line')} of source."] if left > 0 else []
    if result.history.steps:
        lines += ["", *_pass_lines(result)]
    if removed := _removed(result):
        lines += ["", "Nothing is left of:"]
        for name, equations in removed:
            lines += paragraph(", ".join(equations), f"  {name:<26} ", " " * 29)
    names = ", ".join(stage.name for stage in result.stages)
    lines += ["", *paragraph(f"--stage shows one of them as text: {names}, passes, lives.")]
    return "\n".join(lines)


def html(result: IR | StageText) -> str:
    """All stages side by side, as static HTML."""
    if isinstance(result, StageText):
        title = element("p", escape(result.title), class_="jm-title")
        return page(title, code_block(result.text), label=result.title)
    panes = [source_pane(result), *(_pane(result, stage) for stage in result.stages)]
    title = element("code", escape(result.call))
    return page(
        element("p", title, f": {escape(_counts(result))}", class_="jm-title"),
        *(element("p", "⚠ ", escape(note), class_="jm-warning") for note in _notes(result)),
        element("p", escape(_HINT), class_="jm-dim"),
        element("div", *panes, class_="jm-panes"),
        *_passes(result),
        label=summary(result),
        sheets=("ir",),
        rules=list(rules(result)),
    )


def passes_text(result: IR) -> str:
    """Each pass that changed something, with the lines that it changed."""
    lines = _pass_lines(result)
    for number, step in enumerate(result.history.steps[1:], 1):
        lines += ["", f"{number}. {step.name}"]
        lines += [
            f"{one.sign} {one.line.text.strip()}" for one in result.history.difference(number)
        ]
    return "\n".join(lines)


def lives_text(result: IR) -> str:
    """What became of each equation."""
    lines = []
    for equation in result.equations:
        where = _expression(result, equation.expression)
        lines.append(f"{equation.number}. {equation.primitive}{f'  {where}' if where else ''}")
        life = result.life(equation.number)
        lines += [f"     {step.name}: {_opcodes(event.after)}" for step, event in life]
        if not life and result.history.steps:
            lines.append("     XLA was given nothing of it: it is not used, or made by its parts.")
    return "\n".join(lines)


def summary(result: IR) -> str:
    """The call and its stages, in a line."""
    return f"{result.call}: {_counts(result)}"


def _counts(result: IR) -> str:
    counts = [units.plural(len(result.equations), "equation")]
    for stage in result.stages:
        if stage.name in ("hlo-before", "hlo"):
            when = "before" if stage.name == "hlo-before" else "after"
            counts.append(f"{len(stage.lines):,} HLO instructions {when}")
    if result.history.steps:
        number = len(result.history.steps) - 1
        passes = "1 pass" if number == 1 else f"{number:,} passes"
        counts.append(f"{passes} changed something")
    said = ", ".join(counts)
    return f"{said}; for {result.platform}" if result.platform else said


def _notes(result: IR) -> list[str]:
    notes = list(result.notes)
    if result.same_as_untagged is not None:
        made = "the same of" if result.same_as_untagged else "SOMETHING ELSE of"
        notes.append(f"Verified: XLA makes {made} the program without the tags of jaxmagic.")
    return notes


# ---------------------------------------------------------------- text


_Became = list[tuple[str, Mapping[int, Counter[str]]]]


def _became(result: IR) -> _Became:
    """For each stage, by its title, the operations that came from each expression."""
    found: _Became = []
    for stage in result.stages:
        of_stage: dict[int, Counter[str]] = defaultdict(Counter)
        for line in stage.lines:
            if line.opcode and not line.noise and line.is_direct:
                for number in line.expressions:
                    of_stage[number][line.opcode] += 1
        found.append((stage.title, of_stage))
    return found


def _of_expressions(became: _Became, numbers: Iterable[int]) -> list[tuple[str, str]]:
    """What became of some expressions in each stage, in words."""
    there = list(numbers)
    if not there:
        return []
    return [
        (title, _opcodes(sum((of_stage.get(n, Counter()) for n in there), Counter())))
        for title, of_stage in became
    ]


def _opcodes(opcodes: Mapping[str, int]) -> str:
    said = [f"{n} {name}" if n > 1 else name for name, n in opcodes.items()]
    return ", ".join(said) or "nothing left"


def _pass_lines(result: IR) -> list[str]:
    lines = ["Passes that changed something, with the instructions that each took out and put in:"]
    for number, step in enumerate(result.history.steps[1:], 1):
        out, into = result.history.counts(number)
        said = f"-{out:<5} +{into:<5}" if out or into else "order only   "
        lines.append(f"  {number:>3}  {said} {_named(step)}"[:TEXT_WIDTH])
    return lines


def _named(step: Step) -> str:
    return f"{step.name} ({step.pipeline})" if step.pipeline not in step.name else step.name


def _removed(result: IR) -> list[tuple[str, list[str]]]:
    """The names of passes, and the equations of which nothing is left after each."""
    found: dict[str, list[str]] = {}
    for equation in result.equations:
        if step := result.history.removed_by(equation.number):
            where = _expression(result, equation.expression)
            line = f" ({where.partition(':')[0]})" if where else ""
            found.setdefault(f"after {step.name}", []).append(f"{equation.primitive}{line}")
    return [
        (name, [f"{n} {one}" if n > 1 else one for one, n in Counter(equations).items()])
        for name, equations in found.items()
    ]


def _expression(result: IR, number: int | None) -> str:
    return "" if number is None else str(result.expressions[number])


def _whole(source: SourceLine) -> str:
    return "".join(piece.text for piece in source.pieces)


def _cut(line: str) -> str:
    return line if len(line) <= TEXT_WIDTH else f"{line[: TEXT_WIDTH - 1]}…"


# ---------------------------------------------------------------- HTML


def rules(result: IR) -> Iterator[str]:
    """The colour of each expression, and what lights up with it."""
    for number in range(min(len(result.expressions), _MOST_EXPRESSIONS)):
        hue = round(number * _GOLDEN_ANGLE) % 360
        own = f".r{number}"
        yield f".jaxmagic {own}{{--h:{hue}}}"
        yield (
            f".jaxmagic:has({own}:hover,{own}:focus) {own}"
            f"{{background:color-mix(in srgb,hsl({hue} 80% 50%) 50%,transparent)}}"
        )


def _classes(expressions: Sequence[int], *, is_direct: bool = True, is_noise: bool = False) -> str:
    linked = [number for number in expressions if number < _MOST_EXPRESSIONS]
    names = ["x", *(f"r{number}" for number in linked)] if linked else []
    names += ["d"] if linked and not is_direct else []
    names += ["n"] if is_noise else []
    return " ".join(names)


def source_pane(result: IR) -> str:
    """The source, each expression in its colour."""
    width = max((len(str(line.number)) for line in result.source), default=1)
    became = _became(result)
    pieces: list[str] = []
    seen: set[int] = set()
    label, number = "", 0
    for line in result.source:
        if line.label != label:
            label = line.label
            pieces.append(element("u", escape(label)) + "\n")
        elif line.number != number + 1:
            pieces.append(element("u", "…") + "\n")
        number = line.number
        pieces.append(element("u", f"{number:>{width}}  "))
        for piece in line.pieces:
            if piece.expression is None:
                pieces.append(escape(piece.text))
                continue
            first = piece.expression not in seen
            told = _of_expressions(became, [piece.expression])
            seen.add(piece.expression)
            pieces.append(
                element(
                    "span",
                    escape(piece.text),
                    class_=_classes([piece.expression]),
                    tabindex="0" if first else None,
                    title="\n".join(f"{title}: {words}" for title, words in told),
                )
            )
        pieces.append("\n")
    code = element("pre", "".join(pieces).rstrip("\n"), class_="jm-code")
    return fold("source", code, is_open=True, class_="jm-source")


def _pane(result: IR, stage: Stage) -> str:
    hidden = Counter(line.noise for line in stage.lines if line.noise)
    pieces: list[str] = []
    shown = 0
    for part in stage.main_first:
        if len(stage.parts) > 1 and shown < _MOST_LINES:
            head = element("span", escape(part.name), class_="jm-part")
            pieces.append(f"\n{head}\n" if pieces else f"{head}\n")
        pieces += [line_html(result, line) for line in part.lines[: max(_MOST_LINES - shown, 0)]]
        shown += len(part.lines)
    code = element("pre", "".join(pieces).rstrip("\n"), class_="jm-code")
    filters = _filter(hidden) if stage.name.startswith("hlo") else ""
    left = shown - _MOST_LINES
    below = f"{left:,} lines more: --stage {stage.name} shows all." if left > 0 else ""
    said = element("p", escape(below), class_="jm-dim") if below else ""
    title = f"{escape(stage.title)} · {len(stage.lines):,}"
    return fold(title, filters + code + said, is_open=stage.name in ("jaxpr", "hlo"))


def _filter(hidden: Counter[str]) -> str:
    """What is hidden, and the switch that shows it."""
    kinds = [units.plural(n, kind.replace("-", " ")) for kind, n in hidden.items()]
    if not kinds:
        return ""
    box = '<input type="checkbox" class="jm-noise">'
    return element("label", box, f" show {escape(', '.join(kinds))}")


def line_html(result: IR, line: Line) -> str:
    """A line of a stage."""
    classes = _classes(line.expressions, is_direct=line.is_direct, is_noise=bool(line.noise))
    code = _coloured(_without_usual_layouts(line.text) if line.shape else line.text, line.opcode)
    if not classes:
        return f"{code}\n"
    title = _tooltip(result, line) if line.shape else None
    if line.noise:
        return element("span", code, "\n", class_=classes, title=title)
    indent = len(code) - len(code.lstrip(" "))
    return f"{code[:indent]}{element('span', code[indent:], class_=classes, title=title)}\n"


def _without_usual_layouts(line: str) -> str:
    """A line without the layouts that are row-major."""

    def usual(found: re.Match[str]) -> str:
        order = [int(one) for one in found[1].split(",")]
        return "" if order == sorted(order, reverse=True) else found[0]

    return _ROW_MAJOR.sub(usual, line)


def _coloured(line: str, opcode: str) -> str:
    """A line with its operation in bold and types in a weaker colour."""
    pieces: list[str] = []
    start = 0
    spans = [(*found.span(), "i") for found in _TYPE.finditer(line)]
    if opcode and (found := re.search(rf"(?<![%\w.\-]){re.escape(opcode)}(?![\w\-])", line)):
        spans.append((*found.span(), "b"))
    for begin, end, name in sorted(spans):
        if begin >= start:
            pieces += [escape(line[start:begin]), element(name, escape(line[begin:end]))]
            start = end
    return "".join([*pieces, escape(line[start:])])


def _tooltip(result: IR, line: Line) -> str:
    """Of an instruction: what it does, how large its value is, where it came from."""
    said = [f"{line.opcode}: {MEANINGS[line.opcode]}" if line.opcode in MEANINGS else line.opcode]
    if (size := _size_bytes(line.shape)) is not None:
        said.append(f"{line.shape.partition('{')[0]}, {units.size(size)}")
    how = "from" if line.is_direct else "inferred from"
    said += [f"{how} {_expression(result, number)}" for number in line.expressions[:4]]
    return "\n".join(said)


def _size_bytes(shape: str) -> int | None:
    """The bytes of an array; None for tuples and what else there is.

    An element of less than a byte, such as of ``s4``, has one to itself, unless the layout says
    how many bits it has: ``s4[8]{0:E(4)}``.
    """
    found = _SHAPE.match(shape)
    if found is None:
        return None
    bits, sizes, packed = found.groups()
    bits_each = int(packed) if packed else max(8, int(bits or 8))
    return math.prod(map(int, filter(None, sizes.split(",")))) * bits_each // 8


def _passes(result: IR) -> list[str]:
    steps = result.history.steps
    if not steps[1:]:
        return []
    shown = 0
    folds = []
    for number in range(1, len(steps)):
        out, into = result.history.counts(number)
        most = min(_MOST_OF_PASS, max(_MOST_OF_PASSES - shown, 0))
        rows = list(islice(result.history.difference(number), most + 1))
        is_cut = len(rows) > most
        rows = rows[:most]
        shown += len(rows)
        code = element(
            "pre",
            "".join(changed_html(one.sign, result.line_of(one.line)) for one in rows).rstrip("\n"),
            class_="jm-code",
        )
        more = "There are more changed lines: --stage passes shows all." if is_cut else ""
        counts = element("span", f"-{out}", class_="jm-minus") + " "
        counts += element("span", f"+{into}", class_="jm-plus")
        counts = counts if out or into else "order only"
        head = f"{number} · {escape(_named(steps[number]))} {counts}"
        folds.append(fold(head, code, element("p", escape(more), class_="jm-dim")))
    lives = [
        element("li", f"{escape(name)}: {escape(', '.join(equations))}")
        for name, equations in _removed(result)
    ]
    said = f"passes of XLA ({len(steps) - 1} changed something)"
    found = [fold(said, element("div", *folds, class_="jm-passes"))]
    if lives:
        found.append(fold("equations of which nothing is left", element("ul", *lives)))
    return found


def changed_html(sign: str, line: Line) -> str:
    """A line that a pass took out or put in."""
    mark = element("span", sign, class_="jm-minus" if sign == "-" else "jm-plus")
    code = _coloured(_without_usual_layouts(line.text.strip()), line.opcode)
    classes = _classes(line.expressions)
    return f"{mark} {element('span', code, class_=classes) if classes else code}\n"
