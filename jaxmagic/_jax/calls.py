"""The call that JAX compiles something for, from its own frames; nothing is patched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import FrameType
from typing import Any

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


def call_frame(frame: FrameType | None) -> FrameType | None:
    """The frame of JAX that handles the call that is compiled, from a ``frame`` within JAX."""
    while frame is not None and is_jax_file(frame.f_code.co_filename):
        if frame.f_code.co_name in _CALLS and frame.f_code.co_filename.endswith("pjit.py"):
            return frame
        frame = frame.f_back
    return None


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


def is_outermost() -> bool:
    """Whether nothing is being traced here, so that what is traced becomes a program.

    JAX from 0.10 on tells of such traces only.
    """
    try:
        return bool(_core().trace_ctx.is_top_level())
    except (ImportError, AttributeError):
        return True


@cache
def _core() -> Any:
    from jax._src import core

    return core


def behind_boundary(function: Any) -> Any:
    """The function of JAX inside the wrapper that shortens its tracebacks, else None.

    ``jax.grad(f)`` is such a wrapper, and says of itself that it wraps ``f``.
    """
    code = getattr(function, "__code__", None)
    if code is None or code.co_name != "reraise_with_filtered_traceback":
        return None
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=False))
    return getattr(cells.get("fun"), "cell_contents", None)


@cache
def is_jax_file(filename: str) -> bool:
    """Whether a file belongs to JAX."""
    import jax

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
