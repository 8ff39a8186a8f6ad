"""The explorer in a real JupyterLab: a million leaves, opened by click and keyboard."""

import pytest

pytestmark = pytest.mark.browser

START = "import numpy as np\nfrom jaxmagic.pytree.explorer import explore"
MILLION = """block = lambda: {"attn": {"qkv": np.ones((8, 24)), "out": np.ones((8, 8))},
                 "mlp": [np.ones((8, 32), "float16"), np.ones(32)]}
params = {
    "blocks": tuple(block() for _ in range(12)),
    "<b>hostile</b>": np.ones(3),
    "step": 3,
    "table": [np.float32(1) if n % 2 else n for n in range(1_000_000)],
}
explore(params, "params")"""


def test_a_million_leaves_open_by_click_and_by_keyboard(
    lab, page, run_all, theme, screenshot, console_errors
):
    run_all(lab.write("explorer.ipynb", START, MILLION))
    explorer = page.locator(".jm-explorer")
    explorer.get_by_text("1,000,050 leaves").wait_for()
    rows = explorer.locator(".jm-rows")
    row(rows, "['table']").click()
    rows.get_by_role("button", name="50 more (of 999,950)").wait_for()
    assert "[49]" in rows.inner_text()
    assert "[50]" not in rows.inner_text()
    rows.get_by_role("button", name="50 more (of 999,950)").click()
    rows.get_by_role("button", name="50 more (of 999,900)").wait_for()
    assert "[50]" in rows.inner_text()
    row(rows, "['table']").click()
    rows.get_by_role("button", name="50 more").wait_for(state="detached")

    row(rows, "['blocks']").focus()
    page.keyboard.press("Enter")
    row(rows, "[0…11] 12").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    row(rows, "['mlp']").wait_for()

    explorer.get_by_placeholder("a path").fill("['blocks'][3]['attn']['out']")
    page.keyboard.press("Enter")
    explorer.get_by_text("◂ here").wait_for()
    page.wait_for_function("document.activeElement.innerText.includes(\"['out'] ◂ here\")")
    assert "which are 12 alike" in explorer.inner_text()
    assert "<b>hostile</b>" in rows.inner_text()
    for name in ("light", "dark"):
        theme(name)
        explorer.scroll_into_view_if_needed()
        screenshot(f"explorer-{name}")
    explorer.get_by_placeholder("a path").fill("['blocks'][30]")
    page.keyboard.press("Enter")
    explorer.get_by_text("There is no [30]: ['blocks'] has [0], [1], [2], …, [11].").wait_for()
    assert console_errors == []


def row(rows, label):
    return rows.get_by_role("button", name=label)
