"""A picture as text and as HTML."""

import base64

from jaxmagic.show.markup import escape
from jaxmagic.show.picture import Picture


def text(picture: Picture) -> str:
    """What it shows, in words: a terminal shows no picture."""
    return f"[picture] {picture.alt}\n(.save('picture.svg') keeps it)"


def html(picture: Picture) -> str:
    """The picture as an ``img`` element."""
    data = base64.b64encode(picture.svg.encode()).decode()
    source = f"data:image/svg+xml;base64,{data}"
    return f'<img alt="{escape(picture.alt)}" src="{source}" style="max-width:100%">'
