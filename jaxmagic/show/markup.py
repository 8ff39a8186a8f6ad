"""Pieces of static HTML: no script, no request, nothing that needs to be trusted.

What comes from the user is escaped here and nowhere else. The style only decorates: a notebook
that is not trusted drops it, and the text must still say everything.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}
_RULE = re.compile(r"([^{}]+)\{[^{}]*\}")


def escape(text: str) -> str:
    """``text`` for HTML; characters that control or reorder what is shown become visible.

    Apostrophes, of which paths are full, stay: what is escaped stands between double quotes.
    """
    seen = _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return seen.translate(_ENTITIES)


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


def fold(summary: str, *inner: str, is_open: bool = False, class_: str | None = None) -> str:
    """A part that opens when its summary (HTML) is clicked, without a script."""
    opened = "" if is_open else None
    return element("details", element("summary", summary), *inner, class_=class_, open=opened)


def page(
    *inner: str, label: str, sheets: Sequence[str] = ("table",), rules: Sequence[str] = ()
) -> str:
    """A whole result: its style, then ``inner``. ``label`` names it for screen readers.

    ``sheets`` are the style sheets of this folder that it needs beside ``base``; rules for what
    is not there are left out. ``rules`` are its own, and those of what comes later.
    """
    body = element("div", *inner, class_="jaxmagic", role="region", aria_label=label)
    there = set(re.findall(r"<([a-z]+\d*)", body))
    for classes in set(re.findall(r'class="([^"]*)"', body)):
        there |= {f".{name}" for name in classes.split()}
    sheet_rules = _RULE.finditer("".join(map(sheet, ("base", *sheets))))
    style = "".join(rule[0] for rule in sheet_rules if _applies(rule[1], there))
    style += "".join(rules)
    for name in re.findall(r"(--jm-\w+):", style):
        if f"var({name})" not in style + body:
            style = re.sub(f"{name}:[^;}}]*;?", "", style)
    return f"<style>{style}</style>{body}"


def _applies(selectors: str, there: set[str]) -> bool:
    """Whether one of the selectors has only elements and classes that are ``there``."""
    plain = re.sub(r"::?[\w-]+(\([^)]*\))?|\[[^]]*\]", "", selectors)
    return any(
        there.issuperset(re.findall(r"\.[\w-]+|[a-z]+\d*", selector))
        for selector in plain.split(",")
    )


@cache
def sheet(name: str) -> str:
    """A style sheet without its comments and line breaks: it travels with each output."""
    css = files("jaxmagic.show").joinpath(f"{name}.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s*([{};,]|:(?= ))\s*", r"\1", re.sub(r"\s+", " ", css))
    return css.replace(";}", "}").strip()


def code_block(text: str) -> str:
    """``text`` as a block of code, its lines as they are."""
    return element("pre", element("code", escape(text)))
