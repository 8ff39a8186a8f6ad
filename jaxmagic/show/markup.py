"""Pieces of static HTML: no script, no request, nothing that needs to be trusted.

What comes from the user is escaped here and nowhere else. The style only decorates: a notebook
that is not trusted drops it, and the text must still say everything.
"""

import html
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def escape(text: str) -> str:
    """``text`` for HTML; characters that control or reorder what is shown become visible."""
    return html.escape(_UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def element(name: str, *inner: str, **attributes: str | None) -> str:
    """``<name attribute="...">inner</name>``; ``class_`` is class, None leaves one out.

    ``inner`` is HTML, attribute values are text.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(inner)}</{name}>"


def fold(summary: str, *inner: str) -> str:
    """A part that opens when its summary (HTML) is clicked, without a script."""
    return element("details", element("summary", summary), *inner)


def page(*inner: str, label: str, sheets: Sequence[str] = ("table",)) -> str:
    """A whole result: its style, then ``inner``. ``label`` names it for screen readers.

    ``sheets`` are the style sheets of this folder that it needs beside ``base``.
    """
    style = "".join(map(sheet, ("base", *sheets)))
    body = element("div", *inner, class_="jaxmagic", role="region", aria_label=label)
    return f"<style>{style}</style>{body}"


@cache
def sheet(name: str) -> str:
    """A style sheet without its comments and line breaks: it travels with each output."""
    css = files("jaxmagic.show").joinpath(f"{name}.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", css)).strip()


def code_block(text: str) -> str:
    """``text`` as a block of code, its lines as they are."""
    return element("pre", element("code", escape(text)))
