"""One line of progress that goes away."""

import io

import pytest

from jaxmagic.show.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def screen(self):
        """What stands in the line after all that was written."""
        line = []
        at = 0
        for character in self.getvalue():
            if character == "\r":
                at = 0
                continue
            line[at : at + 1] = character
            at += 1
        return "".join(line), at


class Output:
    """A changeable output of a notebook, as IPython's display handle."""

    def __init__(self):
        self.shown = []

    def open(self, bundle):
        self.shown.append(bundle)
        return self

    def update(self, bundle, *, raw):
        assert raw
        self.shown.append(bundle)


@pytest.fixture
def seconds():
    return [0.0]


def test_a_terminal_shows_the_last_line_and_then_nothing(seconds):
    terminal = Terminal()
    with Progress("magic", stream=terminal, clock=lambda: seconds[0]) as progress:
        assert terminal.getvalue() == ""
        progress("a long description")
        assert terminal.screen()[0].strip() == "magic: a long description …"
        seconds[0] = 1.0
        progress("short")
        assert terminal.screen()[0].strip() == "magic: short …"
    assert terminal.screen() == (" " * len("magic: a long description …"), 0)


def test_what_is_not_a_terminal_stays_clean(seconds):
    stream = io.StringIO()
    with Progress("magic", stream=stream, clock=lambda: seconds[0]) as progress:
        progress("something")
    assert stream.getvalue() == ""


def test_a_notebook_shows_one_output_that_is_empty_in_the_end(seconds):
    output = Output()
    with Progress("magic", output.open, clock=lambda: seconds[0]) as progress:
        assert output.shown == []
        progress("one")
        seconds[0] = 1.0
        progress("two")
    assert output.shown == [
        {"text/plain": "magic: one …"},
        {"text/plain": "magic: two …"},
        {"text/plain": "", "text/html": ""},
    ]


def test_a_notebook_shows_nothing_of_what_said_nothing():
    output = Output()
    with Progress("magic", output.open):
        pass
    assert output.shown == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_the_line_goes_away_when_the_work_fails(error, seconds):
    output = Output()

    def work(progress):
        progress("one")
        raise error

    with (
        pytest.raises(error),
        Progress("magic", output.open, clock=lambda: seconds[0]) as progress,
    ):
        work(progress)
    assert output.shown[-1] == {"text/plain": "", "text/html": ""}


def test_it_speaks_at_most_ten_times_a_second(seconds):
    output = Output()
    with Progress("magic", output.open, clock=lambda: seconds[0]) as progress:
        for n in range(1000):
            seconds[0] = n / 1000
            progress(str(n))
    assert len(output.shown) == 10 + 1
