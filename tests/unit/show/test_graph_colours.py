"""The colours of pictures: words can be read on them, and all people can tell the leaves apart."""

import itertools
import re
from importlib.resources import files

import numpy as np
import pytest

INK = {"light": "#1f2328", "dark": "#e6e6e6"}
PAGE = {"light": "#ffffff", "dark": "#111111"}
# how those without one kind of cones see linear RGB: Machado, Oliveira and Fernandes (2009)
EYES = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# linear RGB to OKLab, where equal distances look equally different: Ottosson (2020)
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def sheets():
    """The rules of the style sheet for both themes: pairs of a selector and its declarations."""
    sheet = files("jaxmagic.show").joinpath("graph.css").read_text(encoding="utf-8")
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    light, _, dark = sheet.partition("@media (prefers-color-scheme: dark) {")
    rules = re.compile(r"([^{}]+)\{([^{}]*)\}")
    return {"light": rules.findall(light), "dark": rules.findall(dark)}


def linear(colour):
    parts = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """The ratio of luminances, as WCAG defines it."""
    weights = [0.2126, 0.7152, 0.0722]
    dark, light = sorted(weights @ linear(colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def colours(theme, name):
    found = {}
    for selectors, declarations in sheets()[theme]:
        for colour in re.findall(rf"(?:^|;|\s){name}:\s*(#[0-9a-f]{{6}})", declarations):
            found.update(dict.fromkeys(map(str.strip, selectors.split(",")), colour))
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_on_all_colours(theme):
    fills = colours(theme, "fill")
    words = {selector: colour for selector, colour in fills.items() if selector.endswith("text")}
    shapes = {selector: colour for selector, colour in fills.items() if selector not in words}
    assert words["text"] == INK[theme]
    assert colours(theme, "background") == {"svg": PAGE[theme]}
    assert len(shapes) > 15
    for selector, colour in {**shapes, "svg": PAGE[theme]}.items():
        assert contrast(colour, INK[theme]) >= 4.5, selector
    for selector, colour in words.items():
        assert contrast(colour, PAGE[theme]) >= 7, selector


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_frames_can_be_seen(theme):
    for selector, colour in colours(theme, "stroke").items():
        least = {".frame": 1.4, ".edge path": 3}.get(selector, 3)
        assert contrast(colour, PAGE[theme]) >= least, selector


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize(("theme", "name"), [("light", "fill"), ("dark", "stroke")])
def test_all_people_can_tell_the_leaves_apart(eyes, theme, name):
    of_leaves = [colours(theme, name)[f".leaf{number} polygon"] for number in range(8)]
    seen = [
        TO_LAB @ np.cbrt(TO_CONES @ np.clip(EYES[eyes] @ linear(colour), 0, None))
        for colour in of_leaves
    ]
    for (first, one), (second, other) in itertools.combinations(enumerate(seen), 2):
        assert np.linalg.norm(one - other) > 0.1, (first, second)
