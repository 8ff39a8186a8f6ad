"""The rows of the interpreter: what they run, on copies of what the user has."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxmagic.compare.backend import RefusedError, Setup
from jaxmagic.compare.cell import bind
from jaxmagic.compare.interpreted import numpy, python

GRID = np.zeros(3)
HISTORY = []
ON_DEVICE = jnp.arange(3.0)


def wave(x):
    return np.sin(x) ** 2


def with_jnp(x):
    return jnp.sin(x).sum()


def solow(k, n):
    for _ in range(n):
        k = 0.3 * k**0.4 + 0.9 * k
    return k


def prepared(backend, function, *arguments, own_code=False):
    call = bind("f(x)", function, function, arguments, {})
    return backend("row", call, Setup(), own_code=own_code)


def called(made):
    contender = made.contender
    arguments = contender.renew() if contender.renew else contender.arguments
    return contender.function(*arguments)


@pytest.mark.parametrize(
    ("backend", "function", "arguments", "label"),
    [
        (python, solow, (0.2, 3), "Python"),
        (python, wave, (0.2,), "Python (math)"),
        (python, wave, (np.ones(3),), "Python (elements)"),
        (numpy, wave, (np.ones(3),), "NumPy"),
        (numpy, wave, (0.2,), "NumPy"),
        (numpy, solow, (0.2, 3), "NumPy (scalars)"),
    ],
)
def test_the_label_says_in_which_form_it_ran(backend, function, arguments, label):
    made = prepared(backend, function, *arguments)
    assert made.label == label
    np.testing.assert_allclose(made.result, function(*arguments))
    np.testing.assert_allclose(made.restore(called(made)), function(*arguments))


def test_numbers_become_numpys_where_there_is_no_array():
    made = prepared(numpy, solow, 0.2, 3)
    assert type(made.contender.arguments[0]) is np.float64
    assert type(made.contender.arguments[1]) is int
    line = solow.__code__.co_firstlineno + 2
    [note] = made.notes
    assert note.startswith("NumPy has no array here: Python runs the code, on NumPy's numbers.")
    assert note.endswith(f" Line {line} needs k from the step before.")


def test_numpy_takes_no_part_in_a_call_of_integers():
    with pytest.raises(RefusedError, match="NumPy takes no part"):
        prepared(numpy, lambda n: n + 1, 3)


def test_jaxs_numpy_is_numpy_on_the_numpy_row():
    made = prepared(numpy, with_jnp, jnp.ones(3))
    assert isinstance(made.result, np.floating)
    assert type(made.contender.arguments[0]) is np.ndarray

    def free(x):
        return (x * ON_DEVICE).sum()

    assert isinstance(prepared(numpy, free, np.ones(3)).result, np.floating)


@pytest.mark.parametrize("backend", [python, numpy])
def test_what_only_jax_has_is_refused_by_name(backend, defined):
    jax = pytest.importorskip("jax")
    f = defined("def f(x):\n    return jax.lax.cos(x)\n", jax=jax)["f"]
    name = backend.__name__
    with pytest.raises(RefusedError) as caught:
        prepared(backend, f, 0.5)
    assert str(caught.value) == f"the code uses jax, which is JAX's; write a %%{name} section."


def test_plain_python_refuses_with_the_line_and_the_way_out():
    def total(x):
        return np.sum(x)

    with pytest.raises(RefusedError) as caught:
        prepared(python, total, np.ones(3))
    line = total.__code__.co_firstlineno + 1
    assert str(caught.value) == (
        f"line {line} uses NumPy's sum; plain Python needs a %%python section."
    )


def in_place(x):
    x += 1.0
    GRID[:] = x
    HISTORY.append(x)
    return x


def test_nothing_of_the_user_is_changed_by_code_that_works_in_place():
    mine = np.ones(3)
    made = prepared(numpy, in_place, mine)
    for _ in range(3):
        assert called(made).tolist() == [2, 2, 2]
    assert made.result.tolist() == [2, 2, 2]
    assert mine.tolist() == [1, 1, 1]
    assert GRID.tolist() == [0, 0, 0]
    assert HISTORY == []
    assert "gets a fresh copy" in made.notes[0]


def test_lists_are_copied_for_every_call_that_changes_them():
    def fill(x):
        x[0] = x[0] + 1.0
        return x

    mine = np.zeros(2)
    made = prepared(python, fill, mine)
    assert made.label == "Python (lists)"
    assert [called(made) for _ in range(3)] == [[1.0, 0.0]] * 3
    assert mine.tolist() == [0, 0]


def test_code_of_a_section_runs_as_it_is():
    def own(x):
        return sum(x) + with_jnp(np.zeros(2))

    made = prepared(python, own, [1.0, 2.0], own_code=True)
    assert (made.label, float(made.result)) == ("Python", 3.0)
    assert prepared(numpy, wave, np.ones(3), own_code=True).label == "NumPy"


def test_temporary_memory_is_that_of_the_timed_function():
    def two_temporaries(x):
        return np.dot(x + 1, x + 2)

    made = prepared(numpy, two_temporaries, np.zeros(50_000))
    assert made.temporary_bytes() == pytest.approx(2 * 8 * 50_000, abs=20_000)
