"""All that is private or depends on the version in JAX: the only file that may know it.

Seen on JAX 0.7.0 and 0.12.0; ``tests/unit/test_private_jax.py`` asks each of these on the JAX
that is installed. What is gone in a later version is answered by None or an empty result, never
by an error.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FrameType, TracebackType
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


def started_platforms() -> tuple[str, ...] | None:
    """The platforms whose backends JAX has started, the default one first; starts none itself.

    None if that can't be told: ``backends_are_initialized`` and ``_backends`` of
    ``jax._src.xla_bridge`` are private.
    """
    import jax  # noqa: PLC0415  as above

    try:
        from jax._src import xla_bridge  # noqa: PLC0415  as above

        if not xla_bridge.backends_are_initialized():
            return ()
    except (ImportError, AttributeError):
        return None
    default = str(jax.default_backend())
    clients = getattr(xla_bridge, "_backends", {})
    platforms = (str(getattr(client, "platform", name)) for name, client in clients.items())
    return tuple(dict.fromkeys((default, *platforms)))


def key_array(value: Any) -> Any:
    """The array of numbers within a typed key of ``jax.random``; None for anything else.

    Told by the name of its type, which runs no code of other types.
    """
    if _TYPE_NAME.__get__(type(value)) != "PRNGKeyArray":
        return None
    return getattr(value, "_base_array", None)


_TYPE_NAME = type.__dict__["__name__"]


def traced_function(thing: Any) -> str | None:
    """The name of the function that a jaxpr was traced from; None for what is no jaxpr.

    The constants of a ``ClosedJaxpr`` are its own, or from JAX 0.12 on those of its ``Jaxpr``.
    """
    if _TYPE_NAME.__get__(type(thing)) not in ("Jaxpr", "ClosedJaxpr"):
        return None
    debug_info = getattr(getattr(thing, "jaxpr", thing), "debug_info", None)
    return str(getattr(debug_info, "func_name", None) or "a function")


def disk_cache_opened() -> str | None:
    """The directory of the persistent cache that JAX has opened; None before, and if untold.

    JAX opens it at the first compile for which one is set, and stays with it.
    """
    try:
        from jax._src import compilation_cache  # noqa: PLC0415  as above
    except ImportError:
        return None
    path = getattr(getattr(compilation_cache, "_cache", None), "_path", None)
    return None if path is None else str(path)


def reopen_disk_cache() -> None:
    """Let JAX open the persistent cache anew at its next compile, where it is set by then."""
    from jax.experimental.compilation_cache import compilation_cache  # noqa: PLC0415  as above

    compilation_cache.reset_cache()


# What is heard while JAX compiles: names of events and of local variables in 0.7.0 and 0.12.0.

COMPILE_PHASES: Mapping[str, str] = _PHASES
DISK_EVENTS: Mapping[str, str] = {
    "/jax/compilation_cache/compile_requests_use_cache": "below threshold",
    "/jax/compilation_cache/cache_hits": "hit",
    "/jax/compilation_cache/cache_misses": "written",
}
_LISTENERS = {  # public and private names of the same: to register, the list, to take out
    "event": (
        "register_event_listener",
        "get_event_listeners",
        "unregister_event_listener",
        "_unregister_event_listener_by_callback",
    ),
    "seconds": (
        "register_event_duration_secs_listener",
        "get_event_duration_listeners",
        "unregister_event_duration_listener",
        "_unregister_event_duration_listener_by_callback",
    ),
    "scalar": (
        "register_scalar_listener",
        "get_scalar_listeners",
        "unregister_scalar_listener",
        "_unregister_scalar_listener_by_callback",
    ),
}


def listen(listeners: Mapping[str, Any]) -> int:
    """Register those ``listeners`` (event, seconds, scalar) that JAX does not call already.

    Returns how many were registered: above zero later on, if another library has called
    ``clear_event_listeners``.
    """
    from jax import monitoring  # noqa: PLC0415  as above

    private = _monitoring()
    missing = [
        kind
        for kind, listener in listeners.items()
        if listener not in getattr(private, _LISTENERS[kind][1], list)()
    ]
    for kind in missing:
        register = getattr(monitoring, _LISTENERS[kind][0], None)
        if register is not None:
            register(listeners[kind])
    return len(missing)


def stop_listening(listeners: Mapping[str, Any]) -> None:
    """Take out what :func:`listen` registered."""
    for kind, listener in listeners.items():
        if not _is_registered(kind, listener):
            continue
        public, private = _LISTENERS[kind][2:]
        unregister = getattr(_monitoring(), public, None) or getattr(_monitoring(), private, None)
        if unregister is not None:
            unregister(listener)


def _is_registered(kind: str, listener: Any) -> bool:
    registered = getattr(_monitoring(), _LISTENERS[kind][1], None)
    return registered is not None and listener in registered()


def _monitoring() -> Any:
    from jax._src import monitoring  # noqa: PLC0415  as above

    return monitoring


@dataclass(frozen=True)
class Call:
    """The call that JAX compiles something for; it lives no longer than the listener's call.

    ``anchor`` tells two such calls apart while they last. ``how`` is "call", "ahead" (``lower``,
    ``trace``, ``eval_shape``, ``make_jaxpr``) or the part of a transform outside of jit:
    "forward", "backward", "batched" or "transformed", of which only ``avals`` are known, and the
    anchor of the call ``within`` which it is compiled.
    ``options`` are what was given to ``jax.jit``.
    """

    anchor: int
    how: str
    function: Any = None
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    static_argnums: tuple[int, ...] = ()
    static_argnames: tuple[str, ...] = ()
    parameters: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    avals: tuple[Any, ...] = ()
    within: int = 0


_CALLS = ("cache_miss", "call_impl_cache_miss", "jit_trace", "jit_lower", "jit_eval_shape")
_PARTS = {
    "_pjit_transpose": "backward",
    "_pjit_linearize": "forward",
    "_pjit_jvp": "forward",
    "_pjit_batcher": "batched",
}
_OPTIONS = (
    *("donate_argnums", "donate_argnames", "device", "backend", "keep_unused", "inline"),
    *("in_shardings_leaves", "out_shardings_leaves", "compiler_options_kvs"),
)


def call_frame(frame: FrameType | None) -> FrameType | None:
    """The frame of JAX that handles the call that is compiled, from a ``frame`` within JAX."""
    while frame is not None and is_jax_file(frame.f_code.co_filename):
        if frame.f_code.co_name in _CALLS and frame.f_code.co_filename.endswith("pjit.py"):
            return frame
        frame = frame.f_back
    return None


def is_outermost() -> bool:
    """Whether nothing is being traced here, so that what is traced becomes a program.

    JAX from 0.10 on tells of such traces only.
    """
    try:
        from jax._src import core  # noqa: PLC0415  as above

        return bool(core.trace_ctx.is_top_level())
    except (ImportError, AttributeError):
        return True


def behind_boundary(function: Any) -> Any:
    """The function of JAX inside the wrapper that shortens its tracebacks, else None.

    ``jax.grad(f)`` is such a wrapper, and says of itself that it wraps ``f``.
    """
    code = getattr(function, "__code__", None)
    if code is None or code.co_name != "reraise_with_filtered_traceback":
        return None
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=False))
    return getattr(cells.get("fun"), "cell_contents", None)


def call_of(frame: FrameType) -> Call | None:
    """What is called in a frame that :func:`call_frame` found; None if it reads otherwise."""
    name, values = frame.f_code.co_name, frame.f_locals
    if name == "call_impl_cache_miss":
        avals = tuple(getattr(values.get("jaxpr"), "in_avals", ()))
        part, within = _part_of(frame)
        return Call(id(frame), part, avals=avals, within=within)
    if name == "cache_miss":
        function, info = values.get("fun"), values.get("jit_info")
    else:
        jitted = values.get("jit_func")
        function, info = getattr(jitted, "__wrapped__", None), getattr(jitted, "_jit_info", None)
    args, kwargs = values.get("args"), values.get("kwargs")
    if function is None or not isinstance(args, tuple) or not isinstance(kwargs, dict):
        return None
    signature = getattr(info, "fun_signature", None)
    return Call(
        id(frame),
        "call" if name == "cache_miss" else "ahead",
        function,
        args,
        kwargs,
        tuple(getattr(info, "static_argnums", None) or ()),
        tuple(getattr(info, "static_argnames", None) or ()),
        getattr(signature, "parameters", None),
        {option: getattr(info, option, None) for option in _OPTIONS},
    )


def _part_of(frame: FrameType | None) -> tuple[str, int]:
    """Which part of a transform asks for a compile, by the nearest rule of ``jit``; within what."""
    part = "transformed"
    while frame is not None and is_jax_file(frame.f_code.co_filename):
        for rule, named in _PARTS.items():
            if frame.f_code.co_name.startswith(rule) and part == "transformed":
                part = named
        if frame.f_code.co_name == "cache_miss":
            return part, id(frame)
        frame = frame.f_back
    return part, 0


@cache
def is_jax_file(filename: str) -> bool:
    """Whether a file belongs to JAX."""
    import jax  # noqa: PLC0415  as above

    folder = jax.__file__.replace("\\", "/").rpartition("/")[0]
    return filename.replace("\\", "/").startswith(folder + "/")


def primitive_parameters(function: Any) -> Mapping[str, Any] | None:
    """The parameters of the primitive that ``function`` applies outside of jit, else None."""
    if getattr(function, "_apply_primitive", None) is not True:
        return None
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    cells = dict(zip(names, getattr(function, "__closure__", None) or (), strict=False))
    parameters = getattr(cells.get("params"), "cell_contents", None)
    return parameters if isinstance(parameters, dict) else {}


class CacheSentinel:
    """A cache of nothing, registered with those of JAX: counts ``jax.clear_caches()``.

    JAX holds it weakly. It has the methods that JAX expects of its caches.
    """

    def __init__(self) -> None:
        self.cleared = 0
        try:
            from jax._src.util import register_cache  # noqa: PLC0415  as above

            register_cache(self, "jaxmagic: counts clear_caches")
        except ImportError:
            self.cleared = 0  # what was cleared is then taken for evicted

    def cache_clear(self) -> None:
        """Called by ``jax.clear_caches``."""
        self.cleared += 1

    def cache_info(self) -> None:
        """Nothing to tell."""

    def cache_keys(self) -> list[Any]:
        """Nothing is kept."""
        return []


def jit_cache_is_full() -> bool:
    """Whether JAX's cache of compiled calls has to drop what was used least; False if unknown."""
    try:
        from jax._src.pjit import _cpp_pjit_cache_fun_only as kept  # noqa: PLC0415  as above

        return bool(kept.size() >= kept.capacity())
    except (ImportError, AttributeError):
        return False


_CONFIGURATION = (
    *("jax_enable_x64", "jax_default_matmul_precision", "jax_numpy_dtype_promotion"),
    *("jax_numpy_rank_promotion", "jax_default_prng_impl", "jax_threefry_partitionable"),
    *("jax_enable_custom_prng", "jax_legacy_prng_key", "jax_debug_nans", "jax_debug_infs"),
    *("jax_disable_most_optimizations", "jax_default_device", "jax_enable_checks"),
    *("jax_debug_key_reuse", "jax_check_tracer_leaks", "jax_use_shardy_partitioner"),
    *("jax_explicit_x64_dtypes", "jax_softmax_custom_jvp", "jax_random_seed_offset"),
)


def configuration() -> tuple[tuple[str, str], ...]:
    """What is configured at this place, of what a program is compiled for: names and values."""
    import jax  # noqa: PLC0415  as above

    config = jax.config
    return tuple((name, str(getattr(config, name, None))) for name in _CONFIGURATION)
