"""The persistent cache: what is said of it, whatever lies there, and switching it on and off."""

import os
import subprocess
import sys
import zlib

import jax
import pytest

from jaxmagic import show
from jaxmagic.compiles.disk import DiskCache, DiskCacheError, Entry, Thresholds, disk_cache, use
from jaxmagic.show import TEXT_WIDTH

NAMES = (
    "jax_compilation_cache_dir",
    "jax_enable_compilation_cache",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
    "jax_compilation_cache_max_size",
)
NOW = 1_700_000_000.0  # before these tests have started


def settings():
    return {name: getattr(jax.config, name) for name in NAMES}


@pytest.fixture(autouse=True)
def as_before():
    """Leave JAX's settings as they were, and its cache closed."""
    before = settings()
    yield
    for name, value in before.items():
        jax.config.update(name, value)
    from jaxmagic import _jax

    _jax.reopen_disk_cache()


def compiled(factor):
    def step(x):
        return x * factor

    jax.jit(step)(1.0)


def write(folder, program, number, *, took_s=3, age_s=60.0, size=5000):
    path = folder / f"{program}-{number:064x}-cache"
    packed = zlib.compress(took_s.to_bytes(4, "big") + b"program")
    path.write_bytes(packed.ljust(size, b"\0"))
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def listed(folder):
    """What is said of a folder that JAX is told to use, without a compile."""
    jax.config.update("jax_compilation_cache_dir", str(folder))
    return disk_cache(lambda: NOW)


def test_it_is_off_where_no_directory_is_set():
    jax.config.update("jax_compilation_cache_dir", None)
    found = disk_cache()
    assert not found.is_on
    assert found.directory is None
    assert str(found).startswith(
        "The persistent compilation cache is off: jax_compilation_cache_dir is not set."
    )


def test_it_is_off_where_it_is_switched_off(tmp_path):
    jax.config.update("jax_enable_compilation_cache", val=False)
    found = listed(tmp_path)
    assert (found.is_on, found.why) == (False, "jax_enable_compilation_cache is off")


def test_jax_is_not_imported_and_no_backend_started():
    code = (
        "import sys\n"
        "from jaxmagic.compiles.disk import disk_cache\n"
        "print(disk_cache().why, disk_cache().directory)\n"
        "print('jax' in sys.modules)\n"
        "import jax\n"
        "disk_cache()\n"
        "from jax._src import xla_bridge\n"
        "print(xla_bridge.backends_are_initialized())\n"
    )
    environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": "/nowhere"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "JAX is not imported yet, but JAX_COMPILATION_CACHE_DIR is set /nowhere",
        "False",
        "False",
    ]


def test_what_was_compiled_lies_there_and_is_listed(tmp_path):
    restore = use(tmp_path / "new" / "cache", min_compile_s=0)
    compiled(2.5)
    found = disk_cache()
    assert found.is_on
    assert found.directory == str(tmp_path / "new" / "cache")
    [entry] = [entry for entry in found.entries if entry.program == "jit_step"]
    assert entry.is_new
    assert entry.size_bytes > 100
    assert entry.compile_s in (0, None)  # None where JAX packs by zstandard
    assert found.new_count == found.entry_count
    assert found.size_bytes == sum(entry.size_bytes for entry in found.entries)
    restore()


def test_going_back_restores_every_setting_and_nothing_more_is_written(tmp_path):
    before = settings()
    restore = use(tmp_path, min_compile_s=0.25)
    assert jax.config.jax_persistent_cache_min_compile_time_secs == 0.25
    assert jax.config.jax_compilation_cache_dir == str(tmp_path)
    restore()
    assert settings() == before
    compiled(3.5)
    assert list(tmp_path.iterdir()) == []


def test_one_after_the_other_can_be_used(tmp_path):
    for name in ("one", "two"):
        use(tmp_path / name, min_compile_s=0)
        compiled(4.5 + len(name) + ord(name[0]))
        assert disk_cache().directory == str(tmp_path / name)
        assert len(list((tmp_path / name).glob("jit_step-*"))) == 1


def test_a_directory_that_was_set_too_late_is_told(tmp_path):
    use(tmp_path / "one", min_compile_s=0)
    compiled(5.5)
    jax.config.update("jax_compilation_cache_dir", str(tmp_path / "two"))
    found = disk_cache()
    assert found.directory == str(tmp_path / "one")
    assert "keeps to the directory that it opened first" in found.why


def test_a_place_that_can_not_be_used_is_refused_in_one_sentence(tmp_path):
    before = settings()
    file = tmp_path / "file"
    file.write_text("mine")
    for place in (file, file / "below"):
        with pytest.raises(DiskCacheError, match=r"^The cache can't be kept in .*Name another\.$"):
            use(place)
    assert settings() == before


def test_entries_are_listed_the_newest_first_with_what_is_known(tmp_path):
    write(tmp_path, "jit_old", 1, age_s=9 * 86400, size=2000, took_s=0)
    write(tmp_path, "jit_f-g", 2, age_s=7200, size=3000)
    atime = tmp_path / f"jit_f-g-{2:064x}-atime"
    atime.write_bytes(round((NOW - 90) * 1e9).to_bytes(8, "little"))
    found = listed(tmp_path)
    assert found.entries == (
        Entry("jit_f-g", f"{2:064x}", 3000, NOW - 7200, NOW - 90, 3),
        Entry("jit_old", f"{1:064x}", 2000, NOW - 9 * 86400, None, 0),
    )
    assert (found.entry_count, found.size_bytes, found.other_files) == (2, 5000, 0)


def test_odd_files_do_no_harm(tmp_path):
    write(tmp_path, "jit_good", 1)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / f"jit_folder-{2:064x}-cache").mkdir()
    (tmp_path / f"jit_link-{3:064x}-cache").symlink_to("/dev/zero")
    (tmp_path / f"jit_empty-{4:064x}-cache").write_bytes(b"")
    (tmp_path / f"jit_noise-{5:064x}-cache").write_bytes(bytes(range(256)) * 9)
    (tmp_path / f"jit_\u202eevil-{6:064x}-cache").write_bytes(b"x")
    os.mkfifo(tmp_path / f"jit_fifo-{7:064x}-cache")
    (tmp_path / f"jit_good-{1:064x}-atime").write_bytes(b"short")
    (tmp_path / "jit_short-12ab-cache").write_bytes(b"x")
    (tmp_path / ".lockfile").write_bytes(b"")
    found = listed(tmp_path)
    programs = {entry.program: entry.compile_s for entry in found.entries}
    assert programs == {
        "jit_good": 3,
        "jit_empty": None,
        "jit_noise": None,
        r"jit_\u202eevil": None,
    }
    assert found.other_files == 5
    assert "5 other files there are no entry of the cache." in str(found)


def test_a_place_that_is_gone_is_no_error(tmp_path):
    found = listed(tmp_path / "not" / "there")
    assert found.entries == ()
    assert found.problems == ("The directory is not there yet: JAX makes it when it first writes.",)
    file = tmp_path / "file"
    file.write_text("")
    assert listed(file).problems[0].startswith("It can't be listed: NotADirectoryError")


def test_a_place_elsewhere_is_not_listed():
    found = listed("gs://bucket/cache")
    assert found.problems == ("It is not on this machine: its files are not listed.",)


def test_a_bucket_is_passed_on_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    restore = use("gs://bucket/cache")
    assert jax.config.jax_compilation_cache_dir == "gs://bucket/cache"
    restore()
    assert list(tmp_path.iterdir()) == []


def test_many_entries_are_counted_and_the_newest_kept(tmp_path):
    for number in range(700):
        write(tmp_path, f"jit_f{number}", number, age_s=number, size=100)
    found = listed(tmp_path)
    assert (len(found.entries), found.entry_count, found.size_bytes) == (500, 700, 70_000)
    assert found.entries[0].program == "jit_f0"
    assert "… and 680 older programs, 66.4 KiB." in str(found)


EXAMPLE = DiskCache(
    "/home/ada/.cache/jax",
    is_on=True,
    why="jax_compilation_cache_dir is set",
    taken_s=NOW,
    thresholds=Thresholds(1.0, 0, -1),
    entries=(
        Entry("jit_step", "a" * 64, 1_234_567, NOW - 30, NOW - 5, 12, is_new=True),
        Entry("jit_<lambda>", "b" * 64, 43_210, NOW - 400, None, 0, is_new=True),
        Entry("jit_" + "long_name" * 12, "c" * 64, 999, NOW - 86400 * 3.5),
    ),
    entry_count=5,
    new_count=2,
    size_bytes=1_300_000,
    other_files=1,
    problems=("2 of its files could not be read.",),
)


def test_the_text(golden):
    golden("golden/disk.txt", f"{EXAMPLE}\n")
    assert max(map(len, str(EXAMPLE).splitlines())) <= TEXT_WIDTH


def test_the_html(golden, seen):
    written = show.html(EXAMPLE)
    golden("golden/disk.html", written.partition("</style>")[2].replace("<tr", "\n<tr") + "\n")
    page = seen(written)
    assert page.open == []
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]
    assert "jit_<lambda> *" in page.words


def test_what_was_kept_is_read(golden):
    kept = golden("data/disk.json", EXAMPLE.to_json(indent=1) + "\n")
    assert DiskCache.from_json(kept) == EXAMPLE


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        (Thresholds(0, 0, -1), "Each program is written; nothing is ever deleted."),
        (Thresholds(0, -1, 1 << 20), "beyond 1.00 MiB, those used longest ago are deleted."),
        (Thresholds(0, 2048, None), "if its entry has at least 2.00 KiB."),
        (Thresholds(0.5, 2048, -1), "at least 500 ms and its entry has at least 2.00 KiB"),
    ],
)
def test_thresholds_are_said_in_words(thresholds, said):
    shown = DiskCache("/c", is_on=True, why="w", taken_s=NOW, thresholds=thresholds)
    assert said in " ".join(str(shown).split())
