"""How devices and live arrays are written, against the files in tests/golden.

``JAXMAGIC_GOLDEN=write pytest tests/unit/compiles/memory`` writes these files anew, and the example
in tests/data: look at what has changed in them before you commit it.
"""

import json
from dataclasses import replace

import pytest

from jaxmagic import show
from jaxmagic.compiles.memory.result import Device, Devices, Group, Name, Rest
from jaxmagic.pytree.arrays.layouts import Block, Layout
from jaxmagic.show import TEXT_WIDTH

GIB = 1 << 30
REPORTED = "reported by memory_stats() of the device"
EXAMPLE = Devices(
    process_index=1,
    process_count=2,
    device_count=4,
    devices=(
        Device(
            "gpu:2",
            "gpu",
            "NVIDIA H200",
            1,
            12 * GIB,
            15 * GIB,
            105 * GIB,
            REPORTED,
            {},
            59,
            GIB // 2 + (384 << 20) + 156_801_080,
        ),
        Device(
            "gpu:3", "gpu", "NVIDIA H200", 1, 3 * GIB, 4 * GIB, 105 * GIB, REPORTED, {}, 1, GIB // 2
        ),
        Device("cpu:0", "cpu", "cpu", 1, note="memory in use is not reported on CPU"),
    ),
    groups=(
        Group(
            (8192, 8192),
            "float32",
            "P('x', None) on x=2",
            1,
            GIB // 4,
            GIB,
            (Name("params['<w>']"),),
        ),
        Group(
            (4096, 4096),
            "bfloat16",
            "gpu:2",
            12,
            32 << 20,
            384 << 20,
            (
                Name("params['layers'][…]['w']", times=12),
                Name("state.mu['layers'][…]['w']", times=12),
            ),
        ),
        Group(
            (50_000, 784),
            "float32",
            "gpu:2",
            1,
            156_800_000,
            156_800_000,
            (Name("batch", " in loss() of the last traceback"),),
        ),
        Group((), "int32", "gpu:2", 9, 4, 36, tuple(Name(f"step{n}") for n in range(4)), 5),
        Group((3,), "float32", "gpu:2", 4, 12, 48, (Name("x"),), 0, 3),
        Group((2,), "uint32", "gpu:2", 1, 8, 8, unnamed=1),
        Group(
            (7,),
            "float32",
            "gpu:2",
            1,
            28,
            28,
            (Name("", "a constant of f, which JAX has traced"),),
        ),
    ),
    rest=Rest(2, 30, 960),
    layouts=(
        Layout(
            "params['<w>']",
            1,
            (8192, 8192),
            ("float32",),
            "P('x', None) on x=2",
            (Block((0, 0), (4096, 8192), ("gpu:2",)), Block((4096, 0), (8192, 8192), ("gpu:3",))),
        ),
    ),
    unseen=("Not everything that may hold an array was looked into.",),
)


def test_the_text(golden):
    golden("golden/devices.txt", f"{EXAMPLE}\n")
    assert max(map(len, str(EXAMPLE).splitlines())) <= TEXT_WIDTH


def test_the_html(golden, seen):
    written = show.html(EXAMPLE)
    golden("golden/devices.html", written.partition("</style>")[2].replace("<tr", "\n<tr") + "\n")
    page = seen(written)
    assert page.open == []
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]
    assert "params['<w>']" in page.words
    assert "http" not in written


def test_what_was_kept_is_read(golden):
    kept = golden("data/devices.json", EXAMPLE.to_json(indent=1) + "\n")
    again = Devices.from_json(kept)
    assert again == EXAMPLE
    assert str(again) == str(EXAMPLE)
    assert json.loads(kept)["groups"][0]["names"][0]["code"] == "params['<w>']"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Devices(idle="JAX is not imported yet."), "JAX is not imported yet."),
        (
            Devices(devices=EXAMPLE.devices[2:], device_count=1),
            "1 device (cpu), process 0 of 1; no",
        ),
        (
            Devices(devices=EXAMPLE.devices, device_count=3),
            "3 devices (2 gpu and 1 cpu), process 0",
        ),
        (replace(EXAMPLE, rest=Rest()), "12 GiB (11%)"),
    ],
)
def test_what_is_said(given, said):
    assert said in str(given).replace("12.0 GiB", "12 GiB")
    assert said.split(",")[0] in show.html(given).replace("12.0 GiB", "12 GiB")


def test_long_names_and_many_groups_stay_within_the_page():
    names = tuple(
        Name(f"model{n}.layers[…].attention.{'x' * 70}['kernel']", times=24) for n in range(4)
    )
    sharding = "P(('data', 'model'), None, 'sequence') on data=16, model=8, sequence=4"
    many = tuple(
        Group((1024, n), "float8_e4m3fn", sharding, 10_000, 1024 * n, 10_240_000 * n, names, 99, 77)
        for n in range(400, 0, -1)
    )
    result = replace(EXAMPLE, groups=many)
    lines = str(result).splitlines()
    assert max(map(len, lines)) <= TEXT_WIDTH
    assert len(lines) < 300
    assert any(line.startswith("… and 377 smaller groups: ") for line in lines)
    assert len(show.html(result)) < 100_000
