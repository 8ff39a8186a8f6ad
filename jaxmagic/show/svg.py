"""What Graphviz draws, as SVG that has shapes and text only, with our colours for both themes."""

import unicodedata
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from jaxmagic.show.markup import sheet

NAMESPACE = "http://www.w3.org/2000/svg"
ELEMENTS = frozenset({"svg", "g", "path", "polygon", "polyline", "ellipse", "text"})
ATTRIBUTES = frozenset(
    {
        *("class", "transform", "viewBox", "width", "height"),
        *("d", "points", "x", "y", "cx", "cy", "rx", "ry"),
        *("fill", "stroke", "stroke-width", "stroke-dasharray"),
        *("text-anchor", "font-family", "font-size", "font-weight"),
    }
)


def plain(written: bytes) -> Element:
    """The SVG that Graphviz wrote without anything but shapes and text.

    Its width and height are in pixels: a font size of 14 is that of the page around it.

    Raises:
        ValueError: it is no SVG.
    """
    try:
        source = fromstring(written)  # noqa: S314  Graphviz wrote it; there are no entities in it
    except ParseError as error:
        problem = f"what it wrote is no SVG ({error})"
        raise ValueError(problem) from None
    drawn = _copied(source)
    _, _, width, height = map(float, source.get("viewBox", "0 0 0 0").split())
    drawn.set("width", f"{width:g}")
    drawn.set("height", f"{height:g}")
    return drawn


def _copied(source: Element) -> Element:
    """A copy of what is allowed. Graphviz nests four levels, so this may recurse."""
    copy = Element(_name(source.tag))
    copy.attrib.update((key, value) for key, value in source.items() if key in ATTRIBUTES)
    if copy.tag == "text":
        copy.text = (source.text or "").replace("\xa0", " ")
    copy.extend(_copied(child) for child in _kept(source))
    return copy


def _kept(source: Element) -> Iterator[Element]:
    for child in source:
        if isinstance(child.tag, str) and _name(child.tag) in ELEMENTS:
            yield child


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def picture(drawn: Element) -> str:
    """The text of an SVG file, with its style."""
    style = Element("style")
    style.text = sheet("graph")
    root = Element("svg", {"xmlns": NAMESPACE, "xml:space": "preserve", **drawn.attrib})
    root.append(style)
    root.extend(drawn)
    return tostring(root, encoding="unicode")


def code_width(text: str, size: float) -> float:
    """How wide ``text`` is in a font of code of this size: its characters are 0.6 as wide."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return 0.602 * size * (len(text) + wide)
