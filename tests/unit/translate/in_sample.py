# ruff: noqa: B007, B905, E741, PLR1730, RUF005, SIM108, SIM201  loops as users write them
"""Loop functions as users write them, with the arguments of a call.

The rewriter was made with these at hand; what it makes of others is tested apart.
"""

import math

import numpy as np

GRID = np.linspace(0.0, 1.0, 11)
BETA = 0.95


def solow(k, n, s=0.3, alpha=0.4, delta=0.1):
    for _ in range(n):
        k = s * k**alpha + (1 - delta) * k
    return k


def quadratic_map(x0, n, a=3.5):
    x = np.zeros(n + 1)
    x[0] = x0
    for t in range(n):
        x[t + 1] = a * x[t] * (1 - x[t])
    return x


def square_minus_two(x):
    return x**2 - 2


def newton(x, tol=1e-5):
    for i in range(100):
        step = square_minus_two(x) / (2 * x)
        if abs(step) < tol:
            break
        x -= step
    return x, i


def newton_while(x, tol=1e-5):
    error = tol + 1
    steps = 0
    while error > tol and steps < 50:
        new = 0.5 * (x + 2 / x)
        error = abs(new - x)
        x = new
        steps += 1
    return x, steps


def grid_maximum(n):
    best = -np.inf
    for i in range(n):
        for j in range(n):
            value = np.cos(i / n) * np.sin(j / n)
            if value > best:
                best = value
    return best


def cumulative_product(x):
    out = np.empty(len(x))
    total = 1.0
    for i in range(len(x)):
        total *= x[i]
        out[i] = total
    return out


def total(x):
    s = 0
    for value in x:
        s += value
    return s


def mean_and_variance(x):
    n, mean, m2 = 0, 0.0, 0.0
    for value in x:
        n += 1
        delta = value - mean
        mean += delta / n
        m2 += delta * (value - mean)
    return mean, m2 / (n - 1)


def first_index(a, wanted):
    for i in range(len(a)):
        if a[i] == wanted:
            return i
    return -1


def greatest_common_divisor(a, b):
    while b:
        a, b = b, a % b
    return a


def bisection(low, high, tol=1e-4):
    while high - low > tol:
        middle = (low + high) / 2
        if square_minus_two(middle) > 0:
            high = middle
        else:
            low = middle
    return (low + high) / 2


def golden(n):
    x = 1
    for _ in range(n):
        x = 1 + 1 / x
    return x


def bubble_sort(a):
    a = a.copy()
    n = len(a)
    for i in range(n):
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
    return a


def sieve(n):
    prime = np.ones(n, dtype=bool)
    prime[0] = False
    prime[1] = False
    for i in range(2, n):
        if prime[i]:
            for j in range(i * i, n, i):
                prime[j] = False
    return prime.sum()


def is_prime(n):
    if n < 2:
        return False
    i = 2
    while i * i <= n:
        if n % i == 0:
            return False
        i += 1
    return True


def escape_time(c, limit=50):
    z = 0
    for n in range(limit):
        z = z * z + c
        if abs(z) > 2:
            return n
    return limit


def sum_of_odd(n):
    s = 0
    for i in range(n):
        if i % 2 == 0:
            continue
        s += i
    return s


def countdown(n):
    steps = 0
    while True:
        if n <= 0:
            break
        n -= 3
        steps += 1
    return steps, n


def clipped(x, low, high):
    out = np.zeros_like(x)
    for i in range(x.shape[0]):
        if x[i] < low:
            out[i] = low
        elif x[i] > high:
            out[i] = high
        else:
            out[i] = x[i]
    return out


def matrix_product(a, b):
    n, m = a.shape
    k = b.shape[1]
    c = np.zeros((n, k))
    for i in range(n):
        for j in range(k):
            for l in range(m):
                c[i, j] += a[i, l] * b[l, j]
    return c


def horner(coefficients, x):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return y


def backwards(x):
    y = np.zeros(len(x))
    for i in range(len(x) - 1, -1, -1):
        y[i] = x[len(x) - 1 - i]
    return y


def with_else(x, wanted):
    for i in range(len(x)):
        if x[i] == wanted:
            found = i
            break
    else:
        found = -1
    return found


def pairs(x, y):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, y)):
        s += i * a * b
    return s


def last_item(x):
    for i in range(5):
        y = x * i
    return y, i


def euler(y, t_end, h):
    t = 0.0
    while t < t_end:
        y = y + h * (-2 * y + math.exp(-t))
        t += h
    return y


def of_the_grid(x):
    best, where = -1.0, 0
    for i in range(len(GRID)):
        value = BETA * GRID[i] - (GRID[i] - x) ** 2
        if value > best:
            best, where = value, i
    return best, where


def flagged(x, n, kind="square"):
    for _ in range(n):
        if kind == "square":
            x = x * x / 2
        else:
            x = x / 2
    return x


def sign(x):
    return 1 if x > 0 else -1 if x < 0 else 0


def signs(x):
    s = 0
    for value in x:
        s += sign(value)
    return s


def within(x, low, high):
    n = 0
    for value in x:
        if low < value <= high and not value == 0.5:
            n += 1
    return n


def search_2d(a, wanted):
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] == wanted:
                return i, j
    return -1, -1


def heat(u, n, r=0.2):
    for _ in range(n):
        new = u.copy()
        for i in range(1, len(u) - 1):
            new[i] = u[i] + r * (u[i - 1] - 2 * u[i] + u[i + 1])
        u = new
    return u


def power_iteration(a, n):
    v = np.ones(a.shape[0])
    for _ in range(n):
        v = a @ v
        v = v / np.linalg.norm(v)
    return v @ a @ v


def maximum_drawdown(prices):
    peak = prices[0]
    worst = 0.0
    for p in prices:
        peak = max(peak, p)
        worst = min(worst, p / peak - 1)
    return worst


def moving_average(x, w):
    out = np.zeros(len(x) - w + 1)
    for i in range(len(out)):
        s = 0.0
        for j in range(w):
            s += x[i + j]
        out[i] = s / w
    return out


def insertion_sort(a):
    a = a.copy()
    for i in range(1, len(a)):
        key = a[i]
        j = i - 1
        while j >= 0 and a[j] > key:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = key
    return a


def digits(n):
    s = 0
    while n > 0:
        s += n % 10
        n //= 10
    return s


def becomes_complex(n):
    z = 1
    for _ in range(n):
        z = z * (0.6 + 0.8j)
    return z


def lagged(x, n):
    a, b = x, 2 * x
    for _ in range(n):
        a, b = b, 0.5 * (a + b)
    return a, b


def fill_by_row(n):
    a = np.zeros((n, n))
    for i in range(n):
        a[i] = i
        a[i, 0] -= 1
    return a


def value_iteration(n):
    v = np.zeros(len(GRID))
    for _ in range(n):
        new = np.zeros(len(GRID))
        for i in range(len(GRID)):
            best = -np.inf
            for j in range(i + 1):
                candidate = np.log(GRID[i] - GRID[j] + 1.1) + BETA * v[j]
                best = max(best, candidate)
            new[i] = best
        v = new
    return v


def counts(x, n):
    c = np.zeros(n, dtype=int)
    for value in x:
        c[int(value * n)] += 1
    return c


def two_stops(x, n):
    for i in range(n):
        x = x * 1.5
        if x > 100:
            return x, i
        if x < 0:
            break
    return -x, n


def nested_break(a):
    s = 0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            if a[i, j] < 0:
                break
            s += a[i, j]
    return s


def forward_substitution(l, b):
    n = len(b)
    x = np.zeros(n)
    for i in range(n):
        x[i] = (b[i] - l[i, :i] @ x[:i]) / l[i, i]
    return x


def text_option(x, names):
    s = 0.0
    for name in names:
        if name == "double":
            s += 2 * x
        else:
            s += x
    return s


def function_inside(x, n):
    def grown(y, m):
        s = 0.0
        for _ in range(m):
            if y > 3:
                break
            y = y * 1.5
            s += y
        return s

    result = 0.0
    for k in range(n):
        result += grown(x + k, k)
    return result


def set_together(n):
    a = np.ones(n)
    a[0] = a[1] = 0.5
    s = 0.0
    for i in range(n):
        s += a[i]
    return s


def alternating(n):
    s = 0.0
    for k in range(n):
        s += (-1) ** k / (2 * k + 1)
    return s


def powers(n):
    s, k = 0, 0
    while 2**k < n:
        s += 3**k
        k += 1
    return s


def primes_by_else(n):
    count = 0
    for i in range(2, n):
        for j in range(2, i):
            if i % j == 0:
                break
        else:
            count += 1
            if count > 4:
                return count, i
    return count, n


def no_factor(n):
    k = 2
    while k < n:
        if n % k == 0:
            break
        k += 1
    else:
        return -1
    return k


def bounded(x, n):
    for _ in range(n):
        x = x * 1.7
        x[x > 1] = 0.5
        x[x < 0.1] += 0.2
    return x


def history(x, n):
    kept = np.zeros((n,) + x.shape)
    for t in range(n):
        x = 0.5 * x + 1
        kept[t] = x
    return kept


def first_large(x, n):
    x = x.copy()
    for i in range(n):
        if x[0] > 2:
            return x, i
        x[0] += 1
    x[1] = 9
    return x, -1


def wide_integers(n):
    a = np.zeros(n, dtype=np.int64)
    for i in range(n):
        a[i] = i // 2
    return a


def by_key(given, n):
    x = 0.0
    for key in ("a", "b"):
        for _ in range(n):
            x += given[key]
    return x


RNG = np.random.default_rng(7)
X = RNG.normal(size=12)
M = RNG.normal(size=(4, 4))

CALLS = [
    (solow, (0.2, 50)),
    (quadratic_map, (0.3, 20)),
    (newton, (1.0,)),
    (newton_while, (1.0,)),
    (grid_maximum, (7,)),
    (cumulative_product, (X,)),
    (total, (X,)),
    (mean_and_variance, (X,)),
    (first_index, (np.arange(9), 4)),
    (first_index, (np.arange(9), 40)),
    (greatest_common_divisor, (48, 36)),
    (bisection, (0.0, 2.0)),
    (golden, (20,)),
    (bubble_sort, (X,)),
    (sieve, (40,)),
    (is_prime, (97,)),
    (is_prime, (91,)),
    (is_prime, (1,)),
    (escape_time, (0.3 + 0.5j,)),
    (escape_time, (1.0,)),
    (sum_of_odd, (20,)),
    (countdown, (20,)),
    (clipped, (X, -0.5, 0.5)),
    (matrix_product, (M, M)),
    (horner, (X, 0.5)),
    (backwards, (X,)),
    (with_else, (np.arange(6), 3)),
    (with_else, (np.arange(6), 30)),
    (pairs, (X, X)),
    (last_item, (1.5,)),
    (euler, (1.0, 1.0, 0.125)),
    (of_the_grid, (0.4,)),
    (flagged, (1.1, 5)),
    (flagged, (1.1, 5, "half")),
    (signs, (X,)),
    (within, (X, -0.5, 0.5)),
    (search_2d, (M, M[2, 1])),
    (search_2d, (M, 7.0)),
    (heat, (X, 5)),
    (power_iteration, (M @ M.T, 10)),
    (maximum_drawdown, (np.exp(X),)),
    (moving_average, (X, 3)),
    (insertion_sort, (X,)),
    (digits, (12345,)),
    (becomes_complex, (5,)),
    (lagged, (1.0, 10)),
    (fill_by_row, (4,)),
    (value_iteration, (5,)),
    (counts, (GRID[:-1], 5)),
    (two_stops, (1.0, 50)),
    (two_stops, (1.0, 3)),
    (nested_break, (M,)),
    (forward_substitution, (np.tril(M) + 3 * np.eye(4), X[:4])),
    (text_option, (1.5, ("double", "single"))),
    (function_inside, (0.5, 5)),
    (set_together, (4,)),
    (alternating, (30,)),
    (powers, (300,)),
    (primes_by_else, (9,)),
    (primes_by_else, (40,)),
    (no_factor, (35,)),
    (no_factor, (37,)),
    (bounded, (np.abs(X), 4)),
    (history, (X, 4)),
    (first_large, (np.zeros(3), 1)),
    (first_large, (np.zeros(3), 9)),
    (wide_integers, (5,)),
    (by_key, ({"a": 1.0, "b": 2.0}, 3)),
]
