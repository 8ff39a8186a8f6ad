"""%jaxir in a real JupyterLab: panes that light up with the source, in both themes."""

import pytest

pytestmark = pytest.mark.browser

SETUP = "%load_ext jaxmagic\nimport jax, jax.numpy as jnp"
LOSS = """def loss(x, w):
    y = jnp.sin(x @ w)
    z = jnp.where(y > 0, y, 0)
    return (z / z.sum()).mean()"""
ASK = "%jaxir jax.grad(loss)(f32[64, 64], f32[64, 64])"
STAGE = "%jaxir --stage jaxpr loss(f32[64, 64], f32[64, 64])"

STRONG = """(output, name) => [...output.querySelectorAll('.' + name)].map(
    span => getComputedStyle(span).backgroundColor)"""
CLASS = "span => [...span.classList].find(name => /^r\\d+$/.test(name))"


def test_pointing_at_an_expression_lights_up_what_became_of_it(
    lab, page, run_all, theme, screenshot, contrast, console_errors
):
    run_all(lab.write("ir.ipynb", SETUP, LOSS, ASK, STAGE))
    output, stage = page.locator(".jp-OutputArea-output > .jaxmagic").all()
    expression = output.locator(".jm-source span", has_text="jnp.sin(").first
    name = expression.evaluate(CLASS)
    page.mouse.move(0, 0)
    page.wait_for_timeout(200)
    weak = output.evaluate(STRONG, name)
    assert len(set(weak)) == 1  # the same colour in all panes
    panes = output.locator(f".jm-panes > details:has(.{name})")
    assert panes.count() == 5  # source, jaxpr, StableHLO, HLO before and after
    expression.hover()
    strong = output.evaluate(STRONG, name)
    assert len(set(strong)) == 1
    assert strong[0] != weak[0]
    screenshot("ir-hover-light", output)
    # from an instruction back to the source, and by the keyboard
    instruction = output.locator(f".jm-panes > details:last-child .{name}:visible").first
    instruction.hover()
    assert output.evaluate(STRONG, name) == strong
    other = output.locator(".jm-source span", has_text="x @ w").first
    other.focus()
    page.mouse.move(0, 0)
    page.wait_for_timeout(200)
    assert output.evaluate(STRONG, name) == weak
    assert set(output.evaluate(STRONG, other.evaluate(CLASS))) != set(output.evaluate(STRONG, name))
    # what is hidden is there when it is asked for
    hlo = output.locator(".jm-panes > details").last
    assert "parameter(0)" not in hlo.inner_text()
    hlo.locator(".jm-noise").check()
    assert "parameter(0)" in hlo.inner_text()
    hlo.locator(".jm-noise").uncheck()
    assert "dot_general" in stage.inner_text()
    assert "~" not in output.inner_text() + stage.inner_text()
    passes = output.locator("details", has_text="passes of XLA").first
    passes.locator("summary").first.click()
    passes.locator("details", has_text="algsimp").first.locator("summary").click()
    for shown in ("light", "dark"):
        theme(shown)
        output.scroll_into_view_if_needed()
        screenshot(f"ir-{shown}", output)
        for selector in (".jm-source span.x", ".jm-code i", ".jm-panes label", ".jm-plus"):
            assert contrast(f".jaxmagic {selector}") >= 4.5, (shown, selector)
    assert output.evaluate("element => element.scrollWidth - element.clientWidth") <= 1
    assert console_errors == []


MANY = """def many(x):
    for _ in range(300):
        x = jnp.sin(jnp.where(x > 0, x, 1.0))
    return x"""


def test_the_explorer_shows_any_stage_and_finds_what_is_sought(
    lab, page, run_all, theme, screenshot, console_errors
):
    run_all(lab.write("ir-all.ipynb", SETUP, MANY, "%jaxir -i many(f32[8])"))
    explorer = page.locator(".widget-vbox.jaxmagic")
    explorer.get_by_text("Lines 1 to 300 of").wait_for()
    explorer.get_by_role("combobox").select_option("HLO after passes")
    explorer.get_by_role("button", name="more").click()
    explorer.get_by_text("Lines 301 to 600 of").wait_for()
    explorer.get_by_placeholder("text in a line").fill("sine(")
    page.keyboard.press("Enter")
    explorer.get_by_text("that have “sine(”").wait_for()
    expression = explorer.locator(".jm-source span", has_text="jnp.sin(").first
    name = expression.evaluate(CLASS)
    page.mouse.move(0, 0)
    page.wait_for_timeout(200)
    weak = explorer.evaluate(STRONG, name)
    expression.hover()
    strong = explorer.evaluate(STRONG, name)
    assert len(strong) > 100
    assert len(set(strong)) == 1
    assert strong[0] != weak[0]
    for shown in ("light", "dark"):
        theme(shown)
        explorer.scroll_into_view_if_needed()
        screenshot(f"ir-explorer-{shown}", explorer)
    explorer.get_by_role("combobox").select_option("all passes: what each changed")
    explorer.locator(".jm-part", has_text="call-inliner").first.wait_for()
    screenshot("ir-explorer-all-passes", explorer)
    assert console_errors == []
