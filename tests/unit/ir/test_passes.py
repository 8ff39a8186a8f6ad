"""What passes did: each text kept once, differences, and the life of an equation."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic import _jax
from jaxmagic.ir.passes import Writer

HEAD = 'HloModule jit_f, entry_computation_layout={()->f32[]}\n\nFileNames\n1 "a.py"\n\n'


def tagged(line, *path):
    if not path:
        return f"  {line}"
    names = "".join(f"~{number}/" for number in path)
    return f'  {line}, metadata={{op_name="jit(f)/{names}op{{" stack_frame_id=3}}, extra={{1}}'


def module(*computations):
    blocks = (
        "\n".join([f"%{name} (x: f32[]) -> f32[] {{", *lines, "}"]) for name, lines in computations
    )
    return HEAD + "\n\n".join(blocks) + "\n"


INNER = ("inner", [tagged("%a = f32[] add(%x, %x)", 4, 1), tagged("ROOT %b = f32[] copy(%a)")])
FIRST = module(
    INNER,
    ("main", [tagged("%c = f32[] call(%p), to_apply=%inner", 4), tagged("%s = f32[] sine(%c)", 2)]),
)
INLINED = module(
    ("main", [tagged("%a = f32[] add(%p, %p)", 4, 1), tagged("%s = f32[] sine(%a)", 2)])
)
FUSED = module(("main", [tagged("%s = f32[] sine(%p)", 2)]))


def history(*texts):
    writer = Writer(texts[0], _jax.tags_in)
    for number, text in enumerate(texts[1:], 1):
        writer.add("pipeline", f"pass{number}", text)
    return writer.history()


def test_lines_have_no_metadata_and_know_their_equation():
    found = history(FIRST)
    assert [(line.text, line.path) for line in found.module(0)][1:3] == [
        ("  %a = f32[] add(%x, %x), extra={1}", (4, 1)),
        ("  ROOT %b = f32[] copy(%a)", ()),
    ]


def test_a_pass_that_changed_nothing_is_no_step():
    found = history(FIRST, FIRST, FIRST.replace("stack_frame_id=3", "stack_frame_id=9"), INLINED)
    assert [step.name for step in found.steps] == ["before all passes", "pass3"]


def test_what_a_pass_took_out_and_put_in():
    found = history(FIRST, INLINED)
    assert found.counts(1) == (4, 2)
    changed = {(one.sign, one.line.text.strip()) for one in found.difference(1)}
    assert ("-", "%c = f32[] call(%p), to_apply=%inner, extra={1}") in changed
    assert ("+", "%a = f32[] add(%p, %p), extra={1}") in changed


def test_the_life_of_an_equation():
    found = history(FIRST, INLINED, FUSED)
    assert [(event.step, dict(event.after)) for event in found.lives[4]] == [
        (0, {"call": 1}),
        (1, {}),
    ]
    assert found.removed_by(4).name == "pass1"
    assert found.removed_by(1).name == "pass2"
    assert found.removed_by(2) is None
    assert found.removed_by(99) is None
    assert 99 not in found.lives


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4), min_size=1))
def test_each_step_can_be_read_again_and_no_text_is_kept_twice(steps):
    texts = [
        module(*((name, [tagged(f"%{name} = f32[] add({n})", n)]) for n, name in enumerate(names)))
        for names in (sorted(set(step)) for step in steps)
    ]
    found = history(*texts)
    assert len(found.texts) == len(
        {digest for s in found.steps for digest in s.computations.values()}
    )
    last = [line.text for line in found.module(len(found.steps) - 1) if line.text]
    plain = [re.sub(r", metadata=\{.*?\d\}", "", line) for line in texts[-1].split("\n")]
    assert last == [line for line in plain if line and line not in HEAD.split("\n")]


@pytest.mark.parametrize("number", [1, 2])
def test_differences_lead_from_one_step_to_the_next(number):
    found = history(FIRST, INLINED, FUSED)
    lines = [line.text for line in found.module(number - 1) if line.text]
    for one in found.difference(number):
        if one.sign == "-":
            lines.remove(one.line.text)
    lines += [one.line.text for one in found.difference(number) if one.sign == "+"]
    assert sorted(lines) == sorted(line.text for line in found.module(number) if line.text)
