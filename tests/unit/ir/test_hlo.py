"""Every line of a module is read, and says the same when it is written again."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.ir import hlo
from tests.unit.ir.programs import PROGRAMS


def texts(name):
    """What XLA prints of a program: before it optimizes, and after."""
    function, *args = PROGRAMS[name]
    lowered = jax.jit(function).trace(*args).lower()
    return lowered.compiler_ir("hlo").as_hlo_text(), lowered.compile().as_text()


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_instruction_is_read_whole(name):
    for text in texts(name):
        module = hlo.parse(text)
        lines = {line.strip() for line in text.splitlines() if line.startswith("  ")}
        lines = {line.replace("%", "") for line in lines}
        assert lines == {str(one).replace("%", "") for one in module.instructions}


@pytest.mark.parametrize("name", PROGRAMS)
def test_all_names_are_known(name):
    for text in texts(name):
        module = hlo.parse(text)
        assert module.entry.is_entry
        for computation in module.computations:
            assert computation.root in computation.instructions
            for one in computation.instructions:
                assert {*one.operands} <= computation.by_name.keys()
                assert {*one.called} <= module.by_name.keys()
        called = {name for one in module.instructions for name in one.called}
        assert called | {module.entry.name} == module.by_name.keys()


def test_xla_says_where_an_instruction_came_from():
    def f(x):
        y = jnp.sin(x)
        return y * 2

    module = hlo.parse(jax.jit(f).trace(jnp.ones(4)).lower().compile().as_text())
    [sine] = [one for one in module.instructions if one.opcode == "sine"]
    place = module.place(sine)
    assert (place.file, place.line) == (__file__, f.__code__.co_firstlineno + 1)
    assert sine.op_name.endswith("/sin")
    parameter = module.entry.instructions[0]
    assert parameter.opcode == "parameter"
    assert module.place(parameter) is None


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20))
def test_names_of_the_user_are_read_whatever_is_in_them(scope):
    op_name = f"jit(f)/{scope}/sin"
    quoted = op_name.replace("\\", "\\\\").replace('"', '\\"')
    line = f'%sine.1 = f32[4]{{0}} sine(%x), metadata={{op_name="{quoted}" stack_frame_id=3}}'
    text = (
        "HloModule m\n\nENTRY %main (x: f32[4]) -> f32[4] {\n"
        f"  %x = f32[4]{{0}} parameter(0)\n  ROOT {line}\n}}\n"
    )
    [_, sine] = hlo.parse(text).instructions
    assert sine.op_name == op_name
    assert str(sine) == f"ROOT {line}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HloModule m",
        "module @jit_f {",
        "HloModule m\n\nENTRY %main {\n  %x = f32[4]{0} parameter(0)\n",
        "HloModule m\n\nENTRY %main {\n  what is this\n}",
        "HloModule m\n\nENTRY %main {\n  %x = f32[4]{0} parameter(0\n}",
        "HloModule m\n\nENTRY %main {\n}",
        "HloModule m\n\n%f {\n  %x = f32[4]{0} parameter(0)\n}",
    ],
)
def test_what_is_no_module_is_refused_in_one_sentence(text):
    with pytest.raises(hlo.HloError) as caught:
        hlo.parse(text)
    assert "\n" not in str(caught.value)


def test_commas_split_but_for_those_inside():
    assert hlo.split('a, {b, c}, "d, \\" e", f(g, [h, i]), /*j, k*/l') == [
        "a",
        "{b, c}",
        '"d, \\" e"',
        "f(g, [h, i])",
        "/*j, k*/l",
    ]
    assert hlo.split("") == []
