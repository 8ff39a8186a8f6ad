"""Octave for real; MATLAB, Julia and PyTorch with stand-ins that speak the protocol."""

import shutil
import sys

import numpy as np
import pytest

from jaxmagic.compare.foreign import scripted

SOLOW = """

function k = solow(k, n)
  for i = 1:n
    k = 0.3 * k^0.4 + 0.9 * k;
  end
end
"""


def solow(k, n):
    for _ in range(n):
        k = 0.3 * k**0.4 + 0.9 * k
    return k


def f(x):
    return x


@pytest.fixture(params=["octave", "matlab"])
def language(request, needs, on_path):
    """Octave, and Octave in the place of MATLAB: both run the same driver."""
    needs("octave")
    if request.param == "matlab":
        octave = shutil.which("octave-cli")
        script = f'#!/bin/sh\n[ "$1" = -batch ] && exec {octave} --norc --quiet --eval "$2"\n'
        on_path("matlab", script)
    return request.param


def test_a_recursion_is_computed_as_python_computes_it(language, ask):
    row = ask(language, SOLOW, solow, 0.2, 1000)
    assert row.result == solow(0.2, 1000)
    assert row.label.startswith({"octave": "Octave ", "matlab": "MATLAB "}[language])
    assert row.compile_s is None
    samples = row.contender.sampler(3_000_000, 1)
    assert 1e-5 < min(samples) < 1
    assert row.contender.function() == row.result


DTYPES = [
    *("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    *("float32", "float64", "complex64", "complex128"),
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_goes_through(language, ask, dtype):
    x = np.array([[1, 0, 100], [7, 55, 3]])
    x = (x * (1 + 1j) if "complex" in dtype else x).astype(dtype)
    result = ask(language, "function y = f(x)\n y = x;\nend", f, x, like=x).result
    assert result.dtype == x.dtype
    np.testing.assert_array_equal(result, x)


def test_an_index_means_the_same_element(language, ask):
    x = np.arange(6.0).reshape(2, 3)
    text = "function y = f(x)\n y = x(2, 1);\nend"
    assert ask(language, text, f, x, like=3.0).result == 3.0


@pytest.mark.parametrize("known", [True, False])
def test_an_array_of_one_dimension_comes_back_as_one(language, ask, known):
    x = np.arange(3.0)
    row = ask(language, "function y = f(x)\n y = 2 * x';\nend", f, x, like=x if known else None)
    assert row.result.tolist() == [0, 2, 4]


def test_several_results(language, ask):
    x = np.arange(3.0)
    text = "function [y, s] = f(x)\n y = x > 1;\n s = sum(x);\nend"
    row = ask(language, text, f, x, like=(x, 3.0))
    assert row.result[0].tolist() == [False, False, True]
    assert row.result[1] == 3.0
    assert row.contender.sampler(1_000_000, 1)


def test_a_short_call_is_repeated_within_a_sample(language, ask):
    row = ask(language, SOLOW, solow, 0.2, 1)
    [note] = row.notes
    assert "'s clock takes" in note
    assert note.endswith(" calls.")


@pytest.mark.alone
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("0.3 *", "nosuch(2) *", "line 5: 'nosuch' undefined near line 5, column 9"),
        ("k = 0.3", "k = = 0.3", "line 5: syntax error >>> k = = 0.3 * k^0.4 + 0.9 * k; ^"),
        ("1:n", "1:Inf", "killed after 1.00 s in the first call: over the limit"),
    ],
)
def test_what_goes_wrong_is_one_sentence(needs, refused, old, new, said):
    needs("octave")
    assert refused("octave", SOLOW.replace(old, new), solow, 0.2, 1000, limit=1).startswith(said)


def test_a_result_that_is_no_array_is_refused(language, refused):
    said = refused(language, "function y = f(x)\n y = {x};\nend", f, 1.0)
    assert said == "the result is a cell; only numbers and arrays come back."


def test_a_function_that_is_not_there_is_not_looked_for_elsewhere(needs, refused):
    needs("octave")
    f.__name__ = "sin"
    try:
        said = refused("octave", SOLOW, f, 1.0)
    finally:
        f.__name__ = "f"
    assert said == "the section has no function sin."


def test_in_matlab_the_first_function_must_be_the_called_one(on_path, refused):
    on_path("matlab", "#!/bin/sh\n")
    text = "function y = g(x)\n y = x;\nend\nfunction y = f(x)\n y = g(x);\nend"
    assert refused("matlab", text, f, 1.0) == (
        "the first function of a section in MATLAB must be f, as it is called."
    )


def test_what_the_language_does_not_have_is_refused(on_path, refused):
    on_path("octave-cli", "#!/bin/sh\n")
    assert refused("octave", SOLOW, f, np.ones(2, "float16")) == (
        "x is float16, which Octave does not have."
    )
    assert refused("octave", SOLOW, f, 2**60) == f"x is {2**60}, more than a double holds."


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("octave", "Octave is not installed: sudo apt install octave"),
        ("matlab", "MATLAB is not installed, or the folder of its program matlab is not on PATH"),
        ("julia", "Julia is not installed: see https://julialang.org/install"),
        ("torch", "PyTorch is not installed: pip install torch"),
    ],
)
def test_without_a_language_it_says_how_to_get_it(refused, monkeypatch, tmp_path, language, said):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(scripted, "find_spec", lambda _name: None)
    assert refused(language, SOLOW, solow, 0.2, 1).startswith(said)


# It runs the Python after "# stand-in:" in place of the Julia around it.
JULIA = """#!{python}
import json, os, sys, time
from pathlib import Path
import numpy as np
start, driver = sys.argv[1:]
assert start == "--startup-file=no", sys.argv
assert "module JaxmagicDriver" in Path(driver).read_text()
folder = Path(os.environ["JAXMAGIC_FOLDER"])
commands, answers = (folder / "commands").open(), (folder / "answers").open("w", buffering=1)
answers.write("ready 1.99.0\\n")
calls = 0
def loaded():
    for number, line in enumerate((folder / "arguments.txt").read_text().splitlines()):
        kind, shape, width = line.split()
        values = np.frombuffer((folder / f"argument{{number}}").read_bytes(), kind)
        sizes = () if shape == "number" else tuple(map(int, shape.split(",")))
        yield values.reshape(sizes, order="F")[()]
for line in commands:
    match line.split():
        case ["load"]:
            name, results, source = (folder / "section.txt").read_text().split()
            text = (folder / source).read_text()
            assert f"function {{name}}(" in text
            number = text[:text.index("stand-in:")].count("\\n") + 1
            function = eval(text.partition("# stand-in:")[2].splitlines()[0])
            answers.write("loaded\\n")
        case ["call"]:
            calls += 1
            try:
                result = np.asarray(function(*loaded()))
            except ZeroDivisionError:
                answers.write(f"error line {{number}}: DivideError: integer division error\\n")
                continue
            (folder / "result0").write_bytes(result.tobytes("F"))
            shape = ",".join(map(str, result.shape)) or "number"
            ns = 900_000_000 if calls == 1 else 400_000_000
            answers.write(f"called {{ns}} 0 {{result.dtype}}:{{shape}}\\n")
        case ["time", slice_ns, evals, most]:
            answers.write(f"samples {{slice_ns}} {{int(evals) * 1000}} {{most}}000\\n")
        case ["clock"]:
            answers.write("clock 1.5\\n")
"""


@pytest.fixture
def julia(on_path):
    on_path("julia", JULIA.format(python=sys.executable))


@pytest.mark.usefixtures("julia")
def test_julia_gets_its_arguments_and_its_compile_time_is_told_apart(ask):
    x = np.arange(6.0).reshape(2, 3)
    text = "function f(x) x end\n# stand-in: lambda x: x * 2"
    row = ask("julia", text, f, x, like=x)
    np.testing.assert_array_equal(row.result, x * 2)
    assert row.label == "Julia 1.99.0"
    assert row.compile_s == 0.5
    [note] = row.notes
    assert note.startswith("Julia compiles in the first call; what it took longer than")
    assert row.contender.sampler(5_000_000, 3) == [0.005, 3e-06, 0.0002]


@pytest.mark.usefixtures("julia")
def test_an_error_in_julia_has_its_line(refused):
    text = "\n\nfunction f(x) div(x, 0) end # stand-in: lambda x: 1 // 0"
    assert refused("julia", text, f, 1) == "line 3: DivideError: integer division error"


# As much of PyTorch as these tests use, on NumPy.
TORCH = """
import numpy as np
__version__ = "2.99.0"
class Tensor(np.ndarray):
    def detach(self): return self
    def cpu(self): return self
    def numpy(self): return np.asarray(self)
def from_numpy(values): return values.view(Tensor)
def tensor(value): return np.asarray(value).view(Tensor)
def compile(function): return function
sin = np.sin
"""


@pytest.fixture
def torch(tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text(TORCH, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(scripted, "find_spec", lambda _name: object())


@pytest.mark.usefixtures("torch")
def test_pytorch_gets_tensors_and_python_numbers(ask):
    text = "\ndef g(x, n):\n    assert type(n) is int\n    return torch.sin(x.cpu()) * n\n"
    x = np.arange(6.0, dtype="float32").reshape(2, 3)

    def g(x, n):
        return np.sin(x) * n

    row = ask("torch", text, g, x, 2)
    np.testing.assert_array_equal(row.result, np.sin(x) * 2)
    assert (row.label, row.compile_s, row.result.dtype) == ("PyTorch 2.99.0", None, "float32")
    assert all(sample > 0 for sample in row.contender.sampler(1_000_000, 2))


@pytest.mark.usefixtures("torch")
def test_a_compiled_function_of_pytorch_has_a_compile_time(ask):
    row = ask("torch", "@torch.compile\ndef f(x):\n    return x", f, np.ones(2))
    assert row.compile_s >= 0


@pytest.mark.usefixtures("torch")
def test_a_tensor_that_is_changed_is_fresh_in_every_call(ask):
    row = ask("torch", "def f(x):\n    x += 1\n    return x", f, np.zeros(2))
    row.contender.sampler(100_000, 1)
    assert row.contender.function(*row.contender.renew()).tolist() == [1, 1]
    assert row.notes[-1].startswith("The call changes its arguments")


@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\ndef f(x):\n    return y", "line 3: NameError: name 'y' is not defined"),
        ("\ndef f(x:\n    return y", "line 2: SyntaxError: '(' was never closed"),
        ("\ndef g(x):\n    return x", "NameError: the section defines no function f"),
        ("\ndef f(x):\n    return 'a'", "TypeError: the result is a str; only numbers and "),
    ],
)
def test_errors_of_pytorch_have_their_line(refused, text, said):
    assert refused("torch", text, f, 1.0).startswith(said)
