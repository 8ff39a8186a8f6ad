"""The trees of a call side by side: leaves that belong together have one number and one colour."""

from collections.abc import Callable

from jaxmagic.pytree.drawing import Label, Mark, Panel, side_by_side
from jaxmagic.pytree.mapped.result import DRAWN_LEAVES, DRAWN_NODES, Mapped, Side
from jaxmagic.pytree.model import Place, Structure
from jaxmagic.show.graphviz import DrawingError
from jaxmagic.show.picture import Picture


def picture(result: Mapped) -> Picture:
    """The trees and the signs between them.

    Raises:
        DrawingError: they are too large, or could not be drawn.
    """
    if not result.drawn:
        problem = (
            f"Trees side by side are drawn up to {DRAWN_LEAVES} leaves and {DRAWN_NODES} nodes "
            "each: call it with a part of them, such as tree['layer_0']."
        )
        raise DrawingError(problem)
    panels: list[Panel | str] = []
    for number, side in enumerate(result.sides):
        if number:
            panels.append(result.between[number - 1])
        panels.append(Panel(side.tree, side.title, _label(side), _mark(side)))
    return side_by_side(panels, result.summary, engine=result.engine)


def _label(side: Side) -> Label:
    """The text of a leaf with its number below, so that colour is not all that says what meets."""
    texts, number_at = dict(side.texts), _numbers(side)

    def label(place: Place, structure: Structure) -> str:
        # the rows of a matrix under each other
        text = texts.get(place, structure.type_name).replace("], [", "],\n [")
        number = number_at(place)
        return text if number is None else f"{text}\n#{number}"

    return label


def _mark(side: Side) -> Mark:
    number_at = _numbers(side)

    def mark(place: Place) -> str:
        number = number_at(place)
        return "" if number is None else f"leaf{number % DRAWN_LEAVES}"

    return mark


def _numbers(side: Side) -> Callable[[Place], int | None]:
    """What tells for a place the number of the leaf that it belongs to."""
    numbers = {place: number for number, place in enumerate(side.places)}

    def number_at(place: Place) -> int | None:
        above = (place[:length] for length in range(len(place) + 1))
        return next((numbers[one] for one in above if one in numbers), None)

    return number_at
