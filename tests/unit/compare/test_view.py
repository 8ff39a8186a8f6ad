"""How a comparison is written, in text and in HTML, against the files in tests/golden.

``JAXMAGIC_GOLDEN=write pytest tests/unit/compare/test_view.py`` writes these files anew: look at
what has changed in them before you commit it.
"""

import re
from dataclasses import replace

import pytest

from jaxmagic import show
from jaxmagic.compare.result import Comparison
from jaxmagic.compare.view import warnings
from jaxmagic.show import TEXT_WIDTH


def test_the_text(golden, comparison):
    golden("golden/comparison.txt", f"{comparison}\n")


def test_the_html(golden, comparison):
    body = show.html(comparison).partition("</style>")[2]
    golden(
        "golden/comparison.html",
        re.sub(r"(?=<(?:p|t[hdr]|li|details|table|ul)\b)", "\n", body) + "\n",
    )


def test_the_text_is_at_most_100_columns_wide(comparison):
    lines = str(comparison).splitlines()
    assert max(map(len, lines)) <= TEXT_WIDTH == 100
    assert not any(line != line.rstrip() for line in lines)


def test_the_html_is_static_and_well_formed(seen, comparison):
    html = show.html(comparison)
    page = seen(html)
    assert page.open == []
    assert not {"script", "link", "iframe", "object", "input"} & set(page.elements)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]
    assert "http" not in html
    assert "url(" not in html
    assert "@import" not in html


def test_what_the_user_wrote_is_shown_and_never_taken_for_markup(seen, comparison):
    page = seen(show.html(comparison))
    assert comparison.call in page.words
    assert "Refused <b>" in page.words
    assert not {"b", "i"} & set(page.elements)


def words_of(text):
    return set(re.findall(r"[\w.]+", text))


def test_text_and_html_say_the_same(seen, comparison):
    said = " ".join(seen(show.html(comparison)).words)
    missing = words_of(str(comparison)) - words_of(said)
    # the title is a label in HTML, and a label that is cut in the text ends in a piece of a word
    assert missing <= {"of", "row", "rows", "timed", "5", "6", "el"}


def test_without_its_style_the_html_still_says_everything(seen, comparison):
    html = show.html(comparison)
    bare = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert seen(bare).words == seen(html).words
    assert "different result" in " ".join(seen(bare).words)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"interrupted": True, "rounds": 1}, "Interrupted: this is what was measured in 1 round."),
        (
            {"others_cores": 0.5, "cores": 4},
            "Other programs kept 0.5 of 4 cores busy meanwhile: ",
        ),
    ],
)
def test_what_must_be_read_first(comparison, changes, sentence):
    quiet = replace(comparison, interrupted=False, others_cores=None, rows=comparison.rows[:1])
    assert warnings(quiet) == []
    [said] = warnings(replace(quiet, **changes))
    assert said.startswith(sentence)
    assert warnings(replace(quiet, others_cores=0.39, cores=4)) == []


def test_rows_in_unlike_precision_are_warned_of_with_what_to_do(comparison):
    rows = {row.backend: row for row in comparison.rows}

    def said_of(*backends):
        chosen = tuple(rows[backend] for backend in backends)
        found = warnings(replace(comparison, interrupted=False, others_cores=None, rows=chosen))
        return [sentence for sentence in found if sentence.startswith("Not like")]

    [said] = said_of("python", "numba", "eager", "jit")
    assert said == (
        "Not like with like: JAX eager and JAX jit in 32 bits, Python (elements) and Numba in 64 "
        "bits. --x64 lets JAX compute in 64 bits."
    )
    assert said_of("python", "numba") == said_of("eager", "jit") == said_of("first", "eager") == []
    single = replace(rows["python"], dtypes=("float32",))
    rows["numpy"] = replace(single, backend="numpy", label="NumPy")
    assert said_of("numpy", "numba") == [
        "Not like with like: NumPy in 32 bits, Numba in 64 bits.",
    ]


def test_a_comparison_in_which_nothing_ran_can_be_shown(seen, comparison):
    nothing = replace(comparison, rows=comparison.rows[:1], rounds=0, device=None)
    assert "0 of 1 row timed" in str(nothing)
    assert "line 3 uses NumPy's sum & more" in str(nothing)
    assert seen(show.html(nothing)).open == []
    none = replace(nothing, rows=())
    assert "0 of 0 rows timed" in str(none)
    assert seen(show.html(none)).open == []


def test_a_result_read_back_from_json_is_shown_the_same(comparison):
    again = Comparison.from_json(comparison.to_json())
    assert str(again) == str(comparison)
    assert show.html(again) == show.html(comparison)


def test_bars_grow_with_the_time_on_a_logarithmic_scale(comparison):
    rows = [replace(comparison.rows[1], time_s=time_s) for time_s in (2e-6, 2e-5, 2e-4, 1e-3)]
    html = show.html(replace(comparison, rows=tuple(rows)))
    widths = [
        float(width) for width in re.findall(r"width:([\d.]+)%", html.partition("</style>")[2])
    ]
    assert widths[-1] == 100.0
    assert widths[1] - widths[0] == pytest.approx(widths[2] - widths[1], abs=0.11)
    assert widths[0] > 0
