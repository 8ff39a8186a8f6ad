"""Hostile names become plain text."""

import enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaxmagic.pytree.names import clean, distinct, item_label, item_labels, message, type_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("kernel", "kernel"),
        ("größe β 層", "größe β 層"),
        ("a\nb\x00", "a\\u000ab\\u0000"),
        ("safe\u202etxt", "safe\\u202etxt"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("lone\ud800", "lone\\ud800"),
        ("filler\u3164", "filler\\u3164"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_what_hides_or_turns_around_is_written_out(name, shown):
    assert clean(name) == shown


def test_the_middle_of_a_long_name_is_left_out():
    shown = clean("a" * 100_000 + "z" * 100_000)
    assert shown == "a" * 29 + "…" + "z" * 30


@given(st.text(st.characters(), max_size=300))
def test_any_text_becomes_short_printable_text(text):
    shown = clean(text)
    assert len(shown) <= 60
    assert shown.isprintable()
    shown.encode()


def test_labels_are_those_of_jax_paths():
    assert [item_label(key) for key in ("w", 0, True, 1.5, ("a", 1), None)] == [
        "['w']",
        "[0]",
        "[True]",
        "[1.5]",
        "[('a', 1)]",
        "[None]",
    ]


def test_a_key_whose_repr_fails_is_named_by_its_type():
    class Key:
        def __repr__(self):
            raise RuntimeError

    colour = enum.Enum("Colour", ["RED"])
    assert item_label(Key()) == "[<Key>]"
    assert item_label(colour.RED) == "[Colour.RED]"


def test_labels_of_one_container_differ():
    keys = ["a" * 50 + middle + "z" * 50 for middle in ("1", "2")]
    first, second = item_labels(keys)
    assert first != second
    assert list(distinct(iter(["x", "x", "y"]))) == ["x", "x#2", "y"]


def test_labels_compare_as_the_tuples_they_stand_for():
    labels = item_labels(["b", "w"])
    assert labels == ("['b']", "['w']")
    assert labels == item_labels(["b", "w"])
    assert labels[1:] == ("['w']",)
    assert hash(labels) == hash(("['b']", "['w']"))


def test_a_metaclass_does_not_choose_the_name():
    class Meta(type):
        __name__ = property(lambda _: 1 / 0)

    assert type_name(Meta("Plain", (), {})) == "Plain"


def test_an_error_without_a_text_is_named_by_its_type():
    class Mute(Exception):  # noqa: N818  it says nothing
        def __str__(self):
            raise RuntimeError

    assert message(Mute()) == "Mute"
    assert message(ValueError("\n\nfirst\nsecond")) == "ValueError: first"
