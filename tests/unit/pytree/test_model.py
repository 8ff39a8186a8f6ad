"""What a summary says of each kind of leaf and container."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxmagic.pytree import Tree, summarise, summarise_together

HERE = f"{jax.devices()[0].platform}:{jax.devices()[0].id}"


def leaf(thing):
    return summarise(thing).top


def test_the_tree_of_a_model_folds_to_a_few_structures():
    def block():
        return {"attention": [np.zeros((8, 8), "f4") for _ in range(4)], "scale": np.ones(8, "f4")}

    model = summarise({"blocks": [block() for _ in range(12)], "head": np.zeros((8, 3), "f4")})
    assert model.top.leaves == 61
    assert model.top.parameters == 12 * (4 * 64 + 8) + 24
    assert model.top.size_bytes == 4 * model.top.parameters
    assert model.top.nodes == 61 + 12 * 2 + 2
    assert model.top.depth == 4
    assert len(model.structures) == 7
    assert len(set(model.structures[model.at((0,))].children)) == 1
    assert model.path((0, 3, 0, 1)) == "['blocks'][3]['attention'][1]"
    assert repr(model) == "Tree(61 leaves, 3.19k parameters, 12.5 KiB, 7 structures)"


@pytest.mark.parametrize(
    ("thing", "kind", "type_name", "parameters", "size_bytes"),
    [
        (np.zeros((2, 3), "f4"), "array", "ndarray", 6, 24),
        (np.float32(1), "number", "float32", 1, 4),
        (1, "number", "int", 1, 0),
        (True, "number", "bool", 1, 0),
        ("text", "text", "str", 0, 0),
        (len, "opaque", "builtin_function_or_method", 0, 0),
        ({1, 2}, "opaque", "set", 0, 0),
        (None, "none", "NoneType", 0, 0),
        ([], "list", "list", 0, 0),
    ],
)
def test_kinds(thing, kind, type_name, parameters, size_bytes):
    top = summarise(thing).top
    assert (top.kind, top.type_name) == (kind, type_name)
    assert (top.parameters, top.size_bytes) == (parameters, size_bytes)
    assert top.leaves == len(jax.tree.leaves(thing))


def test_arrays_of_jax():
    top = leaf(jnp.zeros((2, 3), jnp.bfloat16))
    assert (top.kind, top.type_name, top.shape, top.dtype) == ("array", "Array", (2, 3), "bfloat16")
    assert (top.size_bytes, top.sharding, top.words) == (12, HERE, ())


def test_weak_types_deleted_arrays_and_keys():
    assert leaf(jnp.asarray(1.0)).words == ("weak type",)
    gone = jnp.zeros(3)
    kept = jnp.zeros(3)
    gone.delete()
    assert leaf(gone).words == ("deleted",)
    assert leaf(gone).size_bytes == 12
    assert summarise([gone, kept, kept, kept, gone]).top.leaves == 5
    assert len(set(summarise([kept, kept, kept, kept, gone]).top.children)) == 2
    key = jax.random.key(0)
    assert leaf(key).words == ("key",)
    assert leaf(key).dtype == "key<fry>"
    assert leaf(key).parameters == 1


def test_many_keys_are_of_one_class():
    keys = [jax.random.key(number) for number in range(6)]
    assert len(set(summarise(keys).top.children)) == 1


def test_many_arrays_of_few_classes():
    arrays = [jax.device_put(np.full((n % 3, 2), n, "f4")) for n in range(3000)]
    model = summarise([arrays, arrays[::-1], tuple(arrays)])
    assert len(model.structures) == 3 + 3 + 1
    assert model.shared_arrays == 3000


def test_abstract_arrays():
    top = leaf(jax.ShapeDtypeStruct((4, 2), jnp.float32))
    assert (top.words, top.size_bytes, top.sharding) == (("abstract",), 32, "")


def test_tracers():
    seen = []

    @jax.jit
    def f(x, y):
        seen.append(summarise({"x": x, "y": [y, y]}))
        return x + y

    f(jnp.zeros((2, 3)), 1.0)
    jax.vmap(lambda x: seen.append(summarise(x)))(jnp.zeros((5, 2)))
    jax.grad(lambda x: seen.append(summarise(x)) or x)(1.0)
    first, batched, differentiated = (model.structures[0] for model in seen)
    assert (first.shape, first.dtype, first.words) == ((2, 3), "float32", ("tracer",))
    assert seen[0].shared_arrays == 1
    assert batched.shape == (2,)
    assert differentiated.words == ("tracer", "weak type")


def test_a_mutable_reference():
    if not hasattr(jax, "new_ref"):
        pytest.skip("this JAX has no public references")
    top = leaf(jax.new_ref(jnp.zeros((3,))))
    assert (top.kind, top.shape, top.size_bytes) == ("array", (3,), 12)


def test_symbolic_shapes():
    from jax import export

    (n,) = export.symbolic_shape("n")
    top = leaf(jax.ShapeDtypeStruct((n, 2), jnp.float32))
    assert (top.shape, top.parameters, top.unsized) == (("n", 2), 0, 1)


def test_named_tuples_are_labelled_by_their_fields(moments):
    state = moments(1, {"w": np.zeros(2)}, {"w": np.zeros(3)})
    model = summarise(state)
    assert model.top.kind == "namedtuple"
    assert model.top.keys == (".count", ".mu", ".nu")
    assert model.path((2, 0)) == ".nu['w']"
    assert model.top.static == ""


def test_dataclasses_tell_their_static_fields(layer):
    one, other = summarise_together(layer(1, 2, width=3), layer(1, 2, width=4))
    assert (one.top.kind, one.top.type_name) == ("object", "Layer")
    assert one.top.keys == (".kernel", ".bias")
    assert (one.top.static, other.top.static) == ("width=3", "width=4")
    assert one.root != other.root


def test_containers_without_children(option):
    assert summarise(option("x")).top.leaves == 0
    assert summarise(option("x")).top.static == "name='x'"


def test_containers_without_keys(bag):
    top = summarise(bag(1, 2, label=("a", jnp.tanh, np.float32, {"k": 1}))).top
    assert top.keys == ("[<flat index 0>]", "[<flat index 1>]")
    assert top.static.startswith("('a', ")
    assert top.static.endswith("float32, {'k': 1})")


def test_static_data_of_any_size_has_a_short_text(bag):
    class Huge:
        def __repr__(self):
            raise AssertionError

    assert summarise(bag(label=Huge())).top.static == "<Huge>"
    assert len(summarise(bag(label=list(range(10**5)))).top.static) <= 200
    assert summarise(bag(label=10**5000)).top.static == "a large int"


def test_one_array_at_several_places():
    tied = jnp.zeros((3, 4))
    model = summarise({"decode": tied, "encode": [jnp.zeros((3, 4)), tied]})
    (shared,) = model.shared
    assert [model.path(place) for place in shared.places] == ["['decode']", "['encode'][1]"]
    assert (shared.count, model.shared_arrays, model.repeated) == (2, 1, 1)
    assert model.repeated_bytes == 48
    assert model.top.size_bytes == 3 * 48


def test_a_layer_that_is_used_twice():
    layer = {"w": np.zeros(2), "b": 1}
    model = summarise([layer, {"again": layer}])
    (shared,) = model.shared
    assert [model.path(place) for place in shared.places] == ["[0]['w']", "[1]['again']['w']"]


def test_what_is_shared_is_bounded_and_counted():
    arrays = [np.zeros(1) for _ in range(300)]
    model = summarise([arrays, list(arrays), [*arrays, arrays[0]]])
    assert model.shared_arrays == 300
    assert len(model.shared) == 100
    assert model.repeated == 601
    assert model.shared[0].count == 4


def test_one_leaf_at_a_thousand_places_is_asked_once():
    asked = []

    class Leaf:
        dtype = np.dtype("float32")

        @property
        def shape(self):
            asked.append(1)
            return (3,)

    model = summarise([Leaf()] * 1000)
    assert (model.top.leaves, model.top.parameters) == (1000, 3000)
    assert (model.shared[0].count, model.repeated_bytes) == (1000, 999 * 12)
    assert len(asked) < 10


def test_the_labels_of_a_million_keys_are_written_when_asked_for():
    keys = [f"model.layers.{n:07}.self_attn.q_proj.weight" for n in range(3)]
    model = summarise(dict.fromkeys(keys, 0.0))
    assert type(model.top.keys).__name__ == "Items"
    assert list(model.top.keys) == [f"['{key}']" for key in keys]


def test_trees_that_are_summarised_together_share_their_table():
    one, other = summarise_together({"a": np.zeros(2), "b": 1}, {"a": np.zeros(2), "b": "x"})
    assert one.structures is other.structures
    assert one.top.children[0] == other.top.children[0]
    assert one.root != other.root


def test_a_place_that_is_not_there():
    model = summarise([1])
    with pytest.raises(IndexError):
        model.at((0, 0))
    with pytest.raises(IndexError):
        model.path((7,))


def test_an_empty_tree_of_the_api():
    assert isinstance(summarise(None), Tree)
    assert summarise(None).device_bytes() == {}


SHARDED = """
import jax, jax.numpy as jnp
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
import numpy as np
from jaxmagic.pytree import summarise
mesh = Mesh(np.array(jax.devices()).reshape(4, 2), ("x", "y"))
split = jax.device_put(jnp.zeros((8, 6)), NamedSharding(mesh, P("x", None)))
both = jax.device_put(jnp.zeros((8, 6)), NamedSharding(mesh, P(("x", "y"))))
one = jax.device_put(jnp.zeros(5), jax.devices()[3])
plan = jax.ShapeDtypeStruct((8, 6), jnp.float32, sharding=NamedSharding(mesh, P("x", "y")))
model = summarise([split, both, one])
for child in model.top.children:
    print(model.structures[child].sharding)
print(model.device_bytes())
print(summarise(plan).top.sharding, summarise(plan).device_bytes()["cpu:7"])
print(len(set(summarise([split, split + 1, split * 2, split - 1]).top.children)))
"""


def test_sharded_arrays(eight_devices):
    said = eight_devices(SHARDED).splitlines()
    assert said[:3] == ["P('x', None) on x=4, y=2", "P(('x', 'y')) on x=4, y=2", "cpu:3"]
    each = dict.fromkeys((f"cpu:{n}" for n in range(8)), 8 * 6 * 4 // 4 + 8 * 6 * 4 // 8)
    assert said[3] == str(each | {"cpu:3": each["cpu:3"] + 20})
    assert said[4:] == ["P('x', 'y') on x=4, y=2 24", "1"]
