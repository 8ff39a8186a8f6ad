"""Two processes of one computation: each tells its own index, its own devices and its arrays."""

import json
import os
import socket
import subprocess
import sys

PROCESS = """
import json, sys
import jax
jax.distributed.initialize(sys.argv[1], 2, int(sys.argv[2]), initialization_timeout=60)
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P
from jaxmagic.compiles.memory import devices

mine = jnp.ones(5)
mesh = jax.make_mesh((jax.device_count(),), ("i",))
both = jax.make_array_from_callback(
    (8,), NamedSharding(mesh, P("i")), lambda index: np.ones(8, np.float32)[index]
)
found = devices({"mine": mine, "both": both}, seconds=5)
print(json.dumps({
    "summary": str(found).splitlines()[0],
    "devices": [[device.name, device.process_index] for device in found.devices],
    "names": sorted(name.text for group in found.groups for name in group.names),
    "both": [group.device_bytes for group in found.groups if group.shape == (8,)],
}))
"""


def test_each_process_tells_its_own_devices_and_the_part_of_an_array_that_it_has():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, address, str(index)],
            env=os.environ | flags | {"JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for index in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in running]
    told = [json.loads(text.splitlines()[-1]) for text in said]
    for index, one in enumerate(told):
        assert len(one["devices"]) == 2
        assert {process for _, process in one["devices"]} == {index}
        assert one["summary"].startswith(f"2 devices of 4 (cpu), process {index} of 2; ")
        assert {"mine", "both"} <= {*one["names"]}
        assert one["both"] == [16]  # half of it is on the devices of each
