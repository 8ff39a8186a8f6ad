"""The widget of ``%jaxir -i``: any stage and any pass of a program of any size."""

from collections.abc import Iterator
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from jaxmagic.ir.pages import Pages
from jaxmagic.ir.result import IR
from jaxmagic.ir.view import changed_html, line_html, rules, source_pane, summary
from jaxmagic.show.explorer import ExplorerBox
from jaxmagic.show.markup import element, escape, fold, page


class Explorer(ExplorerBox):
    """The source beside one stage, or beside what a pass changed, a page of lines at a time.

    What is pointed at in one lights up in the other. Only what is shown is sent to the notebook.
    """

    def __init__(self, result: IR) -> None:
        self._result = result
        self._pages = Pages(result)
        title = element("p", escape(summary(result)), class_="jm-title")
        self._head = ipywidgets.HTML(page(title, label=f"explorer of {result.call}", sheets=()))
        self._rules = list(rules(result))
        self._source = source_pane(result)
        self._choice = ipywidgets.Dropdown(options=self._pages.titles, description="show")
        self._find = ipywidgets.Text(
            placeholder="text in a line", description="find", continuous_update=False
        )
        self._back = ipywidgets.Button(description="◂ back", tooltip="the lines before these")
        self._on = ipywidgets.Button(description="more ▸", tooltip="the lines behind these")
        self._status = ipywidgets.HTML()
        self._bar = ipywidgets.HBox([self._choice, self._find, self._back, self._on])
        self._panes = ipywidgets.HTML()
        super().__init__([self._head, self._bar, self._status, self._panes])
        self.add_class("jaxmagic")
        self._choice.observe(lambda _: self.show(self._choice.value), "value")
        self._find.observe(lambda _: self.find(self._find.value), "value")
        self._back.on_click(lambda _: self.turn(-1))
        self._on.on_click(lambda _: self.turn(1))
        self._show()

    def show(self, title: str) -> None:
        """Show a stage, or a pass, by its title in the list."""
        self._pages.choose(title)
        self._show()

    def find(self, text: str) -> None:
        """Show the lines that have ``text`` in them alone; all if it is empty."""
        self._pages.find(text)
        self._show()

    def turn(self, pages: int) -> None:
        """Go on by as many pages, or back."""
        self._pages.turn(pages)
        self._show()

    def _inside(self) -> Iterator[Any]:
        yield from (self._choice, self._find, self._back, self._on, self._status)
        yield from (self._head, self._bar, self._panes)

    def _said(self) -> tuple[str, str]:
        return summary(self._result), f"%jaxir {self._result.call} shows the program"

    def _show(self) -> None:
        """Send what is to be seen now."""
        code = element("pre", "".join(self._lines()).strip("\n"), class_="jm-code")
        stage = fold(escape(self._choice.value or ""), code, is_open=True)
        panes = element("div", self._source, stage, class_="jm-panes")
        self._panes.value = page(panes, label="lines", sheets=("ir",), rules=self._rules)
        said = element("span", escape(self._pages.said), role="status", class_="jm-dim")
        self._status.value = said
        before, behind = self._pages.has_more
        self._back.disabled, self._on.disabled = not before, not behind

    def _lines(self) -> Iterator[str]:
        heading = ""
        for row in self._pages.rows:
            if row.heading != heading:
                heading = row.heading
                yield f"\n{element('span', escape(heading), class_='jm-part')}\n"
            if row.sign:
                yield changed_html(row.sign, row.line)
            else:
                yield line_html(self._result, row.line)
