"""Text for HTML that is full of paths."""

from jaxmagic.show.markup import escape


def terse(text: str) -> str:
    """``text`` escaped, but for the apostrophes of which paths are full.

    It must not stand between apostrophes.
    """
    return escape(text).replace("&#x27;", "'")
