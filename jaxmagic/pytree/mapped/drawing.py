"""The trees of a call side by side: leaves that belong together have one number and one colour."""

from jaxmagic.pytree.drawing import Label, Mark, Panel, side_by_side
from jaxmagic.pytree.mapped.result import DRAWN_LEAVES, Mapped, Side
from jaxmagic.pytree.model import Place, Structure
from jaxmagic.show.picture import Picture


def picture(result: Mapped, alt: str) -> Picture:
    """The trees and the signs between them; ``alt`` says what they are.

    Raises:
        DrawingError: it could not be drawn.
    """
    panels: list[Panel | str] = []
    for number, side in enumerate(result.sides):
        if number:
            panels.append(result.between[number - 1])
        panels.append(Panel(side.tree, side.title, _label(side), _mark(side)))
    return side_by_side(panels, alt)


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
