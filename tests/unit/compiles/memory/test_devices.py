"""What is said of devices and live arrays as a whole, with time and without, on several devices."""

import gc
import itertools
import os
import subprocess
import sys
import time
import weakref
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import pytest

from jaxmagic.compiles.memory import devices
from jaxmagic.compiles.memory.result import Device, Devices


def new_python(code, **environment):
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", **environment}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def eight_devices():
    def run(code):
        return new_python(code, XLA_FLAGS="--xla_force_host_platform_device_count=8")

    return run


def test_neither_jax_nor_a_backend_is_started():
    out = new_python(
        "import sys\n"
        "from jaxmagic.compiles.memory import devices\n"
        "print(devices({}).idle)\n"
        "print('jax' in sys.modules)\n"
        "import jax\n"
        "print(devices({}).idle)\n"
        "from jax._src import xla_bridge\n"
        "print(xla_bridge.backends_are_initialized())\n"
        "jax.numpy.ones(3)\n"
        "print(repr(devices({}).idle), len(devices({}).devices))\n"
    ).splitlines()
    assert out[0] == "JAX is not imported yet, so there is no device and no array to show."
    assert out[1] == "False"
    assert out[2].startswith("JAX has not started yet")
    assert out[3:] == ["False", "'' 1"]


def test_devices_are_not_asked_for_where_jax_does_not_tell_whether_it_has_started(monkeypatch):
    monkeypatch.delattr("jax._src.xla_bridge.backends_are_initialized")
    found = devices({})
    assert "does not tell whether it has started" in found.idle
    assert found.devices == ()


def test_a_cpu_reports_no_memory_but_its_arrays_are_counted():
    jnp.zeros(1)
    before = devices({})
    array = jnp.zeros((1000, 1000))
    [here] = [one for one in devices({"a": array}).devices if one.name == "cpu:0"]
    assert (here.in_use_bytes, here.peak_bytes, here.limit_bytes) == (None, None, None)
    assert here.note == "memory in use is not reported on CPU"
    assert here.arrays_bytes - before.devices[0].arrays_bytes == array.nbytes
    assert here.arrays == before.devices[0].arrays + 1


@dataclass(frozen=True)
class FakeDevice:
    stats: object
    platform: str = "gpu"
    device_kind: str = "NVIDIA H200"
    id: int = 1
    process_index: int = 0

    def memory_stats(self):
        if isinstance(self.stats, Exception):
            raise self.stats
        return self.stats


def with_device(monkeypatch, stats, **more):
    fakes = [FakeDevice(stats, **more)]
    monkeypatch.setattr(jax, "local_devices", lambda backend=None: fakes)  # noqa: ARG005
    [found] = devices({}).devices
    return found


def test_the_memory_of_a_gpu_is_what_it_reports(monkeypatch):
    reported = {
        "bytes_in_use": 3 << 30,
        "peak_bytes_in_use": 5 << 30,
        "bytes_limit": 100 << 30,
        "largest_free_block_bytes": -1,
        "num_allocs": 7,
    }
    assert with_device(monkeypatch, reported) == Device(
        "gpu:1",
        "gpu",
        "NVIDIA H200",
        in_use_bytes=3 << 30,
        peak_bytes=5 << 30,
        limit_bytes=100 << 30,
        note="reported by memory_stats() of the device",
        stats={name: value for name, value in reported.items() if value >= 0},
    )


@pytest.mark.parametrize("stats", [{"bytes_in_use": -1}, {}, None])
def test_memory_that_is_not_set_is_not_made_up(monkeypatch, stats):
    found = with_device(monkeypatch, stats)
    assert (found.in_use_bytes, found.peak_bytes, found.limit_bytes) == (None, None, None)


def test_a_device_that_fails_says_why(monkeypatch):
    found = with_device(monkeypatch, RuntimeError("no\nway"), platform="my\u202eplugin")
    assert found.note == "memory_stats() of the device failed: RuntimeError: no"
    assert found.platform == r"my\u202eplugin"


def test_deleted_arrays_are_not_live():
    array = jnp.ones((201, 3))
    assert (201, 3) in {group.shape for group in devices({"a": array}).groups}
    array.delete()
    assert (201, 3) not in {group.shape for group in devices({"a": array}).groups}


def test_arrays_are_grouped_by_shape_and_dtype_the_largest_first():
    arrays = [jnp.ones((202,)), jnp.zeros((202,)), jnp.ones((202,), "int8"), jnp.ones((2020,))]
    found = devices({"arrays": arrays}, seconds=60)
    sizes = [group.device_bytes for group in found.groups]
    assert sizes == sorted(sizes, reverse=True)
    mine = {(g.dtype, g.shape): g for g in found.groups if g.shape in ((202,), (2020,))}
    assert {key: group.arrays for key, group in mine.items()} == {
        ("float32", (202,)): 2,
        ("int8", (202,)): 1,
        ("float32", (2020,)): 1,
    }
    assert mine["float32", (202,)].array_bytes == 808
    assert mine["float32", (202,)].device_bytes == 1616


def test_no_array_is_kept_alive():
    array = jnp.ones((203, 7))
    seen = weakref.ref(array)
    found = devices({"array": array, "pair": [array, {"x": array}]}, seconds=60)
    del array
    gc.collect()
    assert seen() is None
    assert any(group.shape == (203, 7) for group in found.groups)


def test_the_result_is_kept_as_json():
    array = [jnp.ones((204,))]
    found = devices({"a": array}, seconds=60)
    assert Devices.from_json(found.to_json()) == found


def test_without_a_namespace_names_are_those_of_main(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "in_main", jnp.ones((205,)), raising=False)
    [group] = [group for group in devices(seconds=60).groups if group.shape == (205,)]
    assert group.names[0].text == "in_main"


def test_what_there_was_no_time_for_is_said():
    rows = list(jnp.ones((5000, 1)))
    ticks = itertools.count()
    found = devices({"rows": rows}, seconds=5, clock=lambda: next(ticks))
    total = found.arrays
    assert total < len(jax.live_arrays())
    assert found.more_arrays == len(jax.live_arrays()) - total
    assert f"; {total:,} of {len(jax.live_arrays()):,} live arrays, " in str(found)
    assert found.unseen[0].endswith(f"of {len(jax.live_arrays()):,} were not looked at.")
    assert found.unseen[-1] == "The time was over (5.00 s): give more to see all."
    assert devices({"rows": rows}, seconds=60).unseen == ()


def test_without_any_time_the_devices_are_told_and_what_is_missing():
    rows = [[array] for array in jnp.ones((2000, 2))]
    ticks = itertools.count()
    found = devices({"rows": rows}, seconds=0, clock=lambda: next(ticks))
    assert found.arrays == 0
    assert len(found.devices) == 1
    assert found.unseen[0].startswith(f"{len(jax.live_arrays()):,} live arrays of ")


def test_names_get_time_of_their_own():
    rows = [[array] for array in jnp.ones((2000, 2))]
    ticks = itertools.count()
    found = devices({"rows": rows, "few": rows[0]}, seconds=9, clock=lambda: next(ticks))
    [group] = [group for group in found.groups if group.shape == (2,)]
    assert group.names
    assert 0 < group.unnamed < group.arrays
    assert "Not everything that may hold an array was looked into." in found.unseen


def test_a_sharding_that_fails_does_not_fail_the_answer(monkeypatch):
    array = jnp.ones((207,))
    monkeypatch.setattr("jaxmagic.compiles.memory.live.sharding_text", lambda _: 1 / 0)
    [group] = [g for g in devices({"a": array}, seconds=60).groups if g.shape == (207,)]
    assert (group.sharding, group.array_bytes, group.device_bytes) == (
        "SingleDeviceSharding, which fails: ZeroDivisionError: division by zero",
        828,
        0,
    )


def test_fifty_thousand_arrays_are_looked_at_in_time():
    rows = list(jnp.ones((50_000, 1)))
    took = []
    for _ in range(5):
        start = time.thread_time()  # whatever else this machine does
        found = devices({"rows": rows}, clock=time.thread_time)
        took.append(time.thread_time() - start)
    assert min(took) < 0.1  # 0.05, and what can't be stopped
    whole = devices({"rows": rows}, seconds=60)
    [group] = [group for group in whole.groups if group.shape == (1,) and group.arrays >= 50_000]
    assert [(name.text, name.times) for name in group.names] == [("rows[…]", 50_000)]
    assert found.arrays == whole.arrays or found.unseen


def test_a_large_namespace_of_other_things_does_not_take_the_time():
    own = {"numbers": list(range(300_000)), "text": dict.fromkeys(range(100000), "x")}
    own |= {"last": [jnp.ones((206,))]}
    [group] = [g for g in devices(own, seconds=60).groups if g.shape == (206,)]
    assert group.names[0].text == "last[0]"


START = """
import jax, numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P
from jaxmagic.compiles.memory import devices
mesh = jax.make_mesh((4, 2), ("x", "y"), axis_types=(jax.sharding.AxisType.Auto,) * 2)
def put(shape, *spec):
    return jax.device_put(np.zeros(shape, "float32"), NamedSharding(mesh, P(*spec)))
"""


def test_shards_and_replicas_count_on_their_own_device(eight_devices):
    out = eight_devices(
        START + "w, b = put((8, 4), 'x', None), put((16,))\n"
        "one = jax.device_put(np.zeros(5, 'float32'), jax.devices()[3])\n"
        "found = devices({'w': w, 'b': b, 'one': one})\n"
        "print([(d.arrays, d.arrays_bytes) for d in found.devices])\n"
        "print([(g.names[0].text, g.array_bytes, g.device_bytes) for g in found.groups])\n"
        "print(found.device_bytes == sum(d.arrays_bytes for d in found.devices))\n"
        "print(found)\n"
    ).splitlines()
    part, all_of_b = 8 * 4 * 4 // 4, 16 * 4
    each = [(2, part + all_of_b)] * 8
    each[3] = (3, part + all_of_b + 20)
    assert out[0] == str(each)
    assert out[1] == "[('b', 64, 512), ('w', 128, 256), ('one', 20, 20)]"
    assert out[2] == "True"
    text = "\n".join(out[3:])
    assert text.startswith("8 devices (cpu), process 0 of 1; 3 live arrays, 788 B")
    assert "b float32[16], P() on x=4, y=2\nEach device has all of it." in text
    assert "w float32[8,4], P('x', None) on x=4, y=2" in text
    assert "0:2 │ cpu:0,1 │" in text
