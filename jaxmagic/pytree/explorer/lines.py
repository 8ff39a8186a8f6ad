"""The lines of an explorer: those of an outline, with columns of a fixed width."""

from jaxmagic.pytree.columns import bar, fit, percent, width
from jaxmagic.pytree.explorer.opened import Node, Opened
from jaxmagic.pytree.outline import measure
from jaxmagic.pytree.short import leaf_text, structure_text
from jaxmagic.show import units
from jaxmagic.show.markup import element, escape

LABEL = 44
_TYPE = 22
_DEEP = 10  # levels whose lines are drawn
_CHIPS = {"dict": "d", "list": "l", "tuple": "t", "namedtuple": "o", "object": "o"}
_WRONG = "e"


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

    def label(self, node: Node) -> str:
        """The mark that says whether it is open, the lines of the tree, and the label."""
        here = self._opened.structure(node)
        mark = ("▸ " if node.below is None else "▾ ") if here.children else "  "
        label = node.part.label if node.above else self._name
        if node.part.times > 1:
            label += f" {node.part.times:,}×"
        lead = self._lead(node)
        label = lead + fit(label, max(LABEL - width(lead) - 2, 8))
        return mark + _padded(label, LABEL)

    def columns(self, node: Node) -> str:
        """What stands behind the label, as HTML: type, parameters, bytes and share."""
        here = self._opened.structure(node)
        text = leaf_text(here) if here.is_leaf else structure_text(here)
        text = fit(text, _TYPE)
        chip = _WRONG if here.kind in ("cycle", "error") else _CHIPS.get(here.kind)
        kind = element("span", escape(text), class_=chip) if chip else escape(text)
        weight = node.part.weight
        share = weight * self._measure.of(here) / self._whole
        parameters, size_bytes = weight * here.parameters, weight * here.size_bytes
        said = " · ".join(filter(None, [here.note, here.sharding, here.static]))
        return (
            f"{kind}{' ' * (_TYPE + 2 - width(text))}"
            f"{units.count(parameters) if parameters else '':>7}  "
            f"{units.size(size_bytes) if size_bytes else '':>9}  "
            f"{element('span', bar(share))}{' ' * (9 - len(bar(share)))}{escape(f'{percent(share):>7}')}"
            + (f"  {escape(said)}" if said else "")
        )

    def whole(self, node: Node, *, is_sought: bool = False) -> str:
        """The line of a row that can't be opened, as HTML."""
        label = self.label(node)
        bare = label.strip()
        return label.replace(bare, element("b", escape(bare)), 1) + self.columns(node) + _sought(
            is_sought
        )

    def told(self, node: Node) -> str:
        """What is to be known of an open row, as a line of HTML; empty if nothing."""
        times = node.part.times
        if times == 1:
            return ""
        lead = "  " + self._inner(node)
        return f"{escape(lead)}all {times:,} are alike: shown once, figures are the sums of all"

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


def sought(text: str) -> str:
    """The HTML of a line that was gone to."""
    return text + _sought(is_sought=True)


def _sought(is_sought: bool) -> str:  # noqa: FBT001  a part of a line
    return element("b", "  ◂ here") if is_sought else ""


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))
