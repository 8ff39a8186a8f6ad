"""All that is private or depends on the version in JAX: the only file that may know it.

Seen on JAX 0.7.0 and 0.12.0; ``tests/unit/test_private_jax.py`` asks each of these on the JAX
that is installed. What is gone in a later version is answered by None or an empty result, never
by an error.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import CodeType, TracebackType
from typing import Any

_PHASES = {
    "/jax/core/compile/jaxpr_trace_duration": "trace",
    "/jax/core/compile/jaxpr_to_mlir_module_duration": "lower",
    "/jax/core/compile/backend_compile_duration": "compile",
}


@dataclass
class CompileLog:
    """What JAX compiled while this log was open: seconds by phase, and the number of programs."""

    seconds: dict[str, float] = field(default_factory=dict)
    programs: int = 0


@contextmanager
def compile_log() -> Iterator[CompileLog]:
    """Record what JAX traces, lowers and compiles within this context, in any thread.

    From ``jax.monitoring``: the names of the events are not documented. JAX below 0.10 also
    reports the nested traces of a trace, so that the seconds of tracing are counted twice there;
    they are left out.
    """
    from jax import monitoring  # noqa: PLC0415  JAX is not imported before it is asked for

    log = CompileLog()

    def listen(event: str, duration_secs: float, **_: Any) -> None:
        phase = _PHASES.get(event)
        if phase in ("lower", "compile"):
            log.seconds[phase] = log.seconds.get(phase, 0.0) + duration_secs
        log.programs += phase == "compile"

    monitoring.register_event_duration_secs_listener(listen)
    try:
        yield log
    finally:
        _unregister_duration_listener(listen)


def _unregister_duration_listener(listener: Any) -> None:
    """Public from JAX 0.9 on; private, and named after "by callback", before."""
    from jax import monitoring  # noqa: PLC0415  as above

    unregister = getattr(monitoring, "unregister_event_duration_listener", None)
    if unregister is None:
        from jax._src import monitoring as private  # noqa: PLC0415  as above

        unregister = getattr(private, "_unregister_event_duration_listener_by_callback", None)
    if unregister is not None:
        unregister(listener)


def x64_enabled() -> bool:
    """Whether JAX computes in 64 bits at this place (it has a scope, so ask where it counts)."""
    import jax  # noqa: PLC0415  as above

    return bool(jax.config.jax_enable_x64)


def x64(enabled: bool) -> AbstractContextManager[Any]:  # noqa: FBT001  a switch
    """A context in which JAX computes in 64 bits, or does not.

    ``jax.enable_x64`` from 0.8 on, ``jax.experimental.enable_x64`` before.
    """
    import jax  # noqa: PLC0415  as above

    if hasattr(jax, "enable_x64"):
        context: AbstractContextManager[Any] = jax.enable_x64(enabled)
        return context
    from jax import experimental  # noqa: PLC0415  as above

    older: AbstractContextManager[Any] = experimental.enable_x64(enabled)  # type: ignore[attr-defined]
    return older


def was_called(jitted: Any) -> bool:
    """Whether a function of ``jax.jit`` has compiled something already; False if it can't tell."""
    size = getattr(jitted, "_cache_size", None)
    return size is not None and size() > 0


def disk_cache_in_use() -> bool:
    """Whether compiled programs may come from JAX's persistent cache."""
    import jax  # noqa: PLC0415  as above

    return bool(getattr(jax.config, "jax_compilation_cache_dir", None)) and bool(
        getattr(jax.config, "jax_enable_compilation_cache", True)
    )


def count_equations(jaxpr: Any) -> int:
    """Equations of ``jaxpr``, those of the jaxprs inside it included.

    A jaxpr inside an equation (of ``scan``, of a nested ``jit``) is found by its ``eqns``.
    """
    jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
    inside = sum(count_equations(inner) for e in jaxpr.eqns for inner in _inner_jaxprs(e))
    return len(jaxpr.eqns) + inside


def count_loops(jaxpr: Any) -> int:
    """Loops in ``jaxpr`` that run step by step: equations of ``while`` and ``scan``."""
    jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
    here = sum(equation.primitive.name in ("while", "scan") for equation in jaxpr.eqns)
    return here + sum(count_loops(inner) for e in jaxpr.eqns for inner in _inner_jaxprs(e))


def _inner_jaxprs(equation: Any) -> Iterator[Any]:
    for value in equation.params.values():
        for inner in value if isinstance(value, tuple | list) else (value,):
            if hasattr(getattr(inner, "jaxpr", inner), "eqns"):
                yield inner


def depends_on_inputs(jaxpr: Any) -> bool:
    """Whether any output of ``jaxpr`` is computed from its inputs, or at all when it runs.

    False for a program that only hands out constants: all the work was done while tracing.
    """
    jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
    made = {id(variable) for equation in jaxpr.eqns for variable in equation.outvars}
    made |= {id(variable) for variable in jaxpr.invars}
    return any(id(variable) in made for variable in jaxpr.outvars)


def constant_bytes(closed_jaxpr: Any) -> int:
    """Bytes of the arrays that are folded into the program of ``closed_jaxpr``."""
    return sum(int(getattr(c, "nbytes", 0)) for c in getattr(closed_jaxpr, "consts", ()))


def temporary_bytes(compiled: Any) -> int | None:
    """What a compiled program allocates beyond its arguments and results; None if not told."""
    analysis = compiled.memory_analysis()
    value = getattr(analysis, "temp_size_in_bytes", None)
    return None if value is None else int(value)


_Caller = tuple[CodeType, int]
_WITH_TREES = ("map", "tree_map", "vmap_f", "flatten_axes", "flatten_axis_resources")


@dataclass(frozen=True)
class FailedTrees:
    """The trees of a call that failed because they do not fit together.

    ``what`` is the argument that is at fault as JAX names it, such as "vmap in_axes"; then the
    first of the ``trees`` should have been a prefix of the second, of which only the structure
    may be known: its leaves are of a type named "leaf". Else it is "tree.map", and the first tree
    should have had the structure of all others. ``has_is_leaf`` says that the call had its own
    notion of a leaf. ``caller`` is where the call was made: a code object and an offset in it.

    Where JAX took its own frames out of the traceback, ``what`` is empty and there are no trees,
    but ``scope`` has the variables of the caller, by name.
    """

    what: str
    trees: tuple[Any, ...]
    has_is_leaf: bool = False
    caller: _Caller | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)


_LEAF = type("leaf", (), {"__doc__": "A leaf of which only the place is known."})


def failed_trees(error: BaseException) -> Iterator[FailedTrees]:
    """The trees in the traceback of ``error`` and of the errors it came from, likeliest first.

    From the local variables of functions of JAX, by their names in 0.7.0 and 0.12.0: ``map`` and
    ``tree_map`` (``tree`` and ``rest``), ``flatten_axes``, ``flatten_axis_resources``, ``vmap_f``.
    ``jax_traceback_filtering`` may have taken all but ``map`` out of the traceback.
    """
    waiting: list[tuple[BaseException | None, _Caller | None]] = [(error, None)]
    seen: set[int] = set()
    while waiting:
        here, caller = waiting.pop()
        if here is None or id(here) in seen:
            continue
        seen.add(id(here))
        found, caller = _failed_in(here.__traceback__, caller)
        yield from found
        waiting += [(here.__context__, caller), (here.__cause__, caller)]


def _failed_in(
    traceback: TracebackType | None, caller: _Caller | None
) -> tuple[list[FailedTrees], _Caller | None]:
    """The trees in one traceback: of a prefix first, else of the innermost call first.

    ``caller`` is that of the error that came from this one: a traceback within JAX has none. The
    last one is given back.
    """
    found: list[FailedTrees] = []
    prefixes: list[FailedTrees] = []
    arguments: Any = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if "/jax/_src/" not in code.co_filename.replace("\\", "/"):
            caller = code, traceback.tb_lasti
            if traceback.tb_next is None:
                frame = traceback.tb_frame
                scope = {**frame.f_globals, **frame.f_locals}
                found.append(FailedTrees("", (), caller=caller, scope=scope))
        elif code.co_name in _WITH_TREES:
            values = traceback.tb_frame.f_locals
            is_last = traceback.tb_next is None
            if code.co_name in ("map", "tree_map") and isinstance(values.get("rest"), tuple):
                trees = (values.get("tree"), *values["rest"])
                has_is_leaf = values.get("is_leaf") is not None
                found.insert(0, FailedTrees("tree.map", trees, has_is_leaf, caller))
            elif code.co_name == "vmap_f":
                arguments = values.get("args")
                if is_last and isinstance(arguments, tuple) and "in_axes" in values:
                    trees = (values["in_axes"], arguments)
                    prefixes.append(FailedTrees("vmap in_axes", trees, caller=caller))
            else:
                prefixes += _failed_prefix(values, arguments, caller)
        traceback = traceback.tb_next
    return prefixes or found, caller


def _failed_prefix(values: Any, arguments: Any, caller: _Caller | None) -> list[FailedTrees]:
    """What ``flatten_axes`` (``name``, ...) or ``flatten_axis_resources`` (``what``, ...) holds."""
    import jax  # noqa: PLC0415  as above

    what = values.get("name", values.get("what"))
    treedef = values.get("treedef", values.get("tree"))
    prefix = values.get("axis_tree") if "name" in values else values.get("shardings")
    if not isinstance(what, str) or not isinstance(treedef, jax.tree_util.PyTreeDef):
        return []
    try:
        full = jax.tree.unflatten(treedef, [_LEAF() for _ in range(treedef.num_leaves)])
        if jax.tree.structure(arguments) == treedef:
            full = arguments  # with shapes
    except Exception:  # noqa: BLE001  containers of the user's may refuse such leaves
        return []
    return [FailedTrees(what, (prefix, full), caller=caller)]
