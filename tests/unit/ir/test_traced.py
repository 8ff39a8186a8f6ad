"""Whatever is called is traced: nothing is executed, lost or changed."""

import equinox as eqx
import jax
import jax.numpy as jnp
import pytest

from jaxmagic.ir import hlo
from jaxmagic.ir.traced import trace
from tests.unit.ir.calls import CALLS, ONES


@pytest.mark.parametrize("kind", CALLS)
def test_it_is_traced_as_it_is_called(kind):
    function, args, primitives, name = CALLS[kind]
    traced = trace(function, *args)
    assert primitives <= {one.primitive for one in traced.equations}
    assert traced.name == name
    assert traced.lowered.as_text() == traced.as_it_is.lower().as_text()


def test_nothing_is_executed_and_what_is_donated_is_not_lost():
    called = []

    def f(x):
        called.append(type(x).__name__)
        jax.debug.callback(called.append, x)
        return x * 2

    x = jnp.ones(3)
    traced = trace(jax.jit(f, donate_argnums=0), x)
    jax.effects_barrier()
    assert len(called) == 1  # it was traced, once
    assert not x.is_deleted()
    text = traced.lowered.as_text()
    assert "tf.aliasing_output" in text or "buffer_donor" in text


def test_named_arguments_keep_their_names():
    traced = trace(lambda *, x, scale=1.0: x * scale, x=ONES, scale=2.0)
    parameters = [
        [one.op_name for one in hlo.parse(text).instructions if one.opcode == "parameter"]
        for text in (
            traced.lowered.compile().as_text(),
            traced.as_it_is.lower().compile().as_text(),
        )
    ]
    assert parameters[0] == parameters[1]
    assert any("scale" in name for name in parameters[0])


def test_the_numbers_of_a_module_are_settings():
    class Cut(eqx.Module):
        w: jax.Array
        most: float

        def __call__(self, x):
            return self.w * x if self.most > 1 else x

    assert [one.primitive for one in trace(Cut(ONES, 2.0), ONES).equations] == ["mul"]


def test_errors_of_the_function_are_its_own():
    def f(x):
        if x.sum() > 0:
            return x
        return -x

    with pytest.raises(jax.errors.TracerBoolConversionError):
        trace(f, ONES)
    with pytest.raises(ZeroDivisionError):
        trace(lambda x: x / (1 // 0), ONES)


def test_where_a_program_can_not_be_copied_it_is_traced_all_the_same(monkeypatch):
    monkeypatch.setattr("jaxmagic._jax.with_program", lambda *_: None)
    traced = trace(jnp.sin, ONES)
    assert traced.tagged is traced.as_it_is
    assert [one.primitive for one in traced.equations] == ["sin"]
