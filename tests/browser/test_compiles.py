"""%jaxcache and %jaxdevices in a real JupyterLab: cells, lines and reasons, in both themes."""

import pytest

pytestmark = pytest.mark.browser

SETUP = "%load_ext jaxmagic\nimport jax, jax.numpy as jnp\nfrom functools import partial"
STEP = """@jax.jit
def step(params, x, rate=0.1):
    return jax.tree.map(lambda p: p - rate * x.sum(), params)

params = {"w": jnp.ones((3, 4)), "b": jnp.zeros(4)}
step(params, jnp.arange(3.0));"""
AGAIN = """%jaxcache --watch
"""
SHAPES = """for n in (4, 5):
    step(params, jnp.arange(float(n)))
jax.jit(partial(step, params))(jnp.arange(3.0));"""
QUESTIONS = ("%jaxcache", "%jaxcache --why", "%jaxcache --sum", "%jaxdevices", "%jaxcache --disk")


def test_what_was_compiled_and_why_is_readable_in_both_themes(
    lab, page, run_all, theme, screenshot, contrast, console_errors
):
    run_all(lab.write("compiles.ipynb", SETUP, STEP, AGAIN, SHAPES, *QUESTIONS))
    cache, why, sums, devices, disk = page.locator(".jp-OutputArea-output > .jaxmagic").all()
    watched = page.locator(".jp-CodeCell").nth(3).locator(".jp-OutputArea-output").inner_text()
    assert watched.startswith("jaxmagic: ")
    assert "step (shape) 2x" in watched
    reasons = [cell.inner_text() for cell in why.locator("td.jm-reason").all()]
    assert sum("shape of x: float32[4], was float32[3]" in reason for reason in reasons) == 1
    assert sum("shape of x: float32[5], was float32[" in reason for reason in reasons) == 1
    assert all("→" in reason for reason in reasons if "shape of x" in reason)
    places = [row.inner_text() for row in why.locator("tbody tr:has-text('step')").all()]
    assert any("4:2" in place for place in places)
    assert "In[4]:2" in sums.inner_text()
    assert "params['w']" in devices.inner_text()
    for name in ("light", "dark"):
        theme(name)
        for part, shown in (
            ("records", cache),
            ("why", why),
            ("sum", sums),
            ("devices", devices),
            ("disk", disk),
        ):
            shown.scroll_into_view_if_needed()
            screenshot(f"compiles-{part}-{name}", shown)
        assert contrast(".jaxmagic td") >= 4.5
        assert contrast(".jaxmagic td.jm-reason") >= 4.5
        assert contrast(".jaxmagic .jm-below") >= 4.5
    wide = "element => element.scrollWidth - element.clientWidth"
    assert all(shown.evaluate(wide) <= 1 for shown in (cache, why, sums, devices, disk))
    assert console_errors == []
