"""A program with tags is the same program, and every instruction is linked to its equations."""

from functools import cache

import jax
import jax.numpy as jnp
import pytest

from jaxmagic import _jax
from jaxmagic.ir import hlo
from jaxmagic.ir.links import links
from jaxmagic.ir.same import fingerprint
from jaxmagic.ir.traced import trace
from tests.unit.ir.programs import PROGRAMS


@cache
def compiled(name):
    """A program as it was traced, and its optimized modules, as it is and tagged."""
    traced = trace(*PROGRAMS[name])
    plain = traced.as_it_is.lower().compile().as_text()
    return traced, hlo.parse(plain), hlo.parse(traced.lowered.compile().as_text())


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_with_tags_is_compiled_to_the_same(name):
    traced, plain, tagged = compiled(name)
    assert traced.lowered.as_text() == traced.as_it_is.lower().as_text()
    assert fingerprint(plain) == fingerprint(tagged)


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_instruction_is_linked(name):
    traced, _, module = compiled(name)
    names = [one.name for one in module.instructions]
    assert len({*names}) == len(names)
    found = links(module, _jax.tags_in)
    assert found.keys() == {*names}
    for link in found.values():
        assert 0 < len(link.equations) <= 4
        assert link.equations <= {*range(len(traced.equations))}


@pytest.mark.parametrize("name", PROGRAMS)
def test_direct_links_are_those_that_xla_has_carried(name):
    _, _, module = compiled(name)
    found = links(module, _jax.tags_in)
    direct = {name for name, link in found.items() if link.is_direct}
    assert direct == {one.name for one in module.instructions if "~" in one.op_name}
    assert direct


def test_a_direct_link_names_the_operation():
    def distinct(x):
        y = x + 1
        return jnp.sin(y)

    traced = trace(distinct, jnp.ones(8))
    module = hlo.parse(traced.lowered.compile().as_text())
    found = links(module, _jax.tags_in)
    for opcode, primitive, line in (("add", "add", 1), ("sine", "sin", 2)):
        [instruction] = [one for one in module.instructions if one.opcode == opcode]
        [number] = found[instruction.name].equations
        equation = traced.equations[number]
        assert equation.primitive == primitive
        assert equation.frames[0].line == distinct.__code__.co_firstlineno + line
        assert (equation.operands[0], equation.results) == ("f32[8]", ("f32[8]",))


def test_a_jitted_function_that_is_called_twice_stays_one():
    inner = jax.jit(lambda x: jnp.sin(x) + 1)
    traced = trace(lambda x: inner(x) * inner(x * 2), jnp.ones(8))
    within = [one.primitive for one in traced.equations if one.within is not None]
    assert within == ["sin", "add"]


def test_a_change_of_the_program_is_seen():
    modules = [
        hlo.parse(trace(function, jnp.ones(4)).lowered.compile().as_text())
        for function in (jnp.sin, jnp.cos, jnp.sin, lambda x: jnp.sin(x) * 2)
    ]
    prints = [fingerprint(module) for module in modules]
    assert prints[0] == prints[2]
    assert len({*prints}) == 3
