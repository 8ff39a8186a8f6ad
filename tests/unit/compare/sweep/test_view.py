"""How a sweep is written, in text and in HTML, against the files in tests/golden.

``JAXMAGIC_GOLDEN=write pytest tests/unit/compare/sweep`` writes these files anew: look at what has
changed in them before you commit it.
"""

import re
import sys
from dataclasses import replace

import pytest

from jaxmagic import show
from jaxmagic.compare.result import Row
from jaxmagic.compare.sweep.result import Sweep
from jaxmagic.show import TEXT_WIDTH

# an older matplotlib beside a newer pyparsing
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:matplotlib")


@pytest.fixture
def without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def many(sweep, number):
    """The sweep with so many backends, all of the same times."""
    comparisons = tuple(
        comparison
        and replace(
            comparison,
            rows=tuple(
                replace(comparison["jit"], backend=f"b{n}", label=f"Some Backend (number {n})")
                for n in range(number)
            ),
        )
        for comparison in sweep.comparisons
    )
    return replace(sweep, comparisons=comparisons, stops=())


def test_the_text(golden, sweep):
    golden("golden/sweep.txt", f"{sweep}\n")


@pytest.mark.usefixtures("without_matplotlib")
def test_the_html(golden, sweep):
    body = show.html(sweep).partition("</style>")[2]
    one_fold = body.partition("n = 100: the whole comparison")[0]
    golden(
        "golden/sweep.html",
        re.sub(r"(?=<(?:p|t[hdr]|li|details|table|ul)\b)", "\n", one_fold) + "\n",
    )
    assert "The chart needs matplotlib: pip install matplotlib" in body


def test_the_text_is_at_most_100_columns_wide(sweep):
    for result in (sweep, many(sweep, 12)):
        lines = str(result).splitlines()
        assert max(map(len, lines)) <= TEXT_WIDTH
        assert not any(line != line.rstrip() for line in lines)
    assert str(many(sweep, 12)).count("* 110 µs") == 12


def test_the_html_is_static_and_well_formed(seen, sweep):
    pytest.importorskip("matplotlib")
    html = show.html(sweep)
    page = seen(html)
    assert page.open == []
    assert not {"script", "link", "iframe", "object", "input", "svg"} & set(page.elements)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]
    assert html.count("<style>") == 1
    assert "http" not in html
    assert "url(" not in html
    assert "@import" not in html
    [source] = [value for name, value in page.attributes if name == "src"]
    assert source.startswith("data:image/svg+xml;base64,")


def test_what_the_user_wrote_is_shown_and_never_taken_for_markup(seen, sweep):
    page = seen(show.html(sweep))
    assert sweep.call in page.words
    assert not {"b", "i", "this"} & set(page.elements)


def test_text_and_html_say_the_same(seen, sweep):
    said = " ".join(seen(show.html(sweep)).words)
    words = set(re.findall(r"[\w.~>≈]+", str(sweep)))
    assert words - set(re.findall(r"[\w.~>≈]+", said)) == set()


def test_without_its_style_the_html_still_says_everything(seen, sweep):
    html = show.html(sweep)
    bare = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert seen(bare).words == seen(html).words


def test_every_value_has_its_whole_comparison_in_a_fold(sweep):
    html = show.html(sweep)
    assert len(re.findall(r"<summary>n = [\d,]+: the whole comparison", html)) == 5
    assert html.count('class="jaxmagic"') == 1 + 5


def test_what_is_the_same_for_all_values_is_said_once(sweep):
    text = str(sweep)
    assert text.count("Static, so part of the program: n.") == 1
    assert text.count("Other programs kept 0.7 of 2 cores") == 1
    assert "certain (n = 1,000)." in text


def test_what_differs_in_its_figures_is_said_once_and_where(sweep):
    busy = tuple(
        comparison and replace(comparison, others_cores=0.5 + n / 10)
        for n, comparison in enumerate(sweep.comparisons)
    )
    text = " ".join(str(replace(sweep, comparisons=busy)).split())
    assert text.count("Other programs kept 0.5 of 2 cores") == 1
    assert "(n = 10; much the same at 100 to 100,000)." in text


def test_a_backend_that_ran_in_another_form_says_where(sweep):
    first = sweep.comparisons[0]
    rows = (*first.rows[:-1], replace(first["jit"], label="JAX jit (unrolled)"))
    changed = replace(sweep, comparisons=(replace(first, rows=rows), *sweep.comparisons[1:]))
    assert "JAX jit ran as JAX jit (unrolled) at n = 10." in str(changed)
    assert " ran as " not in str(sweep)


def test_of_many_crossings_those_of_the_fastest_are_told(sweep):
    comparisons = []
    for n, comparison in enumerate(sweep.comparisons[:-1]):
        rows = tuple(
            Row(f"b{k}", f"Backend {k}", time_s=1e-6 * (1 + k) * 10 ** (n * (8 - k) / 4))
            for k in range(7)
        )
        comparisons.append(replace(comparison, rows=rows))
    crowded = replace(sweep, comparisons=(*comparisons, None), stops=())
    told = [line for line in str(crowded).splitlines() if " overtakes " in line]
    assert len(crowded.crossings) == 21
    assert len(told) == 10
    assert sum("becomes the fastest" in line for line in told) == sum(
        crossing.leads for crossing in crowded.crossings
    )
    assert "· 11 more crossings in .crossings of the result." in str(crowded)


def test_a_sweep_of_one_value_and_one_in_which_nothing_ran_can_be_shown(seen, sweep):
    one = replace(sweep, values=(10,), comparisons=sweep.comparisons[:1], stops=())
    assert "fewer than two values have a time" in show.html(one)
    no = (Row("python", "Python", reason="No."),)
    refused = tuple(comparison and replace(comparison, rows=no) for comparison in sweep.comparisons)
    nothing = replace(sweep, comparisons=refused, stops=(), interrupted=False)
    assert "Python: No." in str(nothing)
    assert "Compiled" not in str(nothing)
    assert seen(show.html(nothing)).open == []
    none = replace(sweep, comparisons=(None,) * 6, stops=())
    assert seen(show.html(none)).open == []
    assert "6 values of n" in str(none)


def test_a_result_read_back_from_json_is_shown_the_same(sweep):
    again = Sweep.from_json(sweep.to_json())
    assert str(again) == str(sweep)
    assert show.html(again) == show.html(sweep)
