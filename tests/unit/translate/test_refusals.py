# ruff: noqa: E501, ISC004  a table of short programs
"""What can't be translated truthfully is refused, with the line that stands in the way."""

import random
import time

import jax
import numpy as np
import pytest

from jaxmagic.translate import TranslationError, translate

CASES = {
    # name: source, where the line to be named ends with "#!", and the arguments of a call
    "append": ("def f(x, n):\n a = []\n for i in range(n):\n  a.append(x)  #!\n return a", (1.0, 3)),
    "dict": ("def f(x, n):\n d = {}\n for i in range(n):\n  d[i] = x  #!\n return d", (1.0, 200)),
    "try": ("def f(x):\n for i in range(3):\n  try:  #!\n   x = 1 / x\n  except ValueError:\n"
            "   x = 0\n return x", (1.0,)),
    "with": ("def f(x):\n with open('a') as file:  #!\n  x += 1\n return x", (1.0,)),
    "recursion": ("def f(n):\n if n < 2:\n  return 1\n return n * f(n - 1)  #!", (3,)),
    "attribute": ("def f(x, p, n):\n for i in range(n):\n  p.a = x  #!\n return x", (1.0, 1, 3)),
    "np.random": ("def f(n):\n s = 0.0\n for i in range(n):\n  s += np.random.rand()  #!\n"
                  " return s", (3,)),
    "generator": ("def f(n):\n s = 0.0\n for i in range(n):\n  s += RNG.normal()  #!\n return s",
                  (3,)),
    "random": ("def f(n):\n s = 0.0\n for i in range(n):\n  s += random.random()  #!\n return s",
               (3,)),
    "time": ("def f(x):\n return time.time() + x  #!", (1.0,)),
    "print": ("def f(x, n):\n for i in range(n):\n  print(x)  #!\n return x", (1.0, 3)),
    "raise": ("def f(x, n):\n for i in range(n):\n  if x < 0:\n   raise ValueError  #!\n return x",
              (1.0, 3)),
    "assert": ("def f(x):\n assert x > 0  #!\n return x", (1.0,)),
    "global array": ("def f(n):\n for i in range(n):\n  GRID[i] = i  #!\n return GRID", (3,)),
    "returns nothing": ("def f(a, n):\n for i in range(n):\n  a[i] = 0.0  #!", (np.ones(3), 3)),
    "growing array": ("def f(x, n):\n for i in range(n):  #!\n  x = np.append(x, i)\n return x",
                      (np.ones(2), 500)),
    "never set": ("def f(x):\n if x > 0:  #!\n  y = 1.0\n return y", (1.0,)),
    "set by the loop": ("def f(x, n):\n for i in range(n):  #!\n  y = x * i\n return y", (1.0, 3)),
    "yield": ("def f(n):\n for i in range(n):\n  yield i  #!", (3,)),
    "global": ("def f(n):\n global Q  #!\n for i in range(n):\n  Q = i\n return Q", (3,)),
    "list element": ("def f(x, n):\n a = [0.0, 0.0, 0.0]\n for i in range(n):\n"
                     "  a[i] = x  #!\n return a", (1.0, 3)),
    "sort in place": ("def f(a):\n a.sort()  #!\n return a", (np.ones(3),)),
    "shuffle": ("def f(a):\n np.random.shuffle(a)  #!\n return a", (np.ones(3),)),
    "fill_diagonal": ("def f(a):\n np.fill_diagonal(a, 1)  #!\n return a", (np.ones((2, 2)),)),
    "out=": ("def f(a):\n a = np.add(a, 1, out=a)  #!\n return a", (np.ones(2),)),
    "del": ("def f(x):\n y = x\n del y  #!\n return x", (1.0,)),
    "walrus": ("def f(x):\n while (y := x / 2) > 1:  #!\n  x = y\n return x", (9.0,)),
    "match": ("def f(n):\n match n:  #!\n  case 1:\n   return 2\n return 3", (1,)),
    "pop": ("def f(x):\n a = [x]\n while a:\n  x += a.pop()  #!\n return x", (1.0,)),
    "slice": ("def f(x, n):\n s = 0.0\n for i in range(n):\n  s += x[:i].sum()  #!\n return s",
              (np.ones(3), 3)),
    "closure": ("def f(x, n):\n c = 1.0\n def g(y):  #!\n  return y * c\n for i in range(n):\n"
                "  c = c + 1\n  x = g(x)\n return x", (1.0, 3)),
    "alias": ("def f(a):\n b = a\n for i in range(3):\n  b[i] = 0.0  #!\n return a", (np.ones(3),)),
    "view": ("def f(a):\n b = a[1:]\n b[0] = 5.0  #!\n return a", (np.ones(3),)),
    "row": ("def f(a):\n for row in a:\n  row[0] = 1.0  #!\n return a", (np.ones((2, 2)),)),
    "ravel": ("def f(a):\n b = np.ravel(a)\n b[0] = 1.0  #!\n return a", (np.ones((2, 2)),)),
    "tuple": ("def f(a):\n t = (a, 1)\n a[0] = 2.0  #!\n return t", (np.ones(2),)),
    "both targets": ("def f(n):\n a = b = np.zeros(n)\n a[0] = 1.0  #!\n return b", (3,)),
    "buffer": ("def f(u, n):\n new = np.zeros(len(u))\n for t in range(n):\n"
               "  for i in range(1, len(u)):\n   new[i] = u[i - 1]  #!\n  u = new\n return u",
               (np.ones(3), 3)),
    "in place": ("def f(x):\n y = x\n for i in range(3):\n  x += 1  #!\n return x + y", (np.ones(2),)),
    "rows exchanged": ("def f(a):\n a[0], a[1] = a[1], a[0]  #!\n return a", (np.ones((2, 2)),)),
    "row kept": ("def f(a):\n t = a[0]  #!\n a[0] = a[1]\n a[1] = t\n return a", (np.eye(2),)),
    "while it runs": ("def f(a):\n for x in a:\n  a[1] = x  #!\n return a", (np.ones(3),)),
    "factorial": ("def f(n):\n r = 1\n for i in range(1, n):\n  r *= i  #!\n return r", (25,)),
    "fibonacci": ("def f(n):\n a, b = 0, 1\n for i in range(n):\n  a, b = b, a + b  #!\n return a",
                  (60,)),
    "power": ("def f(n):\n r = 1\n while n > 0:\n  r = r * 2  #!\n  n -= 1\n return r", (40,)),
    "shift": ("def f(n):\n r = 1\n for _ in range(n):\n  r = r << 1  #!\n return r", (40,)),
    "squares": ("def f(n):\n s = 0\n for i in range(n):\n  s += i * i  #!\n return s", (3000,)),
    "no truth": ("def f(x):\n while x:  #!\n  x = x - 1\n return x", (np.ones(3),)),
    "structure": ("def f(x, n):\n for i in range(n):\n  if i > 2:  #!\n   x = (x, x)\n return x",
                  (1.0, 200)),
    "comprehension": ("def f(x, n):\n return np.stack([x * i for i in range(n)])  #!", (1.0, 3)),
    "fraction": ("def f(n):\n s = 0.0\n for i in range(n):\n  s += 2 ** (-i)  #!\n return s", (3,)),
    "isinstance": ("def f(x):\n for i in range(3):\n  if isinstance(x, float):  #!\n   x = x + 1\n return x", (1.0,)),
    "text": ("def f(x):\n for i in range(3):\n  x = x + len(str(x))  #!\n return x", (1.0,)),
    "no counterpart": ("def f(x):\n return np.busday_count(x, x)  #!", (1.0,)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_refusals_name_the_line(defined, name):
    text, arguments = CASES[name]
    namespace = defined(
        text, random=random, time=time, GRID=np.zeros(3), RNG=np.random.default_rng(0)
    )
    [line] = [n for n, shown in enumerate(text.splitlines(), 1) if shown.endswith("#!")]
    with pytest.raises(TranslationError) as caught:
        jax.jit(translate(namespace["f"]).function)(*arguments)
    assert caught.value.line == line, caught.value
    assert str(caught.value) == f"line {line}: {caught.value.reason}."


@pytest.mark.parametrize("name", ["factorial", "fibonacci", "power", "shift", "squares"])
def test_integers_that_outgrow_their_type_are_refused_with_known_arguments(defined, name):
    text, arguments = CASES[name]
    with pytest.raises(TranslationError, match="outgrow"):
        translate(defined(text)["f"]).function(*arguments)


FINE = {
    "count": ("def f(n):\n c = 0\n for i in range(n):\n  c += 1\n return c", (1000,)),
    "sum": ("def f(n):\n s = 0\n for i in range(n):\n  s += i\n return s", (5000,)),
    "squares": ("def f(n):\n s = 0\n for i in range(n):\n  s += i * i\n return s", (1500,)),
    "factorial": ("def f(n):\n r = 1\n for i in range(1, n + 1):\n  r *= i\n return r", (12,)),
    "fibonacci": ("def f(n):\n a, b = 0, 1\n for i in range(n):\n  a, b = b, a + b\n return a", (40,)),
    "generator": ("def f(x, n):\n for i in range(n):\n  x = (75 * x + 74) % 65537\n return x", (1, 500)),
    "masked": ("def f(x, n):\n for i in range(n):\n  x = (x * 5 + 1) & 1023\n return x", (1, 500)),
    "root": ("def f(n):\n x = n\n while x * x > n:\n  x = (x + n // x) // 2\n return x", (1000,)),
}  # fmt: skip


@pytest.mark.parametrize("name", FINE)
def test_integers_that_stay_within_their_type_pass(defined, name):
    text, arguments = FINE[name]
    function = defined(text)["f"]
    assert int(translate(function).function(*arguments)) == function(*arguments)


SHARED_AND_FINE = {
    "copy": ("def f(a):\n b = a.copy()\n b[0] = 9.0\n return a + b", (np.ones(3),)),
    "sum": ("def f(a):\n b = a + 0\n b[0] = 9.0\n return a + b", (np.ones(3),)),
    "dead": ("def f(a):\n b = a\n b[0] = 9.0\n return b", (np.ones(3),)),
    "numbers": ("def f(x):\n y = x\n x += 1\n return x + y", (1.0,)),
    "swap": ("def f(a):\n t = a[0]\n a[0] = a[2]\n a[2] = t\n return a", (np.arange(3.0),)),
    "buffers": ("def f(a, n):\n b = a.copy()\n for _ in range(n):\n  b[0] = a[1] + 1\n"
                "  a, b = b, a\n return a", (np.arange(3.0), 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARED_AND_FINE)
def test_names_that_share_no_array_that_changes_pass(defined, name):
    text, arguments = SHARED_AND_FINE[name]
    function = defined(text)["f"]
    copies = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    np.testing.assert_allclose(translate(function).function(*arguments), function(*copies))


def test_a_line_in_a_function_that_is_called_is_that_function_s(defined):
    text = (
        "def g(a):\n    a[0] += 1\n    return a.sum()\n\n"
        "def f(a, n):\n    s = 0.0\n    for i in range(n):\n        s += g(a)\n    return s\n"
    )
    with pytest.raises(TranslationError, match=r"line 2: a, which is the caller's array") as caught:
        translate(defined(text)["f"])
    assert caught.value.line == 2


@pytest.mark.parametrize("thing", [len, np.sin, int, 3, None])
def test_only_functions_with_python_source_are_translated(thing):
    with pytest.raises(TypeError, match="no Python function"):
        translate(thing)


def test_the_users_own_mistakes_stay_his(defined):
    function = defined("def f(x):\n for i in range(200):\n  x = x + missing\n return x")["f"]
    with pytest.raises(NameError, match="missing"):
        translate(function).function(1.0)
