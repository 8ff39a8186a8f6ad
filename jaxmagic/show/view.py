"""A picture as text and as HTML."""

import base64
import re

from jaxmagic.show.markup import escape
from jaxmagic.show.picture import Picture

_READABLE = 0.7  # of 13 pixels, 9 remain
_PAGE = 600  # pixels that a page has at least


def text(picture: Picture) -> str:
    """What it shows, in words: a terminal shows no picture."""
    return f"[picture] {picture.alt}\n(.save('picture.svg') keeps it)"


def html(picture: Picture) -> str:
    """The picture as an ``img`` element; one that is too wide is made smaller, if not by much."""
    data = base64.b64encode(picture.svg.encode()).decode()
    source = f"data:image/svg+xml;base64,{data}"
    style = f"max-width:100%{_least_width(picture.svg)}"
    return f'<img alt="{escape(picture.alt)}" src="{source}" style="{style}">'


def _least_width(svg: str) -> str:
    """The width below which the words of a wide picture can't be read: the page scrolls instead."""
    found = re.match(r'<svg\b[^>]*? width="(\d+)[^"a-z]*"', svg)
    if found is None or int(found[1]) * _READABLE <= _PAGE:
        return ""
    return f";min-width:{round(int(found[1]) * _READABLE)}px"
