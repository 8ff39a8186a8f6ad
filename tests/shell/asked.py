"""What a shell answers to a line, and with which sentence it refuses one."""

from IPython.core.error import UsageError


def answer(shell, line):
    """The value of a line that runs."""
    done = shell.run_cell(line)
    done.raise_error()
    assert done.success
    return done.result


def refusal(shell, line):
    """The sentence with which a line is refused."""
    error = shell.run_cell(line).error_in_exec
    assert isinstance(error, UsageError), error
    said = str(error)
    assert "\n" not in said
    return said
