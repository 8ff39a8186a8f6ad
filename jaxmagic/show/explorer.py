"""What every explorer is: a widget that frees what is in it, and says what it was when it is saved.

Needs ipywidgets; see ``jaxmagic.show.widgets``.
"""

from collections.abc import Iterable
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from jaxmagic.show.table import paragraph


class ExplorerBox(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A box of widgets, for as long as a kernel runs."""

    def _inside(self) -> Iterable[Any]:
        """All widgets that it has made."""
        raise NotImplementedError

    def _said(self) -> tuple[str, str]:
        """What is explored, in a line; and what shows it without a kernel, such as a magic."""
        raise NotImplementedError

    def close(self) -> None:
        """Free it and all widgets in it."""
        if getattr(self, "comm", None) is None:
            return  # as it is called again when it is collected
        for widget in self._inside():
            for part in (widget, widget.layout, getattr(widget, "style", None)):
                if part is not None:
                    part.close()
        self.layout.close()
        super().close()

    def __repr__(self) -> str:
        what, without = self._said()
        said = (
            f"{what}. This is an explorer: it needs a notebook whose kernel is running. {without} "
            "without."
        )
        return "\n".join(paragraph(said))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """What a notebook shows, and what a saved one still says."""
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = repr(self)
        return bundle
