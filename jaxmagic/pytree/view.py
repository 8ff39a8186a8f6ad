"""A tree as text and as HTML."""

from jaxmagic.pytree.result import PyTree
from jaxmagic.show.markup import code_block, page


def text(result: PyTree) -> str:
    """The tree as text, at most 100 columns wide."""
    return result.summary


def html(result: PyTree) -> str:
    """The tree as static HTML."""
    return page(code_block(text(result)), label=result.summary, sheets=())
