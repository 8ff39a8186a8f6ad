"""Sections that are run for real, and a look at what they leave behind."""

import shutil
import stat
import tempfile

import pytest

from jaxmagic.compare import foreign
from jaxmagic.compare.backend import RefusedError, Setup
from jaxmagic.compare.cell import Section, bind

PROGRAMS = {"c": "gcc", "cpp": "g++", "fortran": "gfortran", "octave": "octave-cli"}


@pytest.fixture
def needs():
    """Skip the test if the compiler or interpreter of a language is not there."""

    def needs(language):
        program = PROGRAMS[language]
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} on this machine")

    return needs


@pytest.fixture
def ask(tmp_path_factory, monkeypatch):
    """Prepare the row of a section; at the end of the test nothing of it may be left."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    rows = []

    def ask(language, text, function, *arguments, like=None, flags=(), limit=5.0):
        call = bind("f()", function, function, arguments, {})
        section = Section(language, text, tuple(flags))
        rows.append(foreign.prepared(section, call, Setup(limit=limit), like))
        return rows[-1]

    yield ask
    for row in rows:
        row.close()
        row.close()  # twice does no harm
    assert list(folder.iterdir()) == []


@pytest.fixture
def refused(ask):
    """The sentence with which a section is refused."""

    def refused(*arguments, **options):
        with pytest.raises(RefusedError) as caught:
            ask(*arguments, **options)
        return str(caught.value)

    return refused


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """Put an executable script first on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def on_path(name, text):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755 | stat.S_IXUSR)

    path = shutil.os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{folder}:{path}")
    return on_path
