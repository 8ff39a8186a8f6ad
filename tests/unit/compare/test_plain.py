"""In which form plain Python runs a function that was written for arrays, or why not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jaxmagic.compare.plain import NoPlainFormError, loop_carried, plain_form
from jaxmagic.measure.limit import Steps
from jaxmagic.source import definition_of

GRID = np.arange(3.0)
LOG = []


def wave(x):
    return np.sin(x) ** 2 + np.cos(x) ** 2


def bent(x, y):
    z = np.where(x > y, np.sqrt(np.abs(x)), wave(y))
    return np.maximum(z, 0.5) - abs(y)


def steps(x, n):
    for i in range(n):
        x = 0.5 * x + i
    return x


def solow(k, n):
    for _ in range(n):
        k = 0.3 * k**0.4 + 0.9 * k
    return k


def total(x):
    s = 0.0
    for value in x:
        s += value
    return s


def running(x, n):
    for i in range(1, n):
        x[i] = x[i - 1] + x[i]
    return x


def mean(x):
    return sum(x) / len(x)


def done(form):
    return form.restore(form.build(None)(*form.arguments))


@pytest.mark.parametrize(
    ("function", "arguments", "word"),
    [
        (solow, (0.2, 10), ""),
        (wave, (0.2,), "math"),
        (bent, (0.2, 0.1), "math"),
        (wave, (np.linspace(0, 1, 5),), "elements"),
        (wave, (np.float64(0.3),), "elements"),
        (bent, (np.linspace(0, 1, 5), 0.3), "elements"),
        (bent, (np.ones((3, 1)), np.linspace(0, 1, 4)), "elements"),
        (steps, (np.ones(3), 4), "elements"),
        (total, (np.arange(4.0),), "lists"),
        (running, (np.arange(4.0), 4), "lists"),
        (mean, (np.arange(4.0),), "lists"),
        (lambda x: 2 * x, (np.arange(4.0),), "elements"),
    ],
)
def test_the_form_follows_from_the_code(function, arguments, word):
    form = plain_form(function, arguments)
    assert form.word == word
    copied = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    np.testing.assert_allclose(done(form), function(*copied))


reals = st.floats(-100, 100)


@given(st.data(), arrays.array_shapes(max_dims=3, max_side=4))
def test_element_by_element_is_what_numpy_does(data, shape):
    x = data.draw(arrays.arrays(float, shape, elements=reals))
    y = data.draw(reals | arrays.arrays(float, shape[-1:], elements=reals))
    form = plain_form(bent, (x, y))
    result = done(form)
    assert result.shape == shape
    np.testing.assert_allclose(result, bent(x, y))


@given(arrays.arrays(np.int64, 5, elements=st.integers(-1000, 1000)))
def test_lists_give_what_arrays_give(x):
    assert done(plain_form(total, (x,))) == x.sum()
    assert type(plain_form(total, (x,)).arguments[0]) is list


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("np.linalg.solve(x, x)", "uses NumPy's linalg"),
        ("np.sum(x)", "uses NumPy's sum"),
        ("x + x.sum()", "calls a method of x"),
        ("x + x.size", "asks for x.size"),
        ("x @ x", "multiplies matrices"),
        ("x[::-1] + 1", "has an index that needs the array as a whole"),
        ("x[0, 0]", "has an index"),
        ("(x, x)", "returns more than one value"),
        ("[x + 1]", "returns more than one value"),
        ("x if x > 0 else -x", "has an if"),
        ("len(x) * x", "calls len"),
        ("x and 1", "has an and or or"),
        ("[a + 1 for a in x] + [x + 1]", "has a loop"),
        ("GRID * x", "it uses the array GRID"),
    ],
)
def test_what_mixes_elements_is_refused_with_its_line(defined, code, sentence):
    f = defined(f"\ndef f(x):\n    return {code}\n", GRID=GRID)["f"]
    with pytest.raises(NoPlainFormError) as caught:
        plain_form(f, (np.ones((2, 2)),))
    assert sentence in str(caught.value)
    if "GRID" not in code:
        assert str(caught.value).startswith("line 3 ")


def test_an_if_on_an_element_is_refused_and_on_a_number_is_not(defined):
    f = defined("\n\ndef f(x):\n    if x > 0:\n        return x\n    return -x\n")["f"]
    assert done(plain_form(f, (-2.0,))) == 2.0
    with pytest.raises(NoPlainFormError, match="line 4 has an if"):
        plain_form(f, (np.array([-2.0]),))


def test_trees_of_arrays_are_refused():
    def first(pair):
        return pair

    with pytest.raises(NoPlainFormError, match="an argument is a tree of arrays"):
        plain_form(first, ([np.ones(2)],))


def test_a_function_without_source_is_refused():
    namespace = {}
    exec("def f(x):\n    return x\n", namespace)
    with pytest.raises(NoPlainFormError, match="the source of f can't be found"):
        plain_form(namespace["f"], (1.0,))


@pytest.mark.parametrize(
    ("function", "arguments", "of"),
    [(steps, (0.5, 10), 10), (wave, (np.ones((2, 5)),), 10)],
)
def test_steps_are_counted_when_asked_for(function, arguments, of):
    form = plain_form(function, arguments)
    counted = Steps()
    lengths = []
    counted_range = counted.range
    counted.range = lambda *limits: lengths.append(limits[-1]) or counted_range(*limits)
    np.testing.assert_allclose(
        form.restore(form.build(counted)(*form.arguments)), function(*arguments)
    )
    assert lengths == [of]


def test_lists_of_the_user_are_not_changed():
    def log(x):
        LOG.append(x)
        return x

    form = plain_form(log, (1.0,))
    assert done(form) == 1.0
    assert LOG == []


def carried(x, n):
    y = x
    for _ in range(n):
        z = y + 1
        y = z * 2
    return y


def test_the_variable_that_a_loop_carries_is_named_with_its_line():
    first = carried.__code__.co_firstlineno
    assert loop_carried(carried) == ("y", first + 3)
    assert loop_carried(wave) is None
    assert loop_carried(eval("lambda x: x")) is None


def test_a_definition_has_the_line_numbers_of_its_file():
    tree = definition_of(carried)
    assert tree.lineno == carried.__code__.co_firstlineno
    assert tree.body[-1].lineno == tree.lineno + 5
