"""Which names lead to an array; each test has a shape of its own, that nothing else has."""

import functools
import gc
import itertools
import sys
import threading
import types
import weakref
from collections import OrderedDict, deque
from typing import NamedTuple

import jax
import jax.numpy as jnp
import pytest


class Model:
    def __init__(self, **attributes):
        vars(self).update(attributes)


class Slotted:
    __slots__ = ("empty", "weight")


class Pair(NamedTuple):
    left: object
    right: object


def test_variables_entries_and_attributes_are_named(names):
    array = jnp.ones((101,))
    for namespace, name in (
        ({"x": array}, "x"),
        ({"params": {"layer": [None, array]}}, "params['layer'][1]"),
        ({"x": (1, (2, array))}, "x[1][1]"),
        ({"x": OrderedDict({3: array})}, "x[3]"),
        ({"x": {(1, "a"): array}}, "x[(1, 'a')]"),
        ({"x": deque([array])}, "x[0]"),
        ({"x": Pair(1, array)}, "x.right"),
        ({"model": Model(layers=[Model(kernel=array)])}, "model.layers[0].kernel"),
        ({"p": functools.partial(max, array)}, "p.args[0]"),
        ({"Model": type("Own", (), {"table": array, "__module__": "__main__"})}, "Model.table"),
        ({"_": array}, "_"),
        ({"Out": {3: array}, "_3": array, "_oh": {3: array}}, "Out[3]"),
        ({"_3": array}, "_3"),
    ):
        assert names((101,), namespace) == [name]


def test_attributes_in_slots_are_named(names):
    thing = Slotted()
    thing.weight = jnp.ones((102,))
    assert names((102,), {"thing": thing}) == ["thing.weight"]


def test_what_functions_hold_is_named(names):
    def closing():
        table = jnp.ones((103,))
        return lambda x: x + table

    def default(x, table=jnp.ones((104,)), *, other=jnp.ones((105,))):  # noqa: B008
        return x + table + other

    closure = closing()
    own = {"f": closure, "g": jax.jit(closure), "d": default}
    assert names((103,), {"f": closure}) == ["table, closed over by f"]
    assert names((103,), {"g": jax.jit(closure)}) == ["table, closed over by g"]
    assert names((103,), own) == ["table, closed over by f", "table, closed over by g"]
    assert names((104,), own) == ["table, a default of d"]
    assert names((105,), own) == ["other, a default of d"]


def test_a_bound_method_leads_to_its_object(names):
    class Own(Model):
        def call(self):
            return self.weight

    own = Own(weight=jnp.ones((106,)))
    assert names((106,), {"call": own.call}) == ["call.__self__.weight"]


def test_globals_of_the_users_modules_are_named_but_not_those_of_libraries(names):
    module = types.ModuleType("lecture")
    exec("def f(x):\n    return x + table", vars(module))
    module.table = jnp.ones((107,))
    assert names((107,), {"f": module.f}) == ["table, a global of lecture used by f"]
    assert names((107,), {"lecture": module}) == ["lecture.table"]


def test_a_typed_key_is_named_as_itself(names):
    keys = jax.random.split(jax.random.key(0), 108)
    assert names((108, 2), {"state": {"keys": keys}}) == ["state['keys']"]


def test_an_array_with_several_names_has_all_of_them(names):
    array = jnp.ones((109,))
    params = {"w": array}
    namespace = {"x": array, "params": params, "state": Model(params=params), "y": [array]}
    assert names((109,), namespace) == ["x", "params['w']", "state.params['w']", "y[0]"]


def test_names_beyond_a_few_are_counted(asked):
    array = jnp.ones((110,))
    group = asked((110,), {f"x{n}": array for n in range(7)})
    assert [name.text for name in group.names] == ["x0", "x1", "x2", "x3"]
    assert group.more_names == 3
    assert (group.arrays, group.unnamed) == (1, 0)


def test_alike_names_are_one(asked):
    layers = [{"w": jnp.ones((111,)), "b": 0} for _ in range(12)]
    group = asked((111,), {"params": {"layers": layers}})
    assert [(name.text, name.times) for name in group.names] == [("params['layers'][…]['w']", 12)]
    del layers[2:]
    few = asked((111,), {"params": {"layers": layers}})
    assert [name.text for name in few.names] == [
        "params['layers'][0]['w']",
        "params['layers'][1]['w']",
    ]
    assert few.unnamed == 0


@pytest.mark.parametrize("of", [list, tuple, lambda arrays: dict(enumerate(arrays))])
def test_large_containers_of_arrays_are_one_name(asked, of):
    container = of(jnp.zeros((90, 112)))
    group = asked((112,), {"rows": container})
    assert [(name.text, name.times) for name in group.names] == [("rows[…]", 90)]
    assert group.unnamed == 0


def test_a_container_within_itself_ends(names):
    loop = {"w": jnp.ones((113,))}
    loop["again"] = [loop]
    assert names((113,), {"loop": loop}) == ["loop['w']"]


def test_depth_is_bounded_and_a_deep_tree_does_no_harm(names):
    deep = jnp.ones((114,))
    for _ in range(5000):
        deep = [deep]
    assert names((114,), {"deep": deep}) == []


def test_nothing_of_the_users_is_called(names):
    class Loud:
        def __repr__(self):
            raise AssertionError

        __str__ = __len__ = __iter__ = __bool__ = __getattr__ = __eq__ = __repr__
        __hash__ = object.__hash__
        weight = property(__repr__)

    class LoudType(type):
        __hash__ = __eq__ = __getattribute__ = Loud.__repr__

    class LoudProperties:
        __dict__ = __class__ = property(Loud.__repr__)

    class LoudDict(dict):
        __iter__ = items = keys = values = __getitem__ = __len__ = Loud.__repr__

    loud = Loud()
    vars(loud)["own"] = jnp.ones((115,))
    of_type = type.__call__(LoudType("OfType", (), {}))
    other = [LoudType("Other", (), {}), of_type, LoudProperties()]
    namespace = {"other": other, "loud": loud, "d": LoudDict({loud: loud}), "l": [loud]}
    assert names((115,), namespace) == ["loud.own", "d[<Loud>].own", "l[0].own"]


def test_names_are_clean(names):
    array = jnp.ones((116,))
    [name] = names((116,), {"x": {"a\u202eb": array}})
    assert name == r"x['a\u202eb']"


def failing(shape):
    leaked = {"batch": jnp.ones(shape)}
    raise ValueError(len(leaked))


def failed(shape):
    try:
        failing(shape)
    except ValueError as error:
        return error
    return None


@pytest.fixture
def last_error():
    """Make an error the last one of the interpreter."""
    yield lambda error: setattr(sys, "last_value", error)
    sys.last_value = None


def test_variables_of_the_last_traceback_are_named(names, last_error):
    last_error(failed((117,)))
    assert names((117,), {}) == ["leaked['batch'] in failing() of the last traceback"]
    last_error(None)
    gc.collect()
    assert names((117,), {}) == []


def test_an_error_that_is_kept_holds_the_variables_of_its_calls(names):
    said = "leaked['batch'], in failing(), a call in the traceback of error"
    assert names((118,), {"error": failed((118,))}) == [said]


def test_variables_of_a_frame_are_left_without_a_copy(names):
    error = failed((120,))
    [of_array] = [a for a in jax.live_arrays() if a.shape == (120,)]
    array = weakref.ref(of_array)
    del of_array
    assert names((120,), {"error": error})
    error.__traceback__.tb_next.tb_frame.clear()
    gc.collect()
    assert array() is None


@pytest.mark.skipif(sys.version_info < (3, 13), reason="reading them would leave a copy")
def test_variables_of_running_calls_are_named(names):
    started, done = threading.Event(), threading.Event()

    def work():
        mine = jnp.ones((121,))
        started.set()
        done.wait(60)
        return mine

    thread = threading.Thread(target=work)
    thread.start()
    started.wait(60)
    local = [jnp.ones((122,))]
    try:
        assert names((121,), {}) == ["mine in work(), which runs"]
        assert "local[0] in test_variables_of_running_calls_are_named(), which runs" in names(
            (122,), {}
        )
    finally:
        done.set()
        thread.join()
    assert local


def test_a_constant_that_was_folded_in_is_known_after_its_name_is_gone(asked):
    def lookup(x):
        return x + table

    table = jnp.ones((123,))
    jitted = jax.jit(lookup)
    jitted(1.0)
    table = None
    group = asked((123,), {"jitted": jitted})
    [name] = group.names
    assert name.text == "a constant of lookup, which JAX has traced"
    assert name.code == ""


def test_who_holds_an_array_without_a_name_is_said_in_words(asked):
    held = itertools.repeat(jnp.ones((124,)))
    group = asked((124,), {"held": held})
    assert [name.text for name in group.names] == ["held by an object of type repeat"]

    held = iter((jnp.ones((127,)),))
    group = asked((127,), {"held": held})
    assert [name.text for name in group.names] == ["in a tuple of an object of type tuple_iterator"]

    def closing():
        array = jnp.ones((125,))
        return lambda: array

    functions = {closing()}  # a set is not looked into
    group = asked((125,), {"functions": functions})
    assert [name.text for name in group.names] == ["closed over by a function"]


def test_arrays_without_a_name_are_counted(asked):
    held = [itertools.repeat(jnp.ones((126,))) for _ in range(3)]
    group = asked((126,), {"held": held}, seconds=1e-9, clock=lambda: 0.0)
    assert (group.arrays, group.unnamed, group.names) == (3, 3, ())
