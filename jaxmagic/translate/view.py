"""A translation as text and as HTML."""

from jaxmagic.show import units
from jaxmagic.show.markup import code_block, escape, fold, page
from jaxmagic.translate.result import Translation


def text(translation: Translation) -> str:
    """The source, ready to be copied into a cell."""
    return translation.source.rstrip("\n")


def html(translation: Translation) -> str:
    """The source in a fold that is open, as a page of its own."""
    shown = folded(translation).replace("<details>", "<details open>", 1)
    return page(shown, label=_title(translation))


def folded(translation: Translation) -> str:
    """The source in a fold, as a piece of a page."""
    return fold(escape(_title(translation)), code_block(text(translation)))


def _title(translation: Translation) -> str:
    return f"{translation.name}: {units.plural(translation.loops, 'loop')} as lax"
