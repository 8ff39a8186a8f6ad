"""The widget of an explorer: a row is a button and what stands behind it.

Leaves that follow each other are one piece of HTML. So there are some hundred widgets at most,
whatever is opened.
"""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from jaxmagic.pytree.explorer.lines import Lines
from jaxmagic.pytree.explorer.opened import PAGE, Node, Opened
from jaxmagic.pytree.explorer.paths import PathError, place_of
from jaxmagic.pytree.model import Tree
from jaxmagic.show import units
from jaxmagic.show.explorer import ExplorerBox
from jaxmagic.show.markup import element, escape, page, sheet

_HINT = "a path, such as ['blocks'][3]"
_SHEETS = ("tree", "explorer")
_WIDE = ("jm-wide",)


class Explorer(ExplorerBox):
    """A tree whose rows open when they are clicked.

    Only what is open has widgets; what is closed loses them. It holds the model of the tree.
    """

    def __init__(self, tree: Tree, name: str) -> None:
        self._name = name
        self._totals = _totals(tree)
        self._opened = Opened(tree)
        self._lines = Lines(self._opened, name)
        self._sought: Node | None = None
        self._buttons: dict[Node, tuple[Any, Any]] = {}
        self._texts: list[Any] = []
        self._turners: list[Any] = []
        title = element(
            "p", element("code", escape(name)), f" {escape(self._totals)}", class_="jm-title"
        )
        of_rows = [sheet(name_of_sheet) for name_of_sheet in _SHEETS]  # which are other widgets
        self._head = ipywidgets.HTML(
            page(title, label=f"explorer of {name}", sheets=(), rules=of_rows)
        )
        self._path = ipywidgets.Text(
            placeholder=_HINT, description="go to", continuous_update=False
        )
        self._go = ipywidgets.Button(description="Go", tooltip="open the way to this path")
        self._bar = ipywidgets.HBox([self._path, self._go])
        self._status = ipywidgets.HTML()
        self._rows = ipywidgets.GridBox()
        super().__init__([self._head, self._bar, self._status, self._rows])
        for widget, name_of_style in (
            (self, "jaxmagic"),
            (self, "jm-explorer"),
            (self._bar, "jm-goto"),
            (self._rows, "jm-rows"),
        ):
            widget.add_class(name_of_style)
        self._path.observe(lambda _: self.go(self._path.value), "value")
        self._go.on_click(lambda _: self.go(self._path.value))
        self._show()

    def go(self, path: str) -> None:
        """Open the way to ``path``, and say where it is, or that there is none."""
        self._sought = None
        if not path.strip():
            self._say("")
            return
        try:
            place = place_of(self._opened.tree, path, self._name)
            self._sought = node = self._opened.go(place)
        except PathError as error:
            self._say(str(error))
            self._show()
            return
        folded = [one for one in [node, *node.ways()] if one.part.times > 1]
        where = self._opened.tree.path(place) or self._name
        said = f"{where} is marked “here”."
        if folded:
            one = folded[-1]
            said += f" It is shown for {one.part.label}, which are {one.part.times:,} alike."
        self._say(said)
        self._show()
        self._buttons[node][0].focus()

    def _inside(self) -> Iterator[Any]:
        yield from itertools.chain(*self._buttons.values(), self._texts, self._turners)
        yield from (self._head, self._path, self._go, self._bar, self._status, self._rows)

    def _said(self) -> tuple[str, str]:
        return f"{self._name}: {self._totals}", f"%pytree {self._name} shows the tree"

    def _say(self, sentence: str) -> None:
        self._status.value = element("span", escape(sentence), role="status", class_="jm-dim")

    def _clicked(self, node: Node) -> None:
        if not self._opened.structure(node).children:
            return
        self._say("")
        if node.below is None:
            self._tell(self._opened.open(node))
        else:
            self._opened.close(node)
        self._show()

    def _turn(self, node: Node, change: Callable[[Node], int], _button: Any) -> None:
        self._tell(change(node))
        self._show()

    def _tell(self, closed: int) -> None:
        if closed:
            self._say(f"Closed {units.plural(closed, 'row')} opened earlier, to make room.")

    def _show(self) -> None:
        """Make the widgets of what is open, and free those of what is not."""
        before, self._buttons = self._buttons, {}
        texts, self._texts = self._texts, []
        unused, self._turners = self._turners, []
        self._rows.children = list(self._widgets(before, texts))
        gone = (pair for node, pair in before.items() if node not in self._buttons)
        for widget in itertools.chain(*gone, texts, unused):
            widget.close()

    def _widgets(self, before: dict[Node, tuple[Any, Any]], texts: list[Any]) -> Iterator[Any]:
        """The widgets to show; those of ``before`` and of ``texts`` are used again."""
        lines = [escape(self._lines.titles)]
        for piece in [*self._pieces(), None]:
            if isinstance(piece, str):
                lines.append(piece)
                continue
            if lines:
                yield self._text("\n".join(lines), texts)
                lines = []
            if isinstance(piece, Node):
                yield from self._row(piece, before.get(piece))
            elif piece is not None:
                yield piece

    def _pieces(self) -> Iterator[str | Node | Any]:
        """In order: lines of HTML, rows that can be opened, and buttons for more."""
        waiting: list[Node | Callable[[], Any]] = [self._opened.root]
        while waiting:
            node = waiting.pop()
            if not isinstance(node, Node):
                yield node()
            elif not self._opened.structure(node).children and node is not self._sought:
                yield self._lines.whole(node)
                yield from self._lines.told(node)
            else:
                yield node
                yield from self._lines.told(node)
                if self._opened.left_before(node):
                    yield self._turner(node, before=True)
                if self._opened.left_behind(node):
                    waiting.append(partial(self._turner, node, before=False))
                waiting += reversed(node.below or [])

    def _row(self, node: Node, widgets: tuple[Any, Any] | None) -> tuple[Any, Any]:
        label = self._lines.label(node, is_sought=node is self._sought)
        says = "open" if node.below is None else "close"
        says = says if self._opened.structure(node).children else ""
        columns = _pre(self._lines.columns(node))
        if widgets is None:
            button = ipywidgets.Button(description=label, tooltip=says, **self._shared(self._go))
            button.on_click(lambda _: self._clicked(node))
            widgets = button, ipywidgets.HTML(columns, **self._shared(self._head))
        else:
            widgets[0].description, widgets[0].tooltip = label, says
        self._buttons[node] = widgets
        return widgets

    def _turner(self, node: Node, *, before: bool) -> Any:
        opened = self._opened
        number = opened.left_before(node) if before else opened.left_behind(node)
        text = self._lines.left(node, number, PAGE, before=before)
        button = ipywidgets.Button(description=text, **self._shared(self._go), _dom_classes=_WIDE)
        button.on_click(partial(self._turn, node, opened.before if before else opened.more))
        self._turners.append(button)
        return button

    def _text(self, html: str, texts: list[Any]) -> Any:
        if texts:
            widget = texts.pop()
            widget.value = _pre(html)
        else:
            widget = ipywidgets.HTML(_pre(html), **self._shared(self._head), _dom_classes=_WIDE)
        self._texts.append(widget)
        return widget

    def _shared(self, like: Any) -> dict[str, Any]:
        """Layout and style, which a widget would have of its own, three comms instead of one."""
        return {"layout": self._head.layout, "style": like.style}


def _pre(html: str) -> str:
    return element("pre", html, class_="jm-tree")


def _totals(tree: Tree) -> str:
    top = tree.top
    leaves = f"{top.leaves:,} {'leaf' if top.leaves == 1 else 'leaves'}"
    return (
        f"{leaves}, {units.count(top.parameters)} parameters, {units.size(top.size_bytes)}, "
        f"{units.plural(top.depth, 'level')}"
    )
