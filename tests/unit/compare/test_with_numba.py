"""The Numba row: options kept, arrays passed in, reasons in words."""

import sys

import numba
import numpy as np
import pytest

from jaxmagic.compare import with_numba
from jaxmagic.compare.backend import RefusedError, Setup, reason
from jaxmagic.compare.cell import bind

GRID = np.arange(4.0)


def scaled(x):
    return x * GRID


def total(x):
    return scaled(x).sum()


def parallel_sum(x):
    s = 0.0
    for i in numba.prange(x.size):
        s += x[i]
    return s


def prepared(function, *arguments, given=None):
    call = bind("f(x)", given or function, function, arguments, {})
    return with_numba.numba("numba", call, Setup(), own_code=False)


def test_arrays_that_are_used_are_passed_in():
    made = prepared(total, 2.0)
    assert made.result == 12.0
    [grid, x] = made.contender.arguments
    assert (grid.tolist(), x) == (GRID.tolist(), 2.0)
    assert grid is not GRID
    # Numba would have frozen it: the program follows what is passed in
    assert made.contender.function(np.zeros(4), 2.0) == 0.0


def test_helpers_are_compiled_too_and_the_users_stay_plain():
    made = prepared(total, 2.0)
    assert made.contender.function.nopython_signatures
    assert type(scaled) is type(lambda: 0)
    assert scaled.__globals__["scaled"] is scaled


def test_options_of_the_users_decorator_are_kept():
    given = numba.njit(fastmath=True, boundscheck=True)(parallel_sum)
    options = prepared(parallel_sum, np.ones(3), given=given).contender.function.targetoptions
    assert options["fastmath"]
    assert options["boundscheck"]
    assert options["nopython"]
    plain = prepared(parallel_sum, np.ones(3)).contender.function.targetoptions
    assert "fastmath" not in plain or not plain["fastmath"]


def test_the_compile_time_is_that_of_the_given_clock(clock):
    clock.cost = 1_000_000_000
    call = bind("f(x)", scaled, scaled, (2.0,), {})
    assert with_numba.numba("numba", call, Setup(clock=clock), own_code=False).compile_s == 1.0


def test_what_numba_cannot_type_is_said_with_its_line(defined):
    f = defined("\ndef f(x):\n    y = 2 * x\n    return unknown.thing(y)\n", unknown=object())["f"]
    with pytest.raises(numba.TypingError) as caught:
        prepared(f, 1.0)
    sentence = reason(caught.value, [f.__code__.co_filename])
    assert sentence.startswith("line 4: TypingError: Untyped global name 'unknown'")


def test_without_numba_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(with_numba, "find_spec", lambda _name: None)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(RefusedError) as caught:
        prepared(total, 2.0)
    assert str(caught.value) == "Numba is not installed: pip install numba"


def test_an_array_that_cannot_be_passed_in_is_refused():
    def closure(grid):
        def f(x):
            return x * grid

        return f

    with pytest.raises(RefusedError, match=r"Numba would freeze a global array .* is a closure"):
        prepared(closure(np.ones(3)), 2.0)


def test_jaxs_numpy_is_numpy_for_numba(defined):
    jnp = pytest.importorskip("jax.numpy")
    f = defined("def f(x):\n    return jnp.sin(x).sum()\n", jnp=jnp)["f"]
    assert prepared(f, jnp.zeros(3)).result == 0.0


def test_arguments_of_the_user_are_not_changed():
    def double(x):
        x *= 2
        return x

    mine = np.ones(3)
    made = prepared(double, mine)
    made.contender.function(*made.contender.renew())
    assert mine.tolist() == [1, 1, 1]
    assert made.notes[0].startswith("The call changes its arguments")
