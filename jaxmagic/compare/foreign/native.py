"""Sections in languages that are compiled ahead: C and C++.

The section is compiled as it is, to an object file of its own, so nothing of it is inlined into
the loop that times it. A driver is compiled beside it and linked with it.
"""

import math
import os
import platform
import re
import shlex
import shutil
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from jaxmagic.compare.backend import Prepared, RefusedError, Setup, first_sentence
from jaxmagic.compare.cell import Call, Section
from jaxmagic.compare.foreign import files, fortran
from jaxmagic.compare.foreign.files import Argument, Result
from jaxmagic.compare.foreign.glue import Dialect, check, glue, prototype
from jaxmagic.compare.foreign.matching import Plan, matched
from jaxmagic.compare.foreign.process import CoProcess, Finished, Workshop, run_tool
from jaxmagic.compare.foreign.running import Running, prepared
from jaxmagic.compare.foreign.signature import find_signature

COMPILE_LIMIT_S = 60.0
_NATIVE = "-mcpu=native" if platform.machine() in ("arm64", "aarch64") else "-march=native"
# A multiplication and an addition are rounded apart, as Python, NumPy and Numba do: otherwise
# a result that is sensitive to rounding (a chaotic map) would differ from theirs.
DEFAULT_FLAGS = ("-O3", _NATIVE, "-ffp-contract=off")
_HIDING = {"static", "inline", "constexpr", "__inline", "__inline__"}

Arguments = tuple[Argument, ...]


@dataclass(frozen=True)
class Toolchain:
    """How a language is compiled; ``variable`` of the environment names the user's compiler."""

    label: str
    suffix: str
    variable: str
    compilers: tuple[str, ...]
    hint: str
    dialect: Dialect = "c"


C = Toolchain(
    "C",
    "c",
    "CC",
    ("gcc", "clang", "cc"),
    "sudo apt install gcc, xcode-select --install, or conda install -c conda-forge c-compiler",
)
CPP = Toolchain(
    "C++",
    "cpp",
    "CXX",
    ("g++", "clang++", "c++"),
    "sudo apt install g++, xcode-select --install, or conda install -c conda-forge cxx-compiler",
    dialect="cpp",
)

FORTRAN = Toolchain(
    "Fortran",
    "f90",
    "FC",
    ("gfortran",),
    "sudo apt install gfortran, brew install gcc, or conda install -c conda-forge gfortran",
    dialect="fortran",
)
TOOLCHAINS: dict[str, Toolchain] = {"c": C, "cpp": CPP, "fortran": FORTRAN}


def compiled(section: Section, call: Call, setup: Setup, like: Any) -> Prepared:
    """The row of a section that is compiled ahead.

    Raises:
        RefusedError: it can't be compiled or called, or it died or took too long.
    """
    language = TOOLCHAINS[section.backend]
    compiler = find_compiler(language)
    arguments = files.arguments_of(call, language.label)
    expected = files.expected(call, like, arguments)
    workshop = Workshop()
    try:
        build = Build(language, compiler, workshop.path, section.flags)
        compile_s = build.compile_section(section.text)
        plan = _planned(build, call.function.__name__, arguments, expected)
        build.link_driver(glue(plan, language.dialect))
        running = _started(plan, workshop, setup.limit, like)
    except BaseException:
        workshop.close()
        raise
    try:
        running.start()
        _, result = running.call("in the first call")
        return prepared(
            section.backend,
            build.label,
            running,
            result,
            compile_s=compile_s,
            notes=(build.note(), *plan.notes),
        )
    except BaseException:
        running.close()
        raise


def _started(plan: Plan, workshop: Workshop, limit_s: float, like: Any) -> Running:
    folder, order = workshop.path, plan.order
    for number, (argument, dtype) in enumerate(zip(plan.arguments, plan.dtypes, strict=True)):
        files.write(argument.values.astype(dtype), folder / f"argument{number}", order)

    def read(_words: list[str]) -> Any:
        values = [
            files.read(folder / f"result{number}", result, order)
            for number, result in enumerate(plan.results)
        ]
        return files.like_the_others(values, like)

    # its own alarm is for the case that nobody is left to kill it
    alarm_s = str(math.ceil(limit_s) + 60)
    process = CoProcess([str(folder / "driver"), str(folder), alarm_s], folder, {})
    return Running(workshop, process, read, limit_s)


@dataclass(frozen=True)
class Build:
    """A section being compiled in ``folder``."""

    language: Toolchain
    compiler: tuple[str, ...]
    folder: Path
    given_flags: tuple[str, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that the section is compiled with: the user's, or the usual ones."""
        return self.given_flags or DEFAULT_FLAGS

    @property
    def label(self) -> str:
        """What the row is called: the language, the compiler and how much it optimises."""
        levels = [flag for flag in self.flags if flag.startswith("-O")]
        return f"{self.language.label} ({' '.join([Path(self.compiler[0]).name, *levels[-1:]])})"

    def note(self) -> str:
        """The version of the compiler, and its flags."""
        version = first_sentence(self._run("--version").output)
        note = f"{self.language.label} is compiled by {version} with {' '.join(self.flags)}"
        name = next(name for name, other in TOOLCHAINS.items() if other is self.language)
        return f"{note}." if self.given_flags else f"{note}; flags after %%{name} replace these."

    @property
    def source(self) -> str:
        """The name of the file that holds the section."""
        return f"section.{self.language.suffix}"

    def compile_section(self, text: str) -> float:
        """Compile the section as it is; returns the seconds that it took.

        Raises:
            RefusedError: the compiler can't; the sentence is its first error, with the line.
        """
        (self.folder / self.source).write_text(f"{text}\n", encoding="utf-8")
        done = self._run(*self.flags, "-fno-lto", "-c", self.source, "-o", "section.o")
        if not done.succeeded:
            raise RefusedError(compile_error(done, self.source))
        return done.elapsed_s

    def text(self) -> str:
        """The section as it is."""
        return (self.folder / self.source).read_text(encoding="utf-8")

    def preprocessed(self) -> str:
        """The section as it leaves the preprocessor."""
        return self._run(*self.flags, "-E", self.source).output

    def table_of_symbols(self) -> str:
        """What gfortran understood of the section."""
        return self._run(
            *self.flags, "-fsyntax-only", "-fdump-fortran-original", self.source
        ).output

    def accepts(self, text: str) -> bool:
        """Whether the section with ``text`` after it is still correct."""
        check = f"check.{self.language.suffix}"
        (self.folder / check).write_text(f'#include "{self.source}"\n{text}\n', encoding="utf-8")
        return self._run(*self.flags, "-w", "-fsyntax-only", check).succeeded

    def link_driver(self, glue: str) -> None:
        """Compile the driver, and link it with the section.

        Raises:
            RefusedError: the section uses what is not there.
        """
        (self.folder / "glue.h").write_text(glue, encoding="utf-8")
        name = "driver.cpp" if self.language.dialect == "cpp" else "driver.c"
        driver = resources.files("jaxmagic.compare.foreign").joinpath("driver.c").read_bytes()
        (self.folder / name).write_bytes(driver)
        # without the user's flags, which may be for another standard
        done = self._run("-O2", "-w", "-c", name, "-o", "driver.o")
        if done.succeeded:
            done = self._run("driver.o", "section.o", "-o", "driver", *self.flags, "-lm")
        if not done.succeeded:
            raise RefusedError(link_error(done))

    def _run(self, *arguments: str) -> Finished:
        beside = ("-I", str(Path.cwd()))  # where the user's own headers are
        return run_tool((*self.compiler, *beside, *arguments), self.folder, COMPILE_LIMIT_S)


def find_compiler(language: Toolchain) -> tuple[str, ...]:
    """The command of the compiler: what the user's environment says, or the first there is.

    Raises:
        RefusedError: there is none.
    """
    chosen = shlex.split(os.environ.get(language.variable, ""))
    for command in (chosen, *([name] for name in language.compilers)):
        # only gfortran tells what it understood
        usable = language is not FORTRAN or "gfortran" in " ".join(command)
        if command and usable and shutil.which(command[0]):
            return tuple(command)
    message = f"there is no {language.label} compiler: {language.hint}."
    raise RefusedError(message)


def compile_error(done: Finished, source: str) -> str:
    """The first error of a compiler, with the line of the user's code."""
    said = done.errors
    errors = re.findall(r"^([^\n:]*):(\d+):\d+: (?:fatal )?error: (.*)$", said, re.MULTILINE)
    # gfortran shows the line, and says what is wrong below
    errors += re.findall(
        r"^([^\n:]*):(\d+):\d+:\n(?:(?!^\S[^\n]*:\d+:\d+:\n).*\n)*?(?:Fatal )?Error: (.*)$",
        said,
        re.MULTILINE,
    )
    own = [(line, text) for file, line, text in errors if file.endswith(source)]
    if not own:
        return f"the compiler says: {first_sentence(said) or 'nothing, but it failed'}"
    line, text = own[0]
    more = f" (and {len(own) - 1} more)" if own[1:] else ""
    return f"line {line}: {text}{more}"


def link_error(done: Finished) -> str:
    """What a linker misses, or has twice."""
    missing = re.search(r"undefined reference to [`'\"]?(.+?)['\"]?$", done.errors, re.MULTILINE)
    missing = missing or re.search(r'^\s*"(_\S+)", referenced from', done.errors, re.MULTILINE)
    if missing:
        return (
            f"{missing[1]} is used but not defined in the section; define it, or name its "
            "library after the section's name, for instance -lopenblas."
        )
    if re.search(r"(multiple definition of|duplicate symbol).*\bmain\b", done.errors, re.DOTALL):
        return "the section has a function main: leave it out, the function is called as it is."
    return f"the linker says: {first_sentence(done.errors)}"


def _planned(build: Build, name: str, arguments: Arguments, expected: list[Result]) -> Plan:
    """How the function is called, as its source says and the compiler agrees."""
    dialect = build.language.dialect
    if dialect == "fortran":
        return _planned_fortran(build, name, arguments, expected)
    wanted = prototype(name, arguments, expected, dialect)
    preprocessed = build.preprocessed()
    signature = find_signature(preprocessed, name, build.source)
    if signature is None:
        message = f"the section has no function {name}; write `{wanted}`."
        raise RefusedError(message)
    where = f"line {signature.line}"
    hidden = signature.words & _HIDING
    if hidden:
        message = f"{where}: {name} can't be called from outside; leave out {min(hidden)}."
        raise RefusedError(message)
    plan = matched(signature, arguments, expected, wanted)
    has_c_linkage = dialect == "cpp" and re.search(r'extern\s*"C"', preprocessed)
    for linkage in ('extern "C" ', "") if has_c_linkage else ("",):
        if build.accepts(check(signature, linkage, dialect)):
            return replace(plan, linkage=linkage)
    message = f"{where}: the compiler sees another function {name} here; write `{wanted}`."
    raise RefusedError(message)


def _planned_fortran(build: Build, name: str, arguments: Arguments, expected: list[Result]) -> Plan:
    wanted = fortran.prototype(name, arguments, expected)
    signature = fortran.find_procedure(build.table_of_symbols(), build.text(), name)
    if signature is None:
        message = f"the section has no function or subroutine {name}; write `{wanted}`."
        raise RefusedError(message)
    return replace(matched(signature, arguments, expected, wanted), order="F")
