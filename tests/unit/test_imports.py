"""Who may import what: `import jaxmagic` stays light, and rooms keep to their floor."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ["IPython", "jax", "jaxlib", "matplotlib", "numpy"]


def loaded_by(code):
    """Return which heavy packages are loaded after ``code`` has run in a new Python."""
    report = f"import sys; print(*sorted(sys.modules.keys() & set({HEAVY})))"
    python = [sys.executable, "-c", f"{code}\n{report}"]
    return subprocess.run(python, check=True, capture_output=True, text=True).stdout.split()


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import jaxmagic") == []


@pytest.mark.parametrize("package", HEAVY)
def test_the_check_above_sees_each_heavy_package(package):
    assert package in loaded_by(f"import {package}")


def lint_imports(folder):
    """Run the contracts of pyproject.toml on the package in ``folder``."""
    # `lint-imports` puts its working folder first on the path: a copy is judged, not this tree
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_rooms_import_only_what_their_floor_allows():
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("show/units.py", "import jaxmagic.compare", "Imports point down"),
        ("measure/__init__.py", "from jaxmagic.show import units", "never imports its neighbour"),
        ("compare/view.py", "import jax", "Results and views"),
        ("compare/view.py", "from jaxmagic import _jax", "even through others"),
        ("compare/__init__.py", "import IPython", "Only the magics"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(tmp_path, module, line, contract):
    shutil.copytree(ROOT / "jaxmagic", tmp_path / "jaxmagic")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "jaxmagic" / module).open("a") as source:
        source.write(f"\n{line}\n")
    run = lint_imports(tmp_path)
    assert run.returncode == 1, run.stdout + run.stderr
    broken = [name for name in run.stdout.splitlines() if " BROKEN" in name]
    assert any(contract in name for name in broken), run.stdout
