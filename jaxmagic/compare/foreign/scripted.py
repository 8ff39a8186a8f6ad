"""Sections in languages with an interpreter or a compiler of their own at run time.

Octave, MATLAB, Julia and PyTorch: a driver in the same language loads the section and calls it.
"""

import math
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from jaxmagic.compare.backend import Prepared, RefusedError, Setup
from jaxmagic.compare.cell import Call, Section
from jaxmagic.compare.foreign import files
from jaxmagic.compare.foreign.files import Argument, Order, Result
from jaxmagic.compare.foreign.process import CoProcess, Workshop
from jaxmagic.compare.foreign.running import Running, prepared
from jaxmagic.measure.rounds import CLOCK_SHARE, WARM_UP_NS
from jaxmagic.show import units

_LARGEST_WHOLE = 2**53  # above it, not every integer is a double
_OF_MATLAB = {
    "bool": "logical",
    "float64": "double",
    "float32": "single",
    "complex128": "complex-double",
    "complex64": "complex-single",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}
_OF_NUMPY = {name: name for name in (*_OF_MATLAB, "float16")}


@dataclass(frozen=True)
class Interpreter:
    """How a language is started, and what its driver is to be told.

    ``command`` makes the command line from the program, the folder and the user's flags;
    ``kinds`` are its names of NumPy's dtypes.
    """

    label: str
    programs: tuple[str, ...]
    missing: str
    driver: str
    section: str
    command: Callable[[str, Path, tuple[str, ...]], list[str]]
    kinds: dict[str, str]
    order: Order = "F"
    compiles: bool = False

    @property
    def is_matlab(self) -> bool:
        """Whether all its values are matrices, and its numbers doubles."""
        return self.driver == "driver.m"


def _in_octave(program: str, folder: Path, flags: tuple[str, ...]) -> list[str]:
    start = f"addpath('{folder}'); jaxmagic_driver"
    return [program, "--norc", "--quiet", "--no-history", *flags, "--eval", start]


def _in_matlab(program: str, folder: Path, flags: tuple[str, ...]) -> list[str]:
    return [program, *flags, "-batch", f"addpath('{folder}'); jaxmagic_driver"]


def _in_julia(program: str, folder: Path, flags: tuple[str, ...]) -> list[str]:
    return [program, "--startup-file=no", *flags, str(folder / "jaxmagic_driver.jl")]


def _in_python(program: str, folder: Path, flags: tuple[str, ...]) -> list[str]:
    return [program, *flags, str(folder / "jaxmagic_driver_torch.py")]


INTERPRETERS = {
    "octave": Interpreter(
        "Octave",
        ("octave-cli", "octave"),
        "Octave is not installed: sudo apt install octave, brew install octave, or "
        "conda install -c conda-forge octave.",
        "driver.m",
        "section.m",
        _in_octave,
        _OF_MATLAB,
    ),
    "matlab": Interpreter(
        "MATLAB",
        ("matlab",),
        "MATLAB is not installed, or the folder of its program matlab is not on PATH; "
        "a section %%octave may do.",
        "driver.m",
        "",  # the name of the function
        _in_matlab,
        _OF_MATLAB,
    ),
    "julia": Interpreter(
        "Julia",
        ("julia",),
        "Julia is not installed: see https://julialang.org/install, or brew install julia.",
        "driver.jl",
        "section.jl",
        _in_julia,
        _OF_NUMPY,
        compiles=True,
    ),
    "torch": Interpreter(
        "PyTorch",
        (sys.executable,),
        "PyTorch is not installed: pip install torch",
        "driver_torch.py",
        "section.py",
        _in_python,
        _OF_NUMPY,
        order="C",
    ),
}


def interpreted(section: Section, call: Call, setup: Setup, like: Any) -> Prepared:
    """The row of a section that another program runs.

    Raises:
        RefusedError: it can't run, or it died or took too long.
    """
    language = INTERPRETERS[section.backend]
    program = _program(language)
    arguments = files.arguments_of(call, language.label)
    expected = files.expected(call, like, arguments)
    workshop = Workshop()
    try:
        folder = workshop.path
        _write(language, section, call.function.__name__, folder, len(expected))
        _write_arguments(language, arguments, folder)
        command = language.command(program, folder, section.flags)
        process = CoProcess(command, folder, {"JAXMAGIC_FOLDER": str(folder)})
    except BaseException:
        workshop.close()
        raise

    def read(words: list[str]) -> Any:
        values = [_read(language, folder, number, word) for number, word in enumerate(words)]
        if language.is_matlab:
            shapes = [r.shape for r in expected] if like is not None else [None] * len(values)
            values = [
                _without_extra_dimensions(value, shape, arguments)
                for value, shape in zip(values, shapes, strict=False)
            ]
        return files.like_the_others(values, like)

    running = Running(workshop, process, read, setup.limit)
    try:
        version = running.start()
        first_s, result = running.call("in the first call")
        known: dict[str, Any] = {}
        notes = []
        if language.compiles or (section.backend == "torch" and "compile" in section.text):
            second_s, result = running.call("in the second call")
            known["compile_s"] = max(0.0, first_s - second_s)
            notes.append(
                f"{language.label} compiles in the first call; what it took longer than the "
                "second is shown as compile."
            )
        notes += _calibrated(running, language.label)
        label = " ".join([language.label, *version[:1]])
        return prepared(section.backend, label, running, result, notes=notes, **known)
    except BaseException:
        running.close()
        raise


def _program(language: Interpreter) -> str:
    found = next(filter(None, map(shutil.which, language.programs)), None)
    if found is None or (language.label == "PyTorch" and find_spec("torch") is None):
        raise RefusedError(language.missing)
    return found


def _write(language: Interpreter, section: Section, name: str, folder: Path, results: int) -> None:
    """Write the driver, the section, and what the driver is to know of it."""
    driver = resources.files("jaxmagic.compare.foreign").joinpath(language.driver).read_bytes()
    # a file of MATLAB is a name that the user could have
    (folder / f"jaxmagic_{language.driver}").write_bytes(driver)
    source = language.section or f"{name}.m"
    text = section.text
    if language.label == "Octave":
        text = f"1;{text}"  # else the file would be taken for that of one function
    elif language.label == "MATLAB":
        _check_first_function(text, name)
    (folder / source).write_text(f"{text}\n", encoding="utf-8")
    (folder / "section.txt").write_text(f"{name} {max(results, 1)} {source}\n", encoding="utf-8")


def _check_first_function(text: str, name: str) -> None:
    """MATLAB takes the first function of a file for the one that it is named after."""
    first = re.search(r"^[ \t]*function\b(?:[^=(\n%]*=)?\s*(\w+)", text, re.MULTILINE)
    if first is None or first[1] != name:
        message = f"the first function of a section in MATLAB must be {name}, as it is called."
        raise RefusedError(message)


def _write_arguments(language: Interpreter, arguments: tuple[Argument, ...], folder: Path) -> None:
    lines = []
    for number, argument in enumerate(arguments):
        values = argument.values
        if language.is_matlab and argument.weak and values.dtype.kind in "iu":
            if abs(int(values)) > _LARGEST_WHOLE:
                message = f"{argument.name} is {values}, more than a double holds."
                raise RefusedError(message)
            values = values.astype(float)  # as every number is that is written there
        kind = language.kinds.get(str(values.dtype))
        if kind is None:
            message = f"{argument.name} is {values.dtype}, which {language.label} does not have."
            raise RefusedError(message)
        shape = ",".join(map(str, values.shape)) or ("1,1" if language.is_matlab else "number")
        if language.is_matlab and values.ndim == 1:
            shape += ",1"
        lines.append(f"{kind} {shape} {'weak' if argument.weak else 'strong'}\n")
        files.write(values, folder / f"argument{number}", language.order)
    (folder / "arguments.txt").write_text("".join(lines), encoding="utf-8")


def _read(language: Interpreter, folder: Path, number: int, word: str) -> Any:
    kind, _, shape = word.partition(":")
    dtype = next(name for name, other in language.kinds.items() if other == kind)
    sizes = () if shape == "number" else tuple(map(int, shape.split(",")))
    return files.read(folder / f"result{number}", Result(np.dtype(dtype), sizes), language.order)


def _without_extra_dimensions(
    value: Any, shape: tuple[int, ...] | None, arguments: tuple[Argument, ...]
) -> Any:
    """A matrix of one element, row or column in the shape that NumPy would have."""
    if shape is not None:
        squeezed = tuple(n for n in shape if n != 1)
        fits = squeezed == tuple(n for n in value.shape if n != 1)
        return value.reshape(shape)[()] if fits else value
    if value.size == 1 and not any(argument.is_array for argument in arguments):
        return value.reshape(())[()]
    no_matrix = all(argument.values.ndim <= 1 for argument in arguments)
    return value.reshape(-1) if no_matrix and 1 in value.shape else value


def _calibrated(running: Running, label: str) -> list[str]:
    """Let each sample have so many calls that the clock's own cost does not count."""
    [cost_ns] = running.process.ask("clock", running.limit_s, "while it read its clock")
    if running.changes:
        return []
    best_s = min(running.sample(WARM_UP_NS, 1))
    cost_s = float(cost_ns) / 1e9
    running.evals = max(1, math.ceil(cost_s / CLOCK_SHARE / (best_s + 1e-9)))
    if running.evals == 1:
        return []
    cost = units.seconds(cost_s)
    return [f"Reading {label}'s clock takes {cost}: each sample is {running.evals} calls."]
