"""How a backend says no, and how a first call is made."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxmagic.compare.backend import (
    RefusedError,
    Setup,
    first_sentence,
    line_of,
    reason,
    try_once,
)
from jaxmagic.measure.limit import LimitError


def raised(function, *arguments):
    with pytest.raises(Exception) as caught:  # noqa: PT011  any error is what is looked at
        function(*arguments)
    return caught.value


def test_the_line_is_the_innermost_of_the_users_files(defined):
    f = defined("\ndef g(x):\n    return 1 / x\n\ndef f(x):\n    return g(x) + 1\n")["f"]
    error = raised(f, 0)
    file = f.__code__.co_filename
    assert line_of(error, [file]) == 3
    assert line_of(error, []) is None
    assert reason(error, [file]) == "line 3: ZeroDivisionError: division by zero"
    assert reason(error, []) == "ZeroDivisionError: division by zero"


def test_an_error_knows_its_own_line_if_it_is_numbas():
    error = ValueError("no\nmore")
    error.loc = type("Loc", (), {"filename": "cell", "line": 12})()
    assert reason(error, ["cell"]) == "line 12: ValueError: no"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RefusedError("not here"), "not here"),
        (
            LimitError(10, 1.5, 90.0),
            "predicted to take 1.50 min: over the limit of 10.0 s (--limit raises it).",
        ),
        (
            LimitError(0.2, 0.25, None),
            "stopped after 250 ms: over the limit of 200 ms (--limit raises it).",
        ),
        (ValueError(""), "ValueError: "),
        (
            AttributeError("module 'jax.numpy' has no attribute 'nothing'"),
            (
                "module 'jax.numpy' has no attribute 'nothing'; write it in another way, "
                "or a %%jax section."
            ),
        ),
    ],
)
def test_reasons_in_words(error, sentence):
    assert reason(error, []) == sentence


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x if x else 1", "an if, while, and, or or not needs the value of a traced array"),
        ("[1, 2][x.astype(int)]", "an index or a count needs the value of a traced array"),
        ("real.sin(x)", "a function that is not JAX's was given a traced array"),
        ("float(x)", "a Python number is needed where there is a traced array"),
        ("jnp.ones(3)[jnp.ones(3) > x]", "a boolean mask makes an array whose shape depends"),
    ],
)
def test_what_tracing_cannot_do_is_said_with_what_to_write_instead(defined, code, words):
    jax = pytest.importorskip("jax")
    f = defined(f"\ndef f(x):\n    return {code}\n", jnp=jnp, real=np)["f"]
    sentence = reason(raised(jax.jit(f), 1.0), [f.__code__.co_filename])
    assert sentence.startswith(f"line 3: {words}")
    assert sentence.endswith(".")


def test_changing_a_jax_array_in_place_is_said_with_what_to_write_instead():
    def change(x):
        x[0] = 1.0

    sentence = reason(raised(change, jnp.ones(3)), [])
    assert sentence == "JAX arrays can't be changed in place; write x = x.at[i].set(v)."


def test_a_first_sentence_is_one_line_and_not_too_long():
    assert first_sentence("\n\n  one  \ntwo") == "one"
    assert first_sentence("") == ""
    assert len(first_sentence("word " * 100)) == 200
    assert first_sentence("word " * 100).endswith("...")
    numbas = "Failed in nopython mode pipeline (step: nopython frontend)\nUntyped name\n\nmore"
    assert first_sentence(numbas) == "Untyped name"


def contender_of(function, arguments):
    return try_once("f", function, function, lambda: tuple(map(np.copy, arguments)), Setup())


def test_a_call_that_leaves_its_arguments_alone_gets_the_same_ones_every_time():
    contender, result, notes = contender_of(lambda x: x.sum(), [np.ones(3)])
    assert (result, notes, contender.renew) == (3.0, (), None)
    assert contender.arguments[0].tolist() == [1, 1, 1]


def test_a_call_that_changes_its_arguments_gets_fresh_ones_every_time():
    def double(x):
        x *= 2
        return x

    mine = np.ones(3)
    contender, result, notes = contender_of(double, [mine])
    assert notes == (
        "The call changes its arguments: each call gets a fresh copy, which is not timed.",
    )
    assert mine.tolist() == [1, 1, 1]
    assert contender.function(*contender.renew()).tolist() == [2, 2, 2]
    assert contender.function(*contender.renew()).tolist() == [2, 2, 2]
    assert result.tolist() == [2, 2, 2]
    contender.renew()[0][:] = 7
    assert result.tolist() == [2, 2, 2]


def test_the_first_call_is_the_probe_and_the_timed_one_is_not():
    calls = []
    contender, result, _ = try_once(
        "f", lambda: calls.append("probe"), lambda: calls.append("timed"), tuple, Setup()
    )
    assert calls == ["probe"]
    assert result is None
    contender.function()
    assert calls == ["probe", "timed"]


def test_seconds_since_are_those_of_the_given_clock():
    assert Setup(clock=lambda: 3_500_000_000).seconds_since(1_000_000_000) == 2.5
