"""The trees of a call side by side: leaves that belong together have one number and one colour."""

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
    return side_by_side(panels, result.summary)


def _label(side: Side) -> Label:
    texts = dict(side.texts)

    def label(place: Place, structure: Structure) -> str:
        # the rows of a matrix under each other
        return texts.get(place, structure.type_name).replace("], [", "],\n [")

    return label


def _mark(side: Side) -> Mark:
    numbers = {place: number for number, place in enumerate(side.places)}

    def mark(place: Place) -> str:
        above = (place[:length] for length in range(len(place) + 1))
        number = next((numbers[one] for one in above if one in numbers), None)
        return "" if number is None else f"leaf{number % DRAWN_LEAVES}"

    return mark
