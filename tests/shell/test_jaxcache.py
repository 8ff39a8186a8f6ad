"""%jaxcache and %jaxdevices as a user types them."""

import sys

import jax
import pytest
from IPython.core.error import UsageError

import jaxmagic
from jaxmagic.compiles.disk.result import DiskCache
from jaxmagic.compiles.memory.result import Devices
from jaxmagic.compiles.record import Compiles
from jaxmagic.compiles.sites.result import Sites

CELLS = (
    "import jax\nimport jax.numpy as jnp\nones = {n: jnp.ones(n) for n in (3, 4, 5)}",
    "def step(x):\n    return 2 * x\nplain, step = step, jax.jit(step)",
    "step(ones[3])\nstep(ones[4])",
    "step(ones[4])",
    "for n in (3, 4):\n    jax.jit(lambda x: x + 1)(ones[n])",
)


@pytest.fixture
def used_shell(shell):
    """Start a shell in which some cells have compiled something: In [1] to In [5]."""
    jax.clear_caches()
    for cell in CELLS:
        assert shell.run_cell(cell, store_history=True).success
    return shell


def answer(shell, line):
    done = shell.run_cell(line, store_history=True)
    assert done.success
    return done.result


def refusal(shell, line):
    error = shell.run_cell(line).error_in_exec
    assert isinstance(error, UsageError), error
    return str(error)


def compiled(result, *functions):
    """Function, cell and line of each program; of some functions only."""
    return [(r.function, r.cell, r.line) for r in result if r.function in functions]


def test_every_program_has_its_cell_and_its_line(used_shell):
    result = answer(used_shell, "%jaxcache")
    assert isinstance(result, Compiles)
    assert compiled(result, "step", "<lambda>") == [
        ("step", 3, 1),
        ("step", 3, 2),
        ("<lambda>", 5, 2),
        ("<lambda>", 5, 2),
    ]
    assert all(record.cell == 1 for record in result if record.kind == "eager op")


def test_a_session_begins_when_the_extension_is_loaded(bare_shell):
    with jaxmagic.watch() as log:
        jax.jit(lambda x: x + 3)(1.0)
    assert log[-1].function == "<lambda>"
    bare_shell.run_line_magic("load_ext", "jaxmagic")
    assert len(answer(bare_shell, "%jaxcache")) == 0
    bare_shell.run_line_magic("unload_ext", "jaxmagic")


def test_what_a_cell_compiled(used_shell):
    assert len(answer(used_shell, "%jaxcache --cell 3")) == 2
    assert len(answer(used_shell, "%jaxcache --cell 4")) == 0


@pytest.mark.parametrize("name", ["step", "plain", "{'a': step}['a']"])
def test_what_a_function_compiled(used_shell, name):
    result = answer(used_shell, f"%jaxcache {name}")
    assert [record.reason.kind for record in result] == ["first", "shape"]
    assert ("JAX holds 2 programs for step" in " ".join(result.notes)) == (name != "plain")


def test_what_came_again_and_why(used_shell, capsys):
    result = answer(used_shell, "%jaxcache --why --cell 5")
    assert [record.reason.kind for record in result] == ["new function"]
    said = capsys.readouterr().out
    assert "outside the loop" in said
    assert "first call" not in said


def test_the_slow_ones_come_first(used_shell):
    total = [record.total_ms for record in answer(used_shell, "%jaxcache --slow")]
    assert total == sorted(total, reverse=True)


def test_sums_over_the_places_that_called(used_shell, capsys):
    result = answer(used_shell, "%jaxcache --sum")
    assert isinstance(result, Sites)
    places = {(site.place, site.function): site for site in result.sites}
    loop = places["In[5]:2", "<lambda>"]
    assert (loop.programs, loop.again) == (2, 1)
    every = answer(used_shell, "%jaxcache")
    assert sum(site.programs for site in result.sites) == len(every)
    assert sum(site.total_ms for site in result.sites) == pytest.approx(every.total_ms)
    assert "In[5]:2" in capsys.readouterr().out
    assert Sites.from_json(result.to_json()) == result
    assert max(map(len, str(result).splitlines())) <= 100


def test_watching_is_one_line_below_a_cell_that_compiles(used_shell, capsys):
    answer(used_shell, "%jaxcache --watch")
    capsys.readouterr()
    used_shell.run_cell("y = step(ones[5])")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert said[0].startswith("jaxmagic: 1 program in ")
    assert said[0].endswith("step (shape)")
    used_shell.run_cell("y = step(ones[5])")
    assert capsys.readouterr().out == ""
    answer(used_shell, "%jaxcache --watch off")
    used_shell.run_cell("y = jax.jit(lambda x: x + 2)(ones[3])")
    assert capsys.readouterr().out == ""


def test_the_implicit_jit_is_seen_once(shell, capsys):
    shell.run_cell("import jax, jax.numpy as jnp\nA = 2 * jnp.eye(3)\njax.clear_caches()")
    answer(shell, "%jaxcache --watch")
    for _ in range(2):
        shell.run_cell("B = jnp.linalg.inv(A)")
    lines = [line for line in capsys.readouterr().out.splitlines() if "jaxmagic:" in line]
    assert len(lines) == 1
    assert "inv" in lines[0]


def test_records_are_forgotten_but_not_what_jax_has(used_shell):
    assert answer(used_shell, "%jaxcache --clear") is None
    assert len(answer(used_shell, "%jaxcache")) == 0
    used_shell.run_cell("step(ones[3])\nstep(ones[5])")
    assert [record.reason.kind for record in answer(used_shell, "%jaxcache")] == ["shape"]


def test_the_disk_cache_is_shown_and_switched_on_until_the_end(used_shell, tmp_path):
    def settings():
        return jax.config.jax_compilation_cache_dir, jax.config.jax_enable_compilation_cache

    before = settings()
    off = answer(used_shell, "%jaxcache --disk")
    assert isinstance(off, DiskCache)
    assert not off.is_on
    for name in ("kept", "other"):
        on = answer(used_shell, f"%jaxcache --disk {tmp_path / name}")
        assert on.is_on
        assert on.directory == str(tmp_path / name)
    assert settings() == (str(tmp_path / "other"), True)
    used_shell.run_line_magic("unload_ext", "jaxmagic")
    assert settings() == before


def test_devices_are_shown_with_the_names_of_arrays(used_shell, capsys):
    used_shell.run_cell("model = {'big': [jnp.ones((64, 64))]}")
    result = answer(used_shell, "%jaxdevices --seconds 1 -o held")
    assert isinstance(result, Devices)
    assert used_shell.user_ns["held"] is result
    names = {name.text for group in result.groups for name in group.names}
    assert "model['big'][0]" in names
    assert "model['big'][0]" in capsys.readouterr().out


def test_unloading_ends_the_recording(used_shell):
    used_shell.run_line_magic("unload_ext", "jaxmagic")
    used_shell.run_cell("step(jnp.ones(7))")
    found = jaxmagic.compiles()
    assert len(found) == 0
    assert "Nothing is being recorded" in found.notes[-1]
    assert not [finder for finder in sys.meta_path if type(finder).__name__ == "AfterImport"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%jaxcache --watch --slow", "--watch stands alone"),
        ("%jaxcache --clear step", "--clear stands alone"),
        ("%jaxcache --slow --sum", "leave --slow out"),
        ("%jaxcache --cell 0", "whole number above 0"),
        ("%jaxcache 3", "no function"),
        ("%jaxcache step(", "no Python expression"),
        ("%jaxcache --watch maybe", "maybe"),
        ("%jaxcache --disk /proc/nowhere", "/proc/nowhere"),
        ("%jaxdevices --seconds no", "no number above 0"),
        ("%jaxdevices params", "params"),
    ],
)
def test_a_mistake_gets_a_sentence(used_shell, line, said):
    assert said in refusal(used_shell, line)
