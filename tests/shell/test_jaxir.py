"""%jaxir as a user types it: what it answers, what it refuses, and what it leaves alone."""

import gc

import pytest

import jaxmagic
from jaxmagic.ir.result import IR, StageText
from tests.shell.asked import answer, refusal

IMPORTS = "import jax, jax.numpy as jnp"
F = """ran = []
def f(x, scale=2.0):
    ran.append(type(x).__name__)
    y = jnp.sin(x) * scale
    return y.sum()"""
BRANCHES = """def branches(x):
    if x.sum() > 0:
        return x
    return -x"""
ARRAYS = "x = jnp.ones((4, 3))\ndonating = jax.jit(lambda x: x + 1, donate_argnums=0)"


@pytest.fixture
def ready_shell(shell):
    """Start a shell in which the functions are, each in a cell of its own."""
    for cell in (IMPORTS, F, BRANCHES, ARRAYS):
        shell.run_cell(cell, store_history=True).raise_error()
    return shell


def test_a_call_is_shown_with_its_source_and_never_made(ready_shell, capsys):
    result = answer(ready_shell, "%jaxir f(x)")
    assert isinstance(result, IR)
    assert ready_shell.user_ns["ran"] == ["DynamicJaxprTracer"]  # traced, once
    assert [one.name for one in result.stages] == ["jaxpr", "stablehlo", "hlo-before", "hlo"]
    said = capsys.readouterr().out
    for words in ("f(x)", "In[2] line 4", "jnp.sin(x)", "fusion"):
        assert words in said, said
    assert "~" not in said


def test_it_is_recorded_as_a_compile_of_its_own(ready_shell):
    answer(ready_shell, "%jaxir f(x)")
    [record] = [one for one in jaxmagic.compiles().records if one.function == "f"]
    assert record.outcome == "compiled"
    assert record.reason.words == "compiled by %jaxir, to be shown"


@pytest.mark.parametrize("collecting", [True, False])
def test_garbage_is_collected_afterwards_if_it_was_before(ready_shell, collecting):
    was = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        answer(ready_shell, "%jaxir f(x)")
        assert gc.isenabled() == collecting
    finally:
        (gc.enable if was else gc.disable)()


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("jaxpr", "sin"),
        ("stablehlo", "stablehlo.sine"),
        ("hlo-before", "sine("),
        ("hlo", "ENTRY"),
        ("passes", "fusion"),
        ("lives", "sin"),
    ],
)
def test_a_stage_is_text(ready_shell, capsys, stage, words):
    shown = answer(ready_shell, f"%jaxir --stage {stage} f(x)")
    assert isinstance(shown, StageText)
    assert words in shown.text
    assert shown.text in capsys.readouterr().out


def test_it_may_be_assigned_and_kept_and_end_with_a_semicolon(ready_shell):
    answer(ready_shell, "kept = %jaxir f(f32[8])")
    answer(ready_shell, "%jaxir --stage hlo -o whole f(x, scale=3.0);")
    assert ready_shell.user_ns["kept"].call == "f(f32[8])"
    assert ready_shell.user_ns["whole"].call == "f(x, scale=3.0)"
    assert len(ready_shell.user_ns["whole"].stages) == 4


def test_the_program_without_tags_is_the_same(ready_shell, capsys):
    assert answer(ready_shell, "%jaxir --verify jax.grad(f)(x)").same_as_untagged is True
    assert "same" in capsys.readouterr().out


def test_what_is_donated_is_still_there(ready_shell):
    assert answer(ready_shell, "%jaxir donating(x)").name == "<lambda>"
    assert not ready_shell.user_ns["x"].is_deleted()


def test_the_explorer_is_a_widget_with_all_stages(ready_shell):
    widget = answer(ready_shell, "%jaxir -i f(x)")
    assert hasattr(widget, "_repr_mimebundle_") or hasattr(widget, "_ipython_display_")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("%jaxir", "write a call"),
        ("%jaxir f", "write a call, such as f(x)"),
        ("%jaxir f(", "is no Python"),
        ("%jaxir --stage llvm f(x)", "invalid choice: 'llvm'"),
        ("%jaxir --stage hlo -i f(x)", "leave one of them out"),
        ("%jaxir branches(x)", "In[3] line 2"),
    ],
)
def test_a_mistake_is_one_sentence(ready_shell, line, sentence):
    said = refusal(ready_shell, line)
    assert sentence in said


def test_an_error_of_the_function_is_the_users_own(ready_shell, capsys):
    answer(ready_shell, "def broken(x):\n    return x + nothing")
    done = ready_shell.run_cell("%jaxir broken(x)")
    assert isinstance(done.error_in_exec, NameError)
    assert "jaxmagic/ir" not in capsys.readouterr().out
