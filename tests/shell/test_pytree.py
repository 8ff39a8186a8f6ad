"""%pytree as a user types it: what it answers, what it refuses, and what it leaves alone."""

import sys

import jax
import pytest
from IPython.core.error import UsageError

from jaxmagic.pytree.diff.result import Difference
from jaxmagic.pytree.look.result import PyTree
from jaxmagic.pytree.mapped.result import Mapped
from tests.shell.asked import answer, refusal

TREES = """
import jax
import jax.numpy as jnp
params = {"w": jnp.ones((3, 4)), "b": [jnp.zeros(4), None]}
grads = jax.tree.map(lambda p: 0.1 * p, params)
asked = []
def once():
    asked.append(1)
    return params
"""


@pytest.fixture
def ready_shell(shell):
    """Start a shell in which the trees are."""
    assert shell.run_cell(TREES, silent=True).success
    return shell


def test_a_tree_is_shown_with_its_name_and_its_totals(ready_shell, capsys):
    result = answer(ready_shell, "%pytree params")
    assert isinstance(result, PyTree)
    assert result.name == "params"
    assert (result.tree.top.leaves, result.tree.top.parameters) == (2, 16)
    said = capsys.readouterr().out
    for part in ("params", "2 leaves", "['w']", "f32[3,4]", "None"):
        assert part in said


def test_any_expression_will_do_and_is_evaluated_once(ready_shell):
    result = answer(ready_shell, "%pytree once()['b']  # a part")
    assert result.name == "once()['b']"
    assert ready_shell.user_ns["asked"] == [1]
    answer(ready_shell, "%pytree jax.tree.map(lambda x: x, once())")
    assert ready_shell.user_ns["asked"] == [1, 1]


def test_braces_and_dollars_are_python_not_variables_of_the_shell(ready_shell):
    result = answer(ready_shell, "%pytree {'a': {'params': 1}, '$asked': {}, '{params}': 2}")
    assert result.tree.top.keys == ("['$asked']", "['a']", "['{params}']")


def test_a_map_is_shown_with_its_operands_and_gives_its_value(ready_shell, capsys):
    result = answer(ready_shell, "%pytree jax.tree.map(lambda p, g: p - g, params, grads)")
    assert isinstance(result, Mapped)
    assert jax.tree.structure(result.value) == jax.tree.structure(ready_shell.user_ns["params"])
    said = capsys.readouterr().out
    for part in ("params", "grads", "['w']", "['b'][0]"):
        assert part in said


@pytest.mark.parametrize("flag", ["--depth 1", "--graph", "--stats", "--sharding"])
def test_with_a_flag_for_trees_a_map_is_the_tree_that_it_returns(ready_shell, flag):
    result = answer(ready_shell, f"%pytree {flag} jax.tree.map(jnp.sin, params)")
    assert isinstance(result, PyTree)
    assert result.tree.top.leaves == 2


def test_depth_is_the_number_of_levels(ready_shell, capsys):
    answer(ready_shell, "%pytree --depth 1 [[[1, 2], [3, 4, 5]], 6]")
    said = capsys.readouterr().out
    assert "[1]" in said
    assert "int" in said
    assert "list 3" not in said


def test_stats_read_the_values(ready_shell, capsys):
    answer(ready_shell, "%pytree --stats {'x': jnp.array([1.0, jnp.nan, 3.0]), 'y': 2}")
    said = capsys.readouterr().out
    for part in ("min", "max", "mean", "NaN"):
        assert part in said


def test_two_trees_are_compared(ready_shell, capsys):
    ready_shell.run_cell("restored = {'w': jnp.ones((4, 3)), 'b': [jnp.zeros(4), None], 'c': 1}")
    result = answer(ready_shell, "%pytree --diff params, restored")
    assert isinstance(result, Difference)
    assert {(fault.kind, fault.path) for fault in result.faults} == {
        ("shape", "['w']"),
        ("extra", "['c']"),
    }
    said = capsys.readouterr().out
    for part in ("params", "restored", "transposed?", "['c']"):
        assert part in said


def test_values_are_compared_when_asked_for(ready_shell):
    assert not answer(ready_shell, "%pytree --diff params, grads").faults
    (fault,) = answer(ready_shell, "%pytree --diff --values params, grads").faults
    assert (fault.kind, fault.path) == ("value", "['w']")


def test_a_prefix_is_explained(ready_shell):
    assert not answer(ready_shell, "%pytree --diff --prefix {'w': 0, 'b': None}, params").faults
    (fault,) = answer(ready_shell, "%pytree --prefix {'w': 0, 'b': (0, 1)}, params").faults
    assert fault.path == "['b']"


@pytest.mark.parametrize("compiled", ["", "jax.jit"])
def test_why_explains_a_map_that_failed(ready_shell, capsys, monkeypatch, compiled):
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        monkeypatch.setattr(sys, name, None, raising=False)
    assert "no error yet" in refusal(ready_shell, "%pytree --why")
    ready_shell.run_cell("other = {'w': 1.0, 'b': [1.0, 2.0]}", silent=True)
    call = f"{compiled}(lambda a, b: jax.tree.map(jnp.add, a, b))(params, other)"
    assert not ready_shell.run_cell(call).success
    capsys.readouterr()
    (fault,) = answer(ready_shell, "%pytree --why").faults
    assert fault.path == "['b'][1]"
    assert "[1]  None → f" in capsys.readouterr().out


def test_a_refused_line_does_not_hide_the_error_before(ready_shell, capsys):
    ready_shell.run_cell("other = {'w': 1.0, 'b': [1.0, 2.0]}", silent=True)
    ready_shell.run_cell("jax.tree.map(jnp.add, params, other)")
    for line in ("%pytree --wrong", "%pytree --diff params", "%pyrtee --why", "%%jaxcompare -x\n1"):
        assert isinstance(ready_shell.run_cell(line).error_in_exec, UsageError)
        (fault,) = answer(ready_shell, "%pytree --why").faults
        assert fault.path == "['b'][1]"
    ready_shell.run_cell("1 / 0")
    for _ in range(2):
        assert "of this ZeroDivisionError" in refusal(ready_shell, "%pytree --why")
    capsys.readouterr()


def test_the_picture_is_written_to_a_file(ready_shell, tmp_path):
    for number, code in enumerate(
        ["params", "--graph params", "jax.tree.map(jnp.sin, params)", "[params] * 40"]
    ):
        file = tmp_path / f"{number}.svg"
        answer(ready_shell, f"%pytree --svg {file} {code}")
        assert file.read_text(encoding="utf-8").rstrip().endswith("</svg>")


@pytest.mark.parametrize("quote", ["'", '"'])
def test_the_name_of_a_file_may_have_spaces(ready_shell, tmp_path, quote):
    answer(ready_shell, f"%pytree --svg {quote}{tmp_path}/a tree.svg{quote} params")
    assert [file.name for file in tmp_path.iterdir()] == ["a tree.svg"]


def test_the_result_is_kept_and_nothing_else_is(ready_shell):
    before = {name for name in ready_shell.user_ns if not name.startswith("_")}
    answer(ready_shell, "%pytree -o kept params")
    after = {name for name in ready_shell.user_ns if not name.startswith("_")}
    assert after - before == {"kept"}
    assert isinstance(ready_shell.user_ns["kept"], PyTree)


def test_an_error_of_the_users_code_is_the_users_own(ready_shell, capsys):
    done = ready_shell.run_cell("%pytree params['nothing']")
    assert isinstance(done.error_in_exec, KeyError)
    said = capsys.readouterr().out
    assert "from_text.py" not in said
    assert isinstance(ready_shell.run_cell("%pytree nobody").error_in_exec, NameError)
    done = ready_shell.run_cell("%pytree jax.tree.map(lambda p: p.nothing, params)")
    assert isinstance(done.error_in_exec, AttributeError)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%pytree", "%pytree params"),
        ("%pytree x = 3", "no Python expression"),
        ("%pytree params[", "no Python expression"),
        ("%pytree --diff params", "--diff params, restored"),
        ("%pytree --diff params, grads, params", "--diff params, restored"),
        ("%pytree --diff --graph params, grads", "--graph shows one tree"),
        ("%pytree --values params", "--values goes with --diff"),
        ("%pytree --why params", "--why stands alone"),
        ("%pytree --why --values", "--why stands alone"),
        ("%pytree --depth 0 params", "whole number above 0"),
        ("%pytree --depth", "expected one argument"),
        ("%pytree --deep params", "--deep"),
        ("%pytree --engine gnu params", "gnu"),
        ("%pytree --svg /nowhere/at/all.svg params", "/nowhere/at/all.svg can't be written: No"),
        ("%pytree -i --stats params", "--stats does not go with -i"),
        ("%pytree --svg a.svg -i params", "--svg does not go with -i"),
    ],
)
def test_a_mistake_gets_a_sentence(ready_shell, line, said):
    assert said in refusal(ready_shell, line)


def test_in_a_terminal_the_explorer_says_what_it_needs(ready_shell, capsys):
    done = ready_shell.run_cell("%pytree -i params")
    said = str(done.error_in_exec or "") + capsys.readouterr().out
    assert "notebook" in said
