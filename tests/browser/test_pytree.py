"""%pytree in a real JupyterLab: both themes, untrusted, projected."""

import shutil
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[2] / "examples" / "pytrees.ipynb"
LOAD = "%load_ext jaxmagic\nimport jax\nimport jax.numpy as jnp"
SMALL = "%pytree {'w': [jnp.ones((3, 4)), jnp.zeros(4)], 'opt': (jnp.int32(0), None)}"
LARGE = """blocks = [
    {"attn": {"qkv": jnp.ones((8, 24)), "proj": jnp.ones((8, 8))}, "mlp": [jnp.ones((8, 32))] * 2}
    for _ in range(12)
]
%pytree {"blocks": blocks, "wte": {"embedding": jnp.ones((500, 8))}}"""
DIFF = "%pytree --diff {'a': [1, 2], 'b': jnp.ones((2, 3))}, {'a': [1], 'b': jnp.ones((3, 2))}"
OUTPUT = ".jp-OutputArea-output > .jaxmagic"


def all_drawn(page):
    """Whether every picture of the page was decoded and has a size."""
    sizes = page.locator("img[src^='data:image/svg+xml']").evaluate_all(
        "all => all.map(image => image.complete && image.naturalWidth * image.naturalHeight)"
    )
    return bool(sizes) and all(sizes)


def test_the_example_runs_and_is_readable_in_both_themes(
    lab, page, run_all, theme, screenshot, contrast, console_errors
):
    shutil.copy(EXAMPLE, lab.root)
    run_all("pytrees.ipynb")
    outputs = page.locator(OUTPUT)
    cells = [c for c in nbformat.read(EXAMPLE, as_version=4).cells if c.cell_type == "code"]
    assert outputs.count() == sum("%pytree" in cell.source for cell in cells)
    # the one that is meant to fail, before %pytree --why
    assert page.locator(".jp-OutputArea-output[data-mime-type$='stderr']").count() == 1
    assert all_drawn(page)
    sums = page.locator(".jp-CodeCell").filter(has_text="lambda x, y: x + y")
    screenshot("pytrees-cell", sums)  # the picture of the README
    for name in ("light", "dark"):
        theme(name)
        for number in range(outputs.count()):
            outputs.nth(number).scroll_into_view_if_needed()
            screenshot(f"pytrees-{name}-{number}", outputs.nth(number))
        assert contrast(".jaxmagic code") >= 4.5
        assert contrast(".jaxmagic summary") >= 4.5
    assert console_errors == []


def test_an_untrusted_notebook_still_says_everything(lab, page, run_all, theme, screenshot):
    run_all(lab.write("trusted-trees.ipynb", LOAD, SMALL, LARGE, DIFF))
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save').then(() => 0)")
    notebook = nbformat.read(lab.root / "trusted-trees.ipynb", as_version=4)
    notebook.cells[0].source += "  # changed by someone else, so not trusted"
    nbformat.write(notebook, lab.root / "untrusted-trees.ipynb")
    page.goto(f"{lab.url}/lab/tree/untrusted-trees.ipynb?reset&token={lab.token}")
    shown = page.locator(".jp-RenderedHTML")
    shown.nth(2).wait_for()
    assert page.locator(".jp-RenderedHTML style").count() == 0  # Lab took the style away
    assert shown.count() == 3
    assert all_drawn(page)
    small, large, diff = (shown.nth(number) for number in range(3))
    for part in ("3 leaves", "16 B", "opt"):
        assert part in small.text_content().replace("\xa0", " ")
    row = large.get_by_text("['embedding']").first
    opened(large, row)
    assert "f32[500,8]" in large.inner_text()
    assert "transposed?" in diff.inner_text()
    assert "['a'][1]" in diff.inner_text().replace("\xa0", " ") or "[1]" in diff.inner_text()
    for name in ("light", "dark"):
        theme(name)
        screenshot(f"pytree-untrusted-{name}")


def opened(output, row):
    """Click on what is folded, from the top, until ``row`` is seen."""
    for _ in range(10):
        if row.is_visible():
            return
        for summary in output.locator("details:not([open]) > summary").all():
            if summary.is_visible():
                summary.click()
    pytest.fail("it can't be opened by clicking")


def test_a_projector_shows_the_whole_row(lab, page, run_all, screenshot):
    run_all(lab.write("projected-trees.ipynb", LOAD, SMALL, LARGE, DIFF))
    page.evaluate("document.body.style.zoom = 2")
    for number in range(3):
        region = page.locator(OUTPUT).nth(number)
        region.scroll_into_view_if_needed()
        screenshot(f"pytree-projector-{number}")
        # what does not fit is reached by scrolling within the output, and nothing is cut off
        assert region.evaluate("e => getComputedStyle(e).overflowX") == "auto"
