"""Which items belong together: as many equal ones as there can be, in order, and nothing twice."""

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.pytree.diff import align

items = st.lists(st.integers(0, 3), max_size=12)


def pairs(found):
    return [(a + n, b + n) for a, b, length in found.matched for n in range(length)]


def longest(left, right):
    @functools.cache
    def of(i, j):
        if i == len(left) or j == len(right):
            return 0
        return max(of(i + 1, j), of(i, j + 1), of(i + 1, j + 1) + (left[i] == right[j]))

    return of(0, 0)


@given(items, items)
def test_each_item_has_one_counterpart_or_none(left, right):
    found = align.by_position(left, right, lambda x: x)
    matched = pairs(found)
    assert sorted([a for a, _ in matched] + found.missing) == list(range(len(left)))
    assert sorted([b for _, b in matched] + found.extra) == list(range(len(right)))
    assert matched == sorted(matched)
    assert [b for _, b in matched] == sorted(b for _, b in matched)
    assert found.exact


@given(items, items)
def test_as_many_items_are_equal_as_can_be(left, right):
    found = align.by_position(left, right, lambda x: x)
    equal = sum(left[a] == right[b] for a, b in pairs(found))
    if len(left) == len(right):
        assert pairs(found) == [(n, n) for n in range(len(left))]
    else:
        assert equal == longest(left, right)


@given(st.lists(st.integers()), st.data())
def test_what_was_inserted_is_found(left, data):
    at = data.draw(st.integers(0, len(left)))
    new = data.draw(st.lists(st.just("new"), min_size=1, max_size=5))
    found = align.by_position(left, [*left[:at], *new, *left[at:]], lambda x: x)
    assert found.missing == []
    assert found.extra == list(range(at, at + len(new)))


def test_replaced_items_are_matched_by_their_face():
    face = {1: "dict", 2: "list", 11: "dict", 12: "list"}.__getitem__
    assert pairs(align.by_position([1, 2], [12], face)) == [(1, 0)]
    assert pairs(align.by_position([1, 2], [11], face)) == [(0, 0)]


def test_what_differs_in_too_much_is_matched_by_position():
    left, right = [n % 11 for n in range(5000)], [n % 7 for n in range(4000)]
    found = align.by_position(left, right, lambda x: x)
    assert not found.exact
    assert found.matched == [(0, 0, 4000)]
    assert found.missing == list(range(4000, 5000))


@pytest.mark.parametrize("n", [3, 100_000])
def test_keys_that_are_equal_belong_together(n):
    left, right = [f"k{i}" for i in range(n)], [f"k{i}" for i in range(1, n + 1)]
    found = align.by_key(left, right)
    assert (found.matched, found.missing, found.extra) == ([(1, 0, n - 1)], [0], [n - 1])


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)), st.randoms())
def test_each_key_is_found_in_any_order(left, right, rng):
    one, other = list(left), list(right)
    rng.shuffle(one)
    rng.shuffle(other)
    found = align.by_key(one, other)
    assert {(one[a], other[b]) for a, b in pairs(found)} == {(x, x) for x in left & right}
    assert {one[a] for a in found.missing} == left - right
    assert {other[b] for b in found.extra} == right - left
