"""The user's code runs unheard, and leaves no trace."""

import random
import sys
import warnings

import numpy as np
import pytest

from jaxmagic.compare.quiet import quiet


def test_what_is_printed_is_counted_and_not_shown(capsys):
    with quiet() as heard:
        sys.stdout.write("one\ntwo\n")
        sys.stdout.write("three")
        sys.stdout.write("\n")
        sys.stdout.flush()
    sys.stdout.write("shown\n")
    assert capsys.readouterr().out == "shown\n"
    assert heard.notes([]) == [
        "The code printed 3 lines while it was measured; they are not shown."
    ]


@pytest.mark.filterwarnings("always")
def test_warnings_are_noted_once_with_their_line_in_the_users_files():
    with quiet() as heard:
        for _ in range(3):
            warnings.warn_explicit("odd\n  value", UserWarning, "cell", 7)
            warnings.warn_explicit("elsewhere", RuntimeWarning, "library.py", 9)
    assert heard.notes(["cell"]) == ["UserWarning (line 7): odd value", "RuntimeWarning: elsewhere"]


def test_nothing_is_noted_of_silent_code():
    with quiet() as heard:
        pass
    assert heard.notes(["cell"]) == []


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_random_states_output_and_filters_are_put_back(error):
    def state():
        numpy_state = np.random.get_state()  # noqa: NPY002  what users' code may use
        return (
            random.getstate(),
            numpy_state[1].tolist(),
            numpy_state[2:],
            sys.stdout,
            warnings.filters[:],
            warnings.showwarning,
        )

    before = state()
    try:
        with quiet():
            random.random()
            np.random.rand(3)  # noqa: NPY002  as above
            warnings.simplefilter("ignore")
            if error:
                raise error
    except (ValueError, KeyboardInterrupt):
        pass
    assert state() == before
