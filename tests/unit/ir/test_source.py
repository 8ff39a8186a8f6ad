"""Which expression an equation came from: by line and column, through libraries and caches."""

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from jaxmagic.ir.asked import Call
from jaxmagic.ir.asking import ir_of

ONES = jnp.ones(3)


def ir(function, *args):
    return ir_of(Call(function, args, {}, "f(x)"))


def texts(result, opcode, stage="jaxpr"):
    """The expressions that the lines with an operation came from."""
    return [
        [result.expressions[number].text for number in line.expressions]
        for line in result.stage(stage).lines
        if line.opcode == opcode
    ]


def test_two_operations_of_one_line_have_their_own_expressions():
    result = ir(lambda x: jnp.sin(x) + jnp.cos(x * 2), ONES)
    assert texts(result, "sin") == [["jnp.sin(x)"]]
    assert texts(result, "mul") == [["x * 2"]]
    assert texts(result, "cos") == [["jnp.cos(x * 2)"]]
    assert texts(result, "add") == [["jnp.sin(x) + jnp.cos(x * 2)"]]


def test_columns_are_right_behind_letters_of_several_bytes():
    def f(x):
        return {"größe": jnp.sin(x), "ä": 2 * jnp.cos(x)}

    result = ir(f, ONES)
    assert texts(result, "cos") == [["jnp.cos(x)"]]
    assert texts(result, "mul") == [["2 * jnp.cos(x)"]]


def test_an_expression_of_several_lines():
    def f(x):
        return jnp.sum(
            jnp.tan(x),
        )

    result = ir(f, ONES)
    assert texts(result, "reduce_sum") == [["jnp.sum( jnp.tan(x), )"]]
    lines = {line.number: line for line in result.source}
    own = next(one for one in result.expressions if one.text == "jnp.tan(x)")
    pieces = [piece.text for piece in lines[own.line].pieces if piece.expression is not None]
    assert pieces == ["jnp.tan(x)", ","]


def test_a_function_that_jax_has_traced_before_is_linked_with_its_own_call():
    def f(x):
        a = jnp.where(x > 0, x, 1.0)
        b = x - 5
        return a, jnp.where(x > 0, b, 1.0)

    result = ir(f, ONES)
    selects = texts(result, "select", "hlo-before") or texts(result, "select", "stablehlo")
    calls = texts(result, "jit") or texts(result, "pjit")
    assert calls == [["jnp.where(x > 0, x, 1.0)"], ["jnp.where(x > 0, b, 1.0)"]]
    found = {text for one in selects for text in one}
    assert found <= {"jnp.where(x > 0, x, 1.0)", "jnp.where(x > 0, b, 1.0)"}
    # inlined, each is where it was called
    ends = {text for one in texts(result, "select", "hlo") for text in one}
    assert ends == {"jnp.where(x > 0, x, 1.0)", "jnp.where(x > 0, b, 1.0)"}


def test_a_jitted_function_of_the_user_keeps_its_own_lines():
    @jax.jit
    def inner(x):
        return jnp.exp(x)

    def f(x):
        return inner(x) + inner(x * 2)

    result = ir(f, ONES)
    assert {text for one in texts(result, "exp") for text in one} == {"jnp.exp(x)"}
    assert texts(result, "mul") == [["x * 2"]]


def test_of_a_library_the_first_line_of_the_user_counts():
    layer = eqx.nn.Linear(3, 2, key=jax.random.key(0))

    def f(x):
        return layer(x) * 2

    result = ir(f, ONES)
    assert texts(result, "dot_general") == [["layer(x)"]]
    assert texts(result, "mul") == [["layer(x) * 2"]]


def test_who_asks_is_no_source():
    result = ir(functools.partial(jnp.power, 2.0), ONES)
    assert result.source == ()
    assert result.expressions == ()
    assert "no code of yours" in str(result.notes)


def test_the_backward_pass_has_the_expressions_of_the_forward_one():
    def f(x):
        return jnp.sum(jnp.sin(x))

    assert texts(ir(jax.grad(f), ONES), "cos") == [["jnp.sin(x)"]]


def test_source_that_is_not_to_be_had_is_told_by_its_line():
    space = {"jnp": jnp}
    exec(compile("def f(x):\n    return jnp.sin(x)", "<nowhere>", "exec"), space)
    result = ir(space["f"], ONES)
    assert [str(one) for one in result.expressions] == ["<nowhere> line 2"]
    assert result.source == ()


def test_all_pieces_of_a_line_are_the_line(tmp_path):
    file = tmp_path / "mine.py"
    text = (
        'def f(x):\n\t"""ä."""\n    \n'.replace("\t", "    ")
        + "    y = (x +\n      1)\n    return y*y\n"
    )
    file.write_text(text, encoding="utf-8")
    space = {"jnp": jnp, "np": np}
    exec(compile(text, str(file), "exec"), space)
    result = ir(space["f"], ONES)
    joined = ["".join(piece.text for piece in line.pieces) for line in result.source]
    assert joined == text.splitlines()
