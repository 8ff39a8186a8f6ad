"""Watching a context, and asserting that nothing is compiled again in it."""

import jax
import numpy as np
import pytest

from jaxmagic import compiles

ONE, TWO = np.ones(1, np.float32), np.ones(2, np.float32)


def new_program():
    return jax.jit(lambda x: x * 3 + 0.5)


def test_a_watch_has_what_was_compiled_within_it_and_keeps_that():
    f = new_program()
    f(ONE)
    with compiles.watch() as log:
        f(ONE)
        assert len(log) == 0
        f(TWO)
        assert [record.signature for record in log] == ["x: float32[2]"]
    f(np.ones(3, np.float32))
    assert log[0] is log.records[0]
    assert len(log) == len(log.compiles) == 1
    assert "float32[2]" in repr(log)


def test_watches_may_be_nested_and_end_with_an_error():
    def fail():
        with compiles.watch() as log:
            logs.append(log)
            new_program()(ONE)
            raise ZeroDivisionError

    logs = []
    with compiles.watch() as outer:
        new_program()(ONE)
        with pytest.raises(ZeroDivisionError):
            fail()
        new_program()(ONE)
    assert (len(logs[0]), len(outer)) == (1, 3)
    assert not compiles.recorder().running


def test_without_a_start_it_is_said_that_nothing_is_recorded():
    assert any("Nothing is being recorded" in note for note in compiles().notes)
    compiles.start()
    try:
        assert compiles().notes == ()
    finally:
        compiles.stop()


def judged(*calls, **how):
    """What is said about some calls, one after the other."""
    with compiles.assert_no_recompile(**how):
        for call in calls:
            call()


def test_a_recompile_in_a_test_is_an_error_with_its_reason():
    f = new_program()
    with pytest.raises(compiles.RecompileError, match=r"shape of x: float32.2., was") as caught:
        judged(lambda: f(ONE), lambda: f(TWO))
    assert isinstance(caught.value, AssertionError)
    assert [record.reason.changed for record in caught.value.records] == ["x"]
    assert "test_watching.py:" in str(caught.value)


def test_first_compiles_are_allowed_unless_they_are_not():
    f = new_program()
    judged(lambda: f(ONE))
    judged(lambda: f(ONE), allow_first=False)
    with pytest.raises(AssertionError, match="1 program was compiled:"):
        judged(lambda: jax.jit(lambda y: y - 2.25)(ONE), allow_first=False)


def test_a_function_made_anew_is_no_first_compile():
    with pytest.raises(AssertionError, match="new lambda"):
        judged(lambda: new_program()(ONE), lambda: new_program()(ONE))


def test_operations_outside_of_jit_count_if_asked():
    def work():
        jax.lax.sin(np.ones(1231, np.float32))
        jax.lax.sin(np.ones(1237, np.float32))

    judged(work)
    jax.clear_caches()
    with pytest.raises(AssertionError, match="sin"):
        judged(work, eager=True)


def test_as_a_decorator_each_call_is_judged_by_itself():
    f = new_program()

    @compiles.assert_no_recompile
    def step(x):
        """Step."""
        return f(x)

    @compiles.assert_no_recompile(allow_first=False)
    def again(x):
        return f(x)

    assert step.__doc__ == "Step."
    step(ONE)
    again(ONE)
    for function in (step, again):
        with pytest.raises(AssertionError, match="compiled"):
            function(np.ones(5 if function is step else 6, np.float32))
        function(ONE)


def test_an_error_of_the_users_own_is_not_hidden():
    f = new_program()
    f(ONE)
    with pytest.raises(KeyError):
        judged(lambda: f(TWO), lambda: {}["missing"])
