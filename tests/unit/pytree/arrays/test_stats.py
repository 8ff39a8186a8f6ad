"""The figures of each row: right where all was read, honest where it was not."""

import math
import random

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jaxmagic.pytree import leaves, summarise
from jaxmagic.pytree.arrays import reading
from jaxmagic.pytree.arrays.figures import Figures, figures_cells, number
from jaxmagic.pytree.arrays.stats import SAMPLE, stats_of
from jaxmagic.pytree.arrays.sums import Sums, sums
from jaxmagic.pytree.unfold import unfold

LARGE = 4 * SAMPLE


@pytest.fixture
def tick():
    """A clock that goes on by so many seconds with each reading."""

    def tick(step):
        now = [0.0]

        def clock():
            now[0] += step
            return now[0]

        return clock

    return tick


def read(obj, rows=120, **options):
    """Stats of ``obj`` by the path of each row."""
    tree = summarise(obj)
    root = unfold(tree, rows=rows)
    stats = stats_of(obj, tree, root, **{"seconds": math.inf, **options})
    assert set(stats.at) == {part.place for _, part in root.walk()}
    return {tree.path(place): figures for place, figures in stats.at.items()}, stats


def test_a_row_has_the_figures_of_all_its_places():
    blocks = [{"w": np.full((2, 2), float(n)), "b": n} for n in range(12)]
    at, stats = read({"blocks": blocks, "x": np.array([100, -100])})
    run = "['blocks'][0]"
    expected = Figures(0.0, 11.0, 5.5, 0, 0, 48, 48, 12, 12)
    assert at[f"{run}['w']"] == expected
    assert at[f"{run}['b']"].elements == 12
    assert at[run] == at["['blocks']"] == Figures(0, 11, pytest.approx(5.5), 0, 0, 60, 60, 24, 24)
    assert (at[""].min, at[""].max, at[""].elements) == (-100, 100, 62)
    assert {figures.how for figures in at.values()} == {"all"}
    assert stats.note == "Smallest, largest and mean are of the finite values."


def test_what_is_not_finite_is_counted_and_left_out_of_the_rest():
    at, _ = read([np.array([math.nan, 1, math.inf, -math.inf, 3]), np.array([math.nan])])
    assert at["[0]"] == Figures(1, 3, 2, 1, 2, 5, 5, 1, 1)
    assert figures_cells(at["[0]"]) == ("1", "3", "2", "1 NaN, 2 inf")
    assert at["[1]"] == Figures(None, None, None, 1, 0, 1, 1, 1, 1)
    assert figures_cells(at["[1]"]) == ("", "", "", "1 NaN")


@pytest.mark.parametrize(
    ("leaf", "low", "high", "mean"),
    [
        (np.array([True, False, False, False]), 0, 1, 0.25),
        (np.array([3 + 4j, 0]), 0, 5, 2.5),
        (np.full(100_000, 60_000, "float16"), 60_000, 60_000, 60_000),
        (np.full(100, 1.5e308), 1.5e308, 1.5e308, 1.5e308),
        (np.array([2**63 - 1, 2**63 - 1]), 2**63 - 1, 2**63 - 1, 2.0**63),
        (np.array([3e38 + 3e38j], "complex64"), 2**0.5 * 3e38, 2**0.5 * 3e38, 2**0.5 * 3e38),
        (np.ones(3, ml_dtypes.bfloat16), 1, 1, 1),
        (np.ones(3, ml_dtypes.float8_e4m3fn), 1, 1, 1),
        (np.array([-2, 2], ml_dtypes.int4), -2, 2, 0),
        (np.array([1.0, 2.0], ">f4"), 1, 2, 1.5),
        (jnp.array([1.5, 2.5], "bfloat16"), 1.5, 2.5, 2),
        (3, 3, 3, 3),
        (True, 1, 1, 1),
        (2j, 2, 2, 2),
        (np.float32(7), 7, 7, 7),
        (np.arange(12).reshape(3, 4).T[::2], 0, 10, 5.0),
    ],
)
def test_numbers_of_every_kind_are_read(leaf, low, high, mean):
    at, _ = read({"a": leaf})
    figures = at["['a']"]
    near = pytest.approx((low, high, mean), rel=1e-6)
    assert (figures.min, figures.max, figures.mean) == near
    assert figures.how == "all"


def test_the_note_says_what_the_figures_of_bools_and_complex_numbers_are():
    _, stats = read([True, 1j])
    assert "complex numbers, of the magnitudes; of bools, the mean is the share of True" in (
        stats.note
    )


def test_a_nan_in_a_complex_number_counts_though_the_magnitude_is_infinite():
    at, _ = read([np.array([complex(math.nan, math.inf), complex(math.inf, 1)])])
    assert (at["[0]"].nans, at["[0]"].infinities) == (1, 1)


def test_what_has_no_values_says_why():
    deleted = jnp.ones(5)
    deleted.delete()

    class Foreign:
        shape, dtype = (7,), np.dtype("float32")

    tree = {
        "deleted": deleted,
        "abstract": jax.ShapeDtypeStruct((3,), np.float32),
        "key": jax.random.key(0),
        "text": "text",
        "objects": np.array([None, "x"]),
        "empty": np.zeros((0, 3)),
        "huge": 10**400,
        "foreign": Foreign(),
        "ok": np.ones(2),
    }
    at, stats = read(tree)
    assert stats.note.endswith(
        "Leaves that were not read: 1 abstract, 1 deleted, 1 key, "
        "1 not an array of JAX or NumPy, 1 too large for a float."
    )
    assert {path: figures.how for path, figures in at.items()} == {
        "['deleted']": "skipped: deleted",
        "['abstract']": "skipped: abstract",
        "['key']": "skipped: key",
        "['text']": "no numbers",
        "['objects']": "no numbers",
        "['empty']": "empty",
        "['huge']": "skipped: too large for a float",
        "['foreign']": "skipped: not an array of JAX or NumPy",
        "['ok']": "all",
        "": (
            "all; skipped: 1 leaf abstract, 1 leaf deleted, 1 leaf key, "
            "1 leaf not an array of JAX or NumPy, 1 leaf too large for a float"
        ),
    }
    assert figures_cells(at["['key']"]) == ("", "", "", "")


def test_tracers_are_skipped():
    seen = []

    @jax.jit
    def f(x):
        seen.append(read({"x": x, "y": 1})[0])
        return x

    f(jnp.ones(3))
    assert seen[0]["['x']"].how == "skipped: tracer"
    assert seen[0]["['y']"].how == "all"


def test_an_array_that_fails_to_be_read_is_skipped_and_others_are_not():
    class Broken(np.ndarray):
        def __array__(self, *_args, **_kwargs):
            raise ValueError

        @property
        def size(self):
            raise ZeroDivisionError

    at, _ = read([np.ones(3).view(Broken), np.ones(2)])
    assert at["[0]"].how == "skipped: not read (ZeroDivisionError)"
    assert at["[1]"].how == "all"


def test_beyond_the_budget_each_row_is_a_sample_and_says_so():
    rng = np.random.default_rng(0)
    tree = {"a": rng.normal(size=LARGE), "b": rng.normal(size=(512, LARGE // 512)), "c": 1.0}
    at, stats = read(tree, budget_bytes=100)
    for path in ("['a']", "['b']"):
        figures = at[path]
        assert figures.how == "sampled 65.5k of 262k elements"
        assert figures.read == SAMPLE
        assert abs(figures.mean) < 0.02
        assert figures_cells(figures)[3] == "0 seen"
        assert [cell[0] for cell in figures_cells(figures)[:3]] == ["≤", "≥", "≈"]
    assert at["['c']"].how == "all"
    assert at[""].elements == 2 * LARGE + 1
    assert "budget of bytes" in stats.note
    assert "131k of 524k elements were read" in stats.note
    assert "may have missed smaller, larger and odd values" in stats.note


def test_a_mean_weighs_each_row_by_all_its_elements_not_by_those_that_were_read():
    at, _ = read([np.ones(SAMPLE), np.full(9 * SAMPLE, 11.0)], budget_bytes=SAMPLE * 8)
    assert at["[0]"].how == "all"
    assert at[""].mean == pytest.approx(10)


@pytest.mark.parametrize(
    "layout",
    [lambda x: x, np.transpose, lambda x: x[:, ::2], lambda x: np.broadcast_to(x[0], x.shape)],
)
def test_a_sample_takes_each_element_at_most_once_and_from_everywhere(layout):
    values = layout(np.arange(1024 * 1024, dtype=float).reshape(1024, 1024))
    numbers = reading.numbers(values)
    sample = numbers.sample(SAMPLE, random.Random(1))
    whole = numbers.all(lambda: True)
    assert sample.read == SAMPLE
    assert whole.read == values.size
    assert sample.mean == pytest.approx(whole.mean, rel=0.05)
    assert sample.low - whole.low < 0.05 * whole.high
    assert whole.high - sample.high < 0.05 * whole.high


def test_the_smallest_rows_are_read_whole_first_when_time_is_short(tick):
    tree = {"big": np.ones(100 * LARGE, "int8"), "small": np.ones(2 * SAMPLE, "int8")}
    at, stats = read(tree, clock=tick(0.1), seconds=2.0)
    assert at["['small']"].how == "all"
    assert at["['big']"].how.startswith("sampled")
    assert at["['big']"].read >= SAMPLE
    assert stats.note.endswith("Reading stopped after 2.00 s.")


def test_no_row_is_left_without_a_sample_because_another_is_long(tick):
    tree = {"many": [np.ones(n % 3 + 1) for n in range(3000)], "one": np.ones(LARGE)}
    at, _ = read(tree, rows=3, clock=tick(0.05), seconds=1.0)
    assert at["['many']"].read
    assert at["['one']"].read


def test_leaves_without_numbers_take_no_longer_than_there_is_time(tick):
    at, stats = read(["text"] * 100_000 + [1.0], rows=1, clock=tick(0.1), seconds=2.0)
    assert at[""].how == "skipped: not reached"
    assert stats.note.endswith("Reading stopped after 2.00 s.")
    at, _ = read(["text"] * 100_000 + [1.0], rows=1)
    assert at[""].how == "all"


def test_without_any_time_all_rows_say_that_they_were_not_reached():
    at, _ = read([np.ones(3)], seconds=0.0)
    assert at["[0]"].how == "skipped: not reached"


def test_ctrl_c_gives_what_was_read_so_far():
    rows = []

    def progress(line):
        rows.append(line)
        if line.startswith("reading row"):
            raise KeyboardInterrupt

    at, stats = read([np.ones(LARGE), np.ones(2 * LARGE)], progress=progress)
    assert stats.note.endswith("Reading was interrupted.")
    assert [at[path].read for path in ("[0]", "[1]")] == [SAMPLE, SAMPLE]
    assert rows[0] == "reading a sample of row 1 of 2"


def test_arrays_of_other_devices_are_copied_in_part_only(monkeypatch):
    copied = []
    numbers = reading.Numbers

    def elsewhere(size, blocks, *_on_host):
        return numbers(size, blocks, not isinstance(blocks[0], jax.Array))

    monkeypatch.setattr(reading, "Numbers", elsewhere)
    slice_of = jax.lax.dynamic_slice

    def watched(*arguments):
        copied.append(slice_of(*arguments))
        return copied[-1]

    monkeypatch.setattr(jax.lax, "dynamic_slice", watched)
    x = jnp.arange(float(LARGE)).reshape(4, 64, -1)
    at, stats = read({"large": x.at[0, 0, 0].set(jnp.nan), "small": jnp.ones(8), "host": 1})
    assert at["['large']"].read == sum(part.size for part in copied) <= SAMPLE
    assert at["['large']"].how.startswith("sampled")
    assert at["['small']"].how == "all"
    assert stats.note.endswith("only samples were copied.")


def test_shards_are_read_and_replicas_are_not_counted_twice(eight_devices):
    code = """
import jax, numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P
from jaxmagic.pytree import summarise
from jaxmagic.pytree.arrays.stats import stats_of
from jaxmagic.pytree.unfold import unfold
mesh = jax.make_mesh((4, 2), ("x", "y"), axis_types=(jax.sharding.AxisType.Auto,) * 2)
x = np.arange(32.0).reshape(8, 4)
tree = [jax.device_put(x, NamedSharding(mesh, P(*spec))) for spec in
        [("x", None), (("x", "y"), None), (), ("y", "x")]]
model = summarise(tree)
stats = stats_of(tree, model, unfold(model, folded_from=9))
for figures in stats.at.values():
    print(figures.min, figures.max, figures.mean, figures.read, figures.elements, figures.how)
"""
    lines = eight_devices(code).splitlines()
    assert lines[1:] == ["0.0 31.0 15.5 32 32 all"] * 4
    assert lines[0] == "0.0 31.0 15.5 128 128 all"


def test_an_array_can_still_be_donated_after_it_was_read():
    x = jnp.ones((512, 512))
    before = x.unsafe_buffer_pointer(), len(jax.live_arrays())
    read({"x": x})
    assert (x.unsafe_buffer_pointer(), len(jax.live_arrays())) == before
    y = jax.jit(lambda x: x + 1, donate_argnums=0)(x)
    assert y.unsafe_buffer_pointer() == before[0]  # nobody else held the memory


def test_nothing_is_compiled_for_arrays_in_memory():
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, _seconds, **_: compiled.append(event)
    )
    tree = [jnp.ones((7, n)) for n in (3, 5, 11)] + [jnp.ones((LARGE + 1,), "bfloat16")]
    compiled.clear()
    read(tree)
    read(tree, budget_bytes=0)
    assert compiled == []
    jax.jit(lambda x: x * 3 + 1)(2.0)
    assert compiled  # this one was seen


@given(st.data())
def test_figures_are_those_of_all_leaves_together(trees, data):
    tree = data.draw(trees)
    model = summarise(tree)
    root = unfold(model, rows=data.draw(st.integers(1, 30)))
    stats = stats_of(tree, model, root, seconds=math.inf)
    numeric = [np.asarray(leaf) for _, leaf in leaves(tree) if is_number(leaf)]
    total = stats.at[()]
    assert total.elements == total.read == sum(array.size for array in numeric)
    if total.read:
        values = np.concatenate([abs(array.ravel() * 1) for array in numeric])
        assert (total.min, total.max) == (values.min(), values.max())
        assert total.mean == pytest.approx(values.astype(float).mean())
    for _, part in root.walk():
        assert stats.at[part.place].is_complete


def is_number(leaf):
    return isinstance(leaf, np.ndarray | np.generic | int | float | complex)


@given(
    arrays.arrays(
        st.sampled_from(["float32", "float64", "float16", "int64", "uint8", "bool"]),
        st.integers(0, 20),
    )
)
def test_sums_of_pieces_are_the_sums_of_the_whole(values):
    whole = sums(values)
    pieces = sum((sums(piece) for piece in np.array_split(values, 3)), Sums())
    assert (whole.read, whole.finite, whole.low, whole.high) == (
        pieces.read,
        pieces.finite,
        pieces.low,
        pieces.high,
    )
    assert whole.nans == pieces.nans == np.isnan(values).sum()
    assert whole.infinities == pieces.infinities
    finite = values[np.isfinite(values)].astype(float)
    scale = np.abs(finite).max(initial=0)
    assert abs(whole.mean - pieces.mean) <= 1e-12 * scale
    if len(finite):
        assert finite.min() <= whole.mean * (1 + 1e-12) or whole.mean < 0
        assert math.isfinite(whole.mean)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0123456, "0.0123"),
        (50256, "50256"),
        (1234.5, "1234"),
        (-1.5e-08, "-1.5e-08"),
        (999.6, "1000"),
        (99999.7, "1e+05"),
        (-0.0, "0"),
        (2**70, "1.18e+21"),
        (10**400, "huge"),
        (-(10**400), "-huge"),
    ],
)
def test_a_number_has_three_digits(value, text):
    assert number(value) == text
