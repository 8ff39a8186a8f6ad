"""Whatever is called has all stages, each line of HLO linked, and no tag is seen anywhere."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from jax.experimental import pallas
from jax.extend.core import Primitive
from jax.sharding import Mesh, PartitionSpec

from jaxmagic import IR, _jax
from jaxmagic.ir import hlo
from jaxmagic.ir.asked import Call
from jaxmagic.ir.asking import ir_of
from jaxmagic.ir.from_text import AskError, ir, stage
from tests.unit.ir.calls import CALLS, ONES, mlp, of_module
from tests.unit.ir.programs import PARAMS, PROGRAMS, loss

X = jnp.ones((5, 4))
SGD = optax.sgd(0.1)
ADAM = optax.adam(1e-3)
LINEAR = nnx.Linear(4, 2, rngs=nnx.Rngs(0))


def update(params, state, x):
    grads = jax.grad(loss)(params, x)
    updates, state = ADAM.update(grads, state, params)
    return optax.apply_updates(params, updates), state


def summed(x):
    mesh = Mesh(np.array(jax.devices()[:1]), ("i",))
    return jax.shard_map(
        lambda part: jax.lax.psum(part, "i"),
        mesh=mesh,
        in_specs=PartitionSpec("i"),
        out_specs=PartitionSpec(),
    )(x)


def kernel(x_ref, out_ref):
    out_ref[...] = x_ref[...] * 2


def in_pallas(x):
    shape = jax.ShapeDtypeStruct(x.shape, x.dtype)
    return pallas.pallas_call(kernel, out_shape=shape, interpret=True)(x)


def printed(x):
    jax.debug.print("x {}", x)
    return x + 1


def of_nnx(model, x):
    return jnp.sum(model(x) ** 2)


class Ema(eqx.Module):
    mean: jax.Array
    decay: float = eqx.field(static=True)

    def update(self, x):
        return Ema(self.decay * self.mean + (1 - self.decay) * x, self.decay)


MORE = {
    "value_and_grad": (jax.value_and_grad(loss), (PARAMS, X)),
    "jacfwd": (jax.jacfwd(jnp.sin), (ONES,)),
    "jacrev": (jax.jacrev(jnp.sin), (ONES,)),
    "jvp": (lambda x: jax.jvp(jnp.sin, (x,), (x,)), (ONES,)),
    "vjp": (lambda x: jax.vjp(jnp.sin, x)[1](x), (ONES,)),
    "linearize": (lambda x: jax.linearize(jnp.sin, x)[1](x), (ONES,)),
    "vmap of grad": (jax.vmap(jax.grad(jnp.sin)), (ONES,)),
    "grad of jitted": (jax.grad(jax.jit(loss)), (PARAMS, X)),
    "jitted twice": (jax.jit(jax.jit(loss)), (PARAMS, X)),
    "static number": (jax.jit(jnp.sum, static_argnums=1), (X, 1)),
    "closure with an array": (lambda x: x @ PARAMS["w"], (X,)),
    "associative_scan": (lambda x: jax.lax.associative_scan(jnp.add, x), (ONES,)),
    "scan backwards": (
        lambda x: jax.lax.scan(lambda c, y: (c * y, c), 1.0, x, reverse=True),
        (ONES,),
    ),
    "nested loops": (
        lambda x: jax.lax.fori_loop(
            0, 3, lambda i, a: jax.lax.fori_loop(0, i, lambda j, b: b + j, a), x
        ),
        (ONES,),
    ),
    "einsum": (lambda a, b: jnp.einsum("ij,jk->ki", a, b), (X, PARAMS["w"])),
    "convolution": (lambda a: jnp.convolve(a, a), (ONES,)),
    "scatter": (lambda x: x.at[jnp.array([0, 2])].add(1.0), (ONES,)),
    "gather": (lambda x, i: x[i], (X, jnp.array([1, 3]))),
    "segment_sum": (lambda x: jax.ops.segment_sum(x, jnp.array([0, 1, 0]), 2), (ONES,)),
    "argmax": (jnp.argmax, (X,)),
    "cholesky": (jnp.linalg.cholesky, (jnp.eye(3),)),
    "split of a key": (jax.random.split, (jax.random.key(0),)),
    "integers": (lambda a: a // 3 + a % 2, (jnp.arange(5),)),
    "complex": (lambda a: jnp.abs(a) + a.real, (jnp.ones(3, "complex64"),)),
    "bfloat16": (lambda a: a @ a.T, (X.astype("bfloat16"),)),
    "int8 and booleans": (lambda a: jnp.where(a > 1, a, -a), (jnp.arange(4, dtype="int8"),)),
    "empty": (lambda a: a * 2, (jnp.zeros((0, 3)),)),
    "scalar": (lambda a: a**2, (1.5,)),
    "nothing but its argument": (lambda a: a, (ONES,)),
    "a constant": (lambda: jnp.arange(3), ()),
    "named call": (jax.named_scope("mine")(jnp.sin), (ONES,)),
    "debug.print": (printed, (ONES,)),
    "shard_map": (summed, (ONES,)),
    "Pallas": (in_pallas, (jnp.ones((8, 128)),)),
    "optax sgd": (lambda g: SGD.update(g, SGD.init(g)), (PARAMS,)),
    "optax adam": (update, (PARAMS, ADAM.init(PARAMS), X)),
    "method of a module": (Ema(ONES, 0.9).update, (ONES,)),
    "filter_value_and_grad": (eqx.filter_value_and_grad(of_module), (mlp(), ONES)),
    "nnx as argument": (of_nnx, (LINEAR, X)),
}
KINDS = {
    **{kind: (function, args) for kind, (function, args, *_) in CALLS.items()},
    **{kind: (function, args) for kind, (function, *args) in PROGRAMS.items()},
    **MORE,
}


def test_there_are_many_kinds():
    assert len(KINDS) >= 80


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_call_has_all_stages(kind):
    function, args = KINDS[kind]
    result = ir_of(Call(function, tuple(args), {}, "f(x)"), verify=True)
    assert result.same_as_untagged
    assert [one.name for one in result.stages] == ["jaxpr", "stablehlo", "hlo-before", "hlo"]
    assert result.history.steps[0].name == "before all passes"
    printed = {number for line in result.stage("jaxpr").lines for number in line.equations}
    if kind != "Pallas":  # which prints the equations of its kernels in its own way
        assert printed == {equation.number for equation in result.equations}
    # what has no element is a constant, made of nothing
    if result.equations and kind != "empty":
        made = [line for line in result.stage("hlo").lines if line.noise != "parameter"]
        assert all(line.equations for line in made)
    # no computation is lost on the way through the passes
    assert set(result.history.steps[-1].computations) == {
        one.name for one in result.stages[-1].parts
    }
    # a stage is a module that can be read again
    module = hlo.parse(result.stage("hlo").text)
    assert len(list(module.instructions)) == len(result.stage("hlo").lines)
    for one in result.stages:
        assert "~" not in one.text
    assert not _jax.tags_in(result.to_json())
    assert max(map(len, str(result).splitlines())) <= 100


@pytest.mark.parametrize("kind", ["scan", "mlp", "optax adam", "where"])
def test_a_result_is_json_both_ways(kind):
    function, args = KINDS[kind]
    result = ir_of(Call(function, tuple(args), {}, "f(x)"))
    assert IR.from_json(result.to_json()) == result


def test_what_can_not_be_lowered_is_shown_as_far_as_it_was_traced():
    unknown = Primitive("unknown")
    unknown.def_abstract_eval(lambda x: x)
    result = ir_of(Call(lambda x: unknown.bind(jnp.sin(x)), (ONES,), {}, "f(x)"))
    assert [one.name for one in result.stages] == ["jaxpr"]
    assert "unknown" in result.stage("jaxpr").text
    (note,) = result.notes
    assert note.startswith("JAX could not lower it: NotImplementedError: ")


IF = """def f(x):
    if x.sum() > 0:
        return x
    return -x
"""


@pytest.mark.parametrize(
    ("body", "remedy"),
    [
        ("if x.sum() > 0: x = -x", "jnp.where or jax.lax.cond"),
        ("x = np.sin(x)", "write jnp instead of np"),
        ("x = [1, 2, 3][x.argmax()]", "index with jnp"),
        ("x = x[x > 0]", "write jnp.where"),
        ("x = float(x[0])", "use jnp and jax.lax"),
    ],
)
def test_what_can_not_be_traced_is_one_sentence_with_the_line_and_what_to_write(
    body, remedy, tmp_path
):
    file = tmp_path / "mine.py"
    file.write_text(f"def f(x):\n    {body}\n    return x\n")
    space = {"np": np, "jnp": jnp}
    exec(compile(file.read_text(), str(file), "exec"), space)
    with pytest.raises(AskError) as caught:
        ir("f(f32[3])", space, "<cell>")
    said = str(caught.value)
    assert said.startswith(f"mine.py line 2, `{body}`: ")
    assert remedy in said
    assert "\n" not in said


def test_errors_of_the_user_are_the_users():
    with pytest.raises(ZeroDivisionError):
        ir("f(1)", {"f": lambda x: x * (1 // 0)}, "<cell>")


def test_a_stage_is_text_of_its_own():
    result = ir("f(f32[3])", {"f": lambda x: jnp.sin(x) * 2}, "<cell>")
    assert "sin" in str(stage(result, "jaxpr"))
    assert "stablehlo.sine" in str(stage(result, "stablehlo"))
    assert "sine(" in str(stage(result, "hlo"))
    assert "fusion" in str(stage(result, "passes"))
    assert "0. sin" in str(stage(result, "lives"))
