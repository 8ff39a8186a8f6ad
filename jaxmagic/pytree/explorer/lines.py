"""The lines of an explorer: those of an outline, with columns of a fixed width."""

from jaxmagic.pytree.explorer.opened import Node, Opened
from jaxmagic.pytree.look.columns import bar, fit, percent, width
from jaxmagic.pytree.look.outline import measure
from jaxmagic.pytree.short import leaf_text, structure_text
from jaxmagic.show import units
from jaxmagic.show.markup import element, escape

LABEL = 40
_SHORTEST = 8
_TYPE = 22
_DEEP = 10  # levels whose lines are drawn
_CHIPS = {"dict": "d", "list": "l", "tuple": "t", "namedtuple": "o", "object": "o"}


class Lines:
    """What is written in the rows of ``opened``, whose root is called ``name``."""

    def __init__(self, opened: Opened, name: str) -> None:
        self._opened = opened
        self._name = name
        self._measure = measure(opened.tree)
        self._whole = self._measure.of(opened.tree.top) or 1

    @property
    def titles(self) -> str:
        """The line of column titles."""
        share = f"of {self._measure.word}"
        return f"{'':{LABEL + 2}}{'':{_TYPE + 2}}{'params':>7}  {'bytes':>9}  {share}"

    def label(self, node: Node, *, is_sought: bool = False) -> str:
        """The mark that says whether it is open, the lines of the tree, and the label."""
        here = self._opened.structure(node)
        mark = ("▸ " if node.below is None else "▾ ") if here.children else "  "
        label = node.part.label if node.above else self._name
        behind = f" {node.part.times:,}×" if node.part.times > 1 else ""  # noqa: RUF001  times
        if is_sought:
            behind += " ◂ here"
        lead = self._lead(node)
        label = lead + fit(label, max(LABEL - width(lead + behind), _SHORTEST)) + behind
        return mark + label + " " * max(LABEL - width(label), 1)

    def columns(self, node: Node) -> str:
        """What stands behind the label, as HTML: type, parameters, bytes and share."""
        here = self._opened.structure(node)
        text = fit(leaf_text(here) if here.is_leaf else structure_text(here), _TYPE)
        chip = _CHIPS.get(here.kind)
        title = " · ".join(filter(None, [here.sharding, here.static, *here.words]))
        kind = element("span" if chip else "i", escape(text), class_=chip, title=title or None)
        weight = node.part.weight
        share = weight * self._measure.of(here) / self._whole
        parameters, size_bytes = weight * here.parameters, weight * here.size_bytes
        drawn, part = bar(share), escape(percent(share).rjust(7))
        return (
            f"{kind}{' ' * (_TYPE + 2 - width(text))}"
            f"{units.count(parameters) if parameters else '':>7}  "
            f"{units.size(size_bytes) if size_bytes else '':>9}  "
            f"{element('span', drawn)}{' ' * (9 - len(drawn))}{part}"
        )

    def whole(self, node: Node) -> str:
        """The line of a row that can't be opened, as HTML."""
        label = self.label(node)
        lead = "  " + self._lead(node)
        bare = label[len(lead) :].rstrip()
        blank = " " * (len(label) - len(lead) - len(bare))
        return f"{lead}{element('b', escape(bare))}{blank}{self.columns(node)}"

    def told(self, node: Node) -> list[str]:
        """What must be said of a row, as lines of HTML below it."""
        times, note = node.part.times, self._opened.structure(node).note
        said = []
        if times > 1 and node.below is not None:
            said.append(f"all {times:,} are alike: shown once, figures are the sums of all")
        if note:
            said.append(element("span", f"! {escape(note)}", class_="r"))
        lead = "  " + self._inner(node)
        return [lead + sentence for sentence in said]

    def left(self, node: Node, number: int, page: int, *, before: bool) -> str:
        """The text of the button that shows more children of an open row."""
        where = "before" if before else "more"
        return f"  {self._inner(node)}… {min(number, page):,} {where} (of {number:,})"

    def _lead(self, node: Node) -> str:
        if node.above is None:
            return ""
        return self._inner(node.above) + ("└─" if self._is_last(node) else "├─")

    def _inner(self, node: Node) -> str:
        """The lines of the tree before what is below ``node``."""
        ways = [one for one in [node, *node.ways()] if one.above is not None]
        lead = "".join("  " if self._is_last(one) else "│ " for one in reversed(ways[:_DEEP]))
        hidden = len(ways) - _DEEP
        return f"…{hidden} {lead}" if hidden > 0 else lead

    def _is_last(self, node: Node) -> bool:
        above = node.above
        return above is None or node.end == len(self._opened.structure(above).children)
