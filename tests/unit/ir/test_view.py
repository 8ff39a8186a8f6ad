"""The stages of a program as text and HTML: from plain values, of any size, and escaped."""

import re
from dataclasses import replace

import jax
import jax.numpy as jnp
import pytest

from jaxmagic import IR, _jax, show
from jaxmagic.ir.asked import Call
from jaxmagic.ir.asking import ir_of
from jaxmagic.ir.passes import Writer
from jaxmagic.ir.result import Equation, Expression, Line, Part, Piece, SourceLine, Stage
from jaxmagic.ir.view import lives_text, passes_text

BEFORE = """HloModule jit_f

ENTRY %main (x: f32[2,3]) -> f32[2,3] {
  %x = f32[2,3]{1,0} parameter(0)
  %c = f32[2,3]{1,0} copy(%x), metadata={op_name="jit(f)/~1/copy"}
  ROOT %s = f32[2,3]{1,0} sine(%c), metadata={op_name="jit(f)/~0/sin"}
}
"""
AFTER = BEFORE.replace("sine(%c)", "sine(%x)").replace(
    '  %c = f32[2,3]{1,0} copy(%x), metadata={op_name="jit(f)/~1/copy"}\n', ""
)


def history():
    writer = Writer(BEFORE, _jax.tags_in)
    writer.add("simplification", "algsimp", AFTER)
    return writer.history()


def hlo(text, number, **more):
    opcode = re.search(r"(\w+)\(", text)[1]
    of = (number,) if number is not None else ()
    return Line(text, of, of, opcode=opcode, shape="f32[2,3]{1,0}", **more)


SINE = "ROOT %s = f32[2,3]{1,0} sine(%x)"
RESULT = IR(
    call="f(f32[2, 3])",
    name="f",
    equations=(
        Equation(0, None, "sin", ("f32[2,3]",), 0),
        Equation(1, None, "copy", ("f32[2,3]",), 1),
    ),
    expressions=(
        Expression("<cell>", "In[3]", 2, "jnp.sin(x)"),
        Expression("<cell>", "In[3]", 2, "x.copy()"),
    ),
    source=(
        SourceLine("In[3]", 1, (Piece("def f(x):", None),)),
        SourceLine(
            "In[3]",
            2,
            (Piece("    return ", None), Piece("jnp.sin(", 0), Piece("x.copy()", 1), Piece(")", 0)),
        ),
    ),
    stages=(
        Stage(
            "jaxpr", "jaxpr", (Part("f", (Line("b:f32[2,3] = sin a", (0,), (0,), opcode="sin"),)),)
        ),
        Stage(
            "hlo",
            "HLO after passes",
            (
                Part(
                    "main",
                    (
                        hlo(
                            "%x = f32[2,3]{1,0} parameter(0)", 0, is_direct=False, noise="parameter"
                        ),
                        hlo("%t = f32[2,3]{0,1} transpose(%x)", None),
                        hlo(SINE, 0),
                    ),
                ),
            ),
        ),
    ),
    history=history(),
    notes=("XLA says: <something>",),
    platform="cpu",
    same_as_untagged=True,
)


def test_the_text(golden):
    golden("golden/ir.txt", str(RESULT) + "\n")


def test_the_html(golden):
    written = show.html(RESULT)
    golden("golden/ir.html", written.partition("</style>")[2].replace("<span", "\n<span") + "\n")


def test_passes_and_lives_are_text(golden):
    golden("golden/ir-passes.txt", f"{passes_text(RESULT)}\n\n{lives_text(RESULT)}\n")


def test_it_is_json_both_ways():
    assert IR.from_json(RESULT.to_json()) == RESULT


def test_a_layout_in_the_usual_order_is_left_out_and_no_other():
    written = show.html(RESULT)
    assert "{0,1}" in written
    assert "{1,0}" not in written.partition("</style>")[2]


def test_each_expression_has_a_colour_and_lights_up():
    style, _, body = show.html(RESULT).partition("</style>")
    for name in (".r0", ".r1"):
        assert f"{name}:hover" in style
        assert f"{name}:focus" in style
    assert body.count('tabindex="0"') == 2
    assert "<script" not in body


def test_names_of_the_user_are_text():
    hostile = replace(
        RESULT,
        call="<img src=x>",
        expressions=(Expression("f", '"><b>', 1, "<script>"), RESULT.expressions[1]),
        source=(SourceLine("<i>", 1, (Piece("<script>alert(1)</script>", 0),)),),
        notes=("<b>bold</b>",),
    )
    written = show.html(hostile)
    assert "<script" not in written
    assert "<img" not in written
    assert "<b>bold" not in written
    assert "<script>alert(1)" in str(hostile)


def deep(x):
    for _ in range(400):
        x = jnp.sin(jnp.where(x > 0, x, 1.0)) @ x
    return x


@pytest.fixture(scope="module")
def large():
    return ir_of(Call(jax.grad(lambda x: deep(x).sum()), (jnp.ones((4, 4)),), {}, "f(x)"))


def test_a_large_program_is_a_page_of_less_than_a_megabyte_that_says_what_it_leaves_out(large):
    assert len(large.stage("hlo").lines) > 1500
    written = show.html(large)
    assert len(written) < 1_000_000
    assert re.search(r"[\d,]+ lines more: --stage hlo shows all", written)
    assert "There are more changed lines" in written
    assert len(str(large).splitlines()) < 120


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ("f32[2,3]{1,0}", "f32[2,3], 24 B"),
        ("bf16[8]{0}", "bf16[8], 16 B"),
        ("pred[]", "pred[], 1 B"),
        ("c64[4]{0}", "c64[4], 32 B"),
        ("f8e4m3fn[8]{0}", "f8e4m3fn[8], 8 B"),
        ("s4[8]{0}", "s4[8], 8 B"),
        ("s4[8]{0:E(4)}", "s4[8], 4 B"),
        ("f32[0,3]{1,0}", "f32[0,3], 0 B"),
        ("(f32[2]{0}, s32[])", None),
        ("token[]", None),
    ],
)
def test_a_tooltip_says_how_large_a_value_is_where_that_is_known(shape, size):
    line = Line(f"%v = {shape} sine(%x)", (0,), (0,), opcode="sine", shape=shape)
    page = show.html(replace(RESULT, stages=(Stage("hlo", "HLO", (Part("main", (line,)),)),)))
    [said] = re.findall(r'title="sine([^"]*)"', page)
    assert said == "".join(f"\n{part}" for part in (size, "from In[3] line 2: jnp.sin(x)") if part)
