"""All that is private or depends on the version in JAX: the only place that may know it.

Seen on JAX 0.7.0 and 0.12.0; ``tests/unit/test_private_jax.py`` asks each of these on the JAX
that is installed. What is gone in a later version is answered by None or an empty result, never
by an error. JAX is not imported before something is asked of it.
"""

from jaxmagic._jax.caches import (
    CacheSentinel,
    disk_cache_in_use,
    disk_cache_opened,
    jit_cache_is_full,
    reopen_disk_cache,
    was_called,
    without_disk_cache,
)
from jaxmagic._jax.calls import (
    Call,
    behind_boundary,
    call_frame,
    call_of,
    is_jax_file,
    is_outermost,
    primitive_parameters,
)
from jaxmagic._jax.equations import (
    Equation,
    Frame,
    lowered,
    tagged,
    tags_in,
    with_program,
    without_tags,
)
from jaxmagic._jax.events import (
    COMPILE_PHASES,
    DISK_EVENTS,
    CompileLog,
    compile_log,
    listen,
    stop_listening,
)
from jaxmagic._jax.failed import FailedTrees, failed_trees, is_interrupt
from jaxmagic._jax.inside import (
    Node,
    constant_bytes,
    count_equations,
    count_loops,
    depends_on_inputs,
    key_array,
    temporary_bytes,
    traced_function,
    tree_nodes,
)
from jaxmagic._jax.settings import (
    MESH,
    configuration,
    plain_dumps,
    started_platforms,
    x64,
    x64_enabled,
)

__all__ = [
    "COMPILE_PHASES",
    "DISK_EVENTS",
    "MESH",
    "CacheSentinel",
    "Call",
    "CompileLog",
    "Equation",
    "FailedTrees",
    "Frame",
    "Node",
    "behind_boundary",
    "call_frame",
    "call_of",
    "compile_log",
    "configuration",
    "constant_bytes",
    "count_equations",
    "count_loops",
    "depends_on_inputs",
    "disk_cache_in_use",
    "disk_cache_opened",
    "failed_trees",
    "is_interrupt",
    "is_jax_file",
    "is_outermost",
    "jit_cache_is_full",
    "key_array",
    "listen",
    "lowered",
    "plain_dumps",
    "primitive_parameters",
    "reopen_disk_cache",
    "started_platforms",
    "stop_listening",
    "tagged",
    "tags_in",
    "temporary_bytes",
    "traced_function",
    "tree_nodes",
    "was_called",
    "with_program",
    "without_disk_cache",
    "without_tags",
    "x64",
    "x64_enabled",
]
