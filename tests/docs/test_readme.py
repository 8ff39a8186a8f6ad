"""Every command and every piece of code in the README is run here."""

import ast
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_all_blocks_are_of_a_kind_that_is_run_here():
    assert {kind for kind, _ in BLOCKS} == {"sh", "python"}
    assert commands() == {"make demo", "make test", 'pip install ".[all]"'}


def test_the_python_blocks_run_one_after_the_other(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shell = InteractiveShell()
    for kind, source in BLOCKS:
        if kind != "python":
            continue
        quick = source.replace("%%jaxcompare", "%%jaxcompare --seconds 0.02 --limit 100")
        with capture_output() as said:
            result = shell.run_cell(quick)
        assert result.success, f"{source}\n{said.stdout}"
        if "%%jaxcompare" in source:
            assert "JAX jit" in str(result.result)
            for comparison in getattr(result.result, "comparisons", [result.result]):
                assert all(row.ran for row in comparison.rows)
    assert (tmp_path / "solow.svg").read_text().startswith("<?xml")


@pytest.mark.timeout(600)
def test_make_demo_prints_both_tables_and_leaves_the_page():
    for page in (ROOT / "build").glob("tour*.html"):
        page.unlink()
    said = run("make", "demo")
    for call in ("solow(0.2, 1000): 5 of 5 rows timed", "f(np.linspace(0, 10, 50_000)): 5 of 5"):
        assert call in said
    assert "p ← params" in said
    for name in ("tour.html", "tour-dark.html"):
        page = (ROOT / "build" / name).read_text(encoding="utf-8")
        assert page.count('class="jaxmagic"') == 4
        assert "<script" not in page.partition("<body")[2]


@pytest.mark.timeout(600)
def test_the_history_runs_in_all_languages_that_are_here(tmp_path):
    page = tmp_path / "history.html"
    quick = tmp_path / "history.ipynb"
    text = (ROOT / "examples" / "history.ipynb").read_text(encoding="utf-8")
    assert "n=10**1..10**6" in text
    # what is asked of its rows below holds however long they are timed, and at 10,000, too
    text = text.replace('"%%jaxcompare', '"%%jaxcompare --seconds 0.02 --limit 100').replace(
        "10**6", "10**4"
    )
    quick.write_text(text, encoding="utf-8")
    said = run(sys.executable, "examples/run.py", quick, "--html", page)
    rows = [line.split("  ")[0] for line in said.splitlines()]
    for label in ("Python", "Numba", "JAX eager", "JAX jit (loop -> lax)"):
        assert label in {" ".join(row.split()[: len(label.split())]) for row in rows}
    assert "careless(x): " in said
    assert "overtakes" in said
    assert page.read_text(encoding="utf-8").count('class="jaxmagic"') >= 6


def test_the_recompiles_are_found_and_explained():
    said = run(sys.executable, "examples/run.py", "examples/recompiles.ipynb")
    for reason in (
        "shape of x: float32[20], was float32[10]",
        "dtype of x: int32[30], was float32[30]",
        "weak type of x: float32[], was weak float32[]",
        "tree structure at params: tuple, was list",
        "2 programs were compiled again:",
        "<lambda> (new function) 2x",
        "raised (static value) 2x",
    ):
        assert reason in said.replace("\n", " ") or reason in said


def test_the_stages_are_shown_and_verified():
    said = run(sys.executable, "examples/run.py", "examples/stages.ipynb")
    for words in (
        "f(f32[1000]): 5 equations",
        "Nothing is left of:",
        "Verified: XLA makes the same of the program without the tags of jaxmagic.",
        "0. transpose",
        "while",
        "write jnp.where or jax.lax.cond",
    ):
        assert words in said


def test_make_test_and_the_other_targets_of_the_readme_exist():
    for target in sorted(set(re.findall(r"`make ([a-z-]+)`", README)) | {"test"}):
        run("make", "--dry-run", target)
    listed = run("make", "help")
    for target in ("demo", "lab", "test", "test-matrix", "lint", "bench"):
        assert f"make {target} " in listed


def test_pip_installs_a_whole_package(tmp_path):
    # without what it depends on: that is in the environment of this test
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, ".[all]")
    (wheel,) = tmp_path.glob("jaxmagic-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for path in (ROOT / "jaxmagic").rglob("*"):
        if path.is_file() and path.suffix in {".py", ".css", ".typed"}:
            assert path.relative_to(ROOT).as_posix() in names
    metadata = next(name for name in names if name.endswith("METADATA"))
    text = zipfile.ZipFile(wheel).read(metadata).decode()
    for extra in ("numba", "matplotlib", "pandas"):
        assert re.search(rf"Requires-Dist: {extra}; extra == ", text)


def test_links_and_pictures_lead_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_benchmarks_are_scripts_that_say_what_they_compare():
    scripts = list((ROOT / "benchmarks").glob("*.py"))
    assert scripts
    for script in scripts:
        assert ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))


def commands():
    return {line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()}


def run(*command):
    # a make that runs the tests would hand its flags and variables on to this one
    clean = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True, env=clean, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
