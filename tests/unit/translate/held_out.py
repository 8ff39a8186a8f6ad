"""Loops as students, lecturers and numerical people write them, to be translated or refused.

The functions were written before the translator and without a look at it. ``ENTRIES``, at the
end, says what is expected of each of them. On a line marked as refused, and only there, a
refusal of that function may point; where two lines share the blame, both are marked.
"""

# The translator must take loops as people write them: with the names of their formulas, with
# loop variables that nothing reads, with an `if` in place of `max`, with the old random numbers.
# ruff: noqa: B007, B905, N803, N806, NPY002, PLR1730, RET505

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np

BETA = 0.95
GRAVITY = 9.81
LCG_FACTOR, LCG_SHIFT, LCG_MODULUS = 1664525, 1013904223, 2**32
LEDGER = SimpleNamespace(level=0.0)

# ---------------------------------------------------------------- economics


def solow_path(k, s, delta, alpha, n):
    """Capital after n years."""
    for _ in range(n):
        k = s * k**alpha + (1 - delta) * k
    return k


def present_value(dividends, r):
    total = 0
    for t, d in enumerate(dividends):
        total += d / (1 + r) ** t
    return total


def price_dividend(growth, P, beta, sweeps):
    n = len(growth)
    v = np.zeros(n)
    for _ in range(sweeps):
        v_new = np.empty(n)
        for i in range(n):
            expected = 0.0
            for j in range(n):
                expected += P[i, j] * growth[j] * (1 + v[j])
            v_new[i] = beta * expected
        v = v_new
    return v


def reservation_wage(wages, probs, c, tol=1e-8, max_iter=2000):
    """McCall's worker, by iteration on the value of going on."""
    h = c / (1 - BETA)
    error = tol + 1
    i = 0
    while error > tol and i < max_iter:
        s = 0.0
        for w, p in zip(wages, probs):
            s += p * max(w / (1 - BETA), h)
        h_new = c + BETA * s
        error = abs(h_new - h)
        h = h_new
        i += 1
    return (1 - BETA) * h


def bellman_sweeps(grid, alpha, sweeps):
    n = grid.shape[0]
    value = np.zeros(n)
    policy = np.zeros(n, dtype=np.int64)
    for sweep in range(sweeps):
        updated = np.zeros(n)
        for i in range(n):
            best = -np.inf
            for j in range(n):
                c = grid[i] ** alpha - grid[j]
                if c <= 0:
                    break
                candidate = np.log(c) + BETA * value[j]
                if candidate > best:
                    best = candidate
                    policy[i] = j
            updated[i] = best
        value = updated
    return value, policy


def cake_values(periods, slices):
    """Best ways to eat a cake, from the last period back to the first."""
    v = np.zeros((periods + 1, slices + 1))
    for t in reversed(range(periods)):
        for w in range(slices + 1):
            best = -1.0
            for eat in range(w + 1):
                best = max(best, math.sqrt(eat) + 0.9 * v[t + 1, w - eat])
            v[t, w] = best
    return v[0]


def inventory(demands, stock, s, S):
    lost = 0
    orders = 0
    for d in demands:
        if stock <= s:
            stock = S
            orders += 1
        if d > stock:
            lost += d - stock
            stock = 0
        else:
            stock -= d
    return stock, orders, lost


def markov_path(P, state, draws):
    path = np.zeros(len(draws) + 1, dtype=int)
    path[0] = state
    for t in range(len(draws)):
        u = draws[t]
        nxt = 0
        acc = P[state, 0]
        while u > acc and nxt < P.shape[1] - 1:
            nxt += 1
            acc += P[state, nxt]
        state = nxt
        path[t + 1] = state
    return path


def stationary(P, tol=1e-12):
    x = np.ones(len(P)) / len(P)
    while True:
        y = x @ P
        if np.max(np.abs(y - x)) < tol:
            break
        x = y
    return x


def months_to_repay(debt, rate, payment):
    months = 0
    interest = 0.0
    while debt > 0:
        interest += debt * rate
        debt = debt * (1 + rate) - payment
        months += 1
    return months, interest


def max_drawdown(prices):
    peak = prices[0]
    worst = 0.0
    for p in prices[1:]:
        peak = max(peak, p)
        fall = (peak - p) / peak
        if fall > worst:
            worst = fall
    return worst


def gambler(wealth, goal, draws, p):
    t = 0
    while 0 < wealth < goal and t < len(draws):
        wealth += 1 if draws[t] < p else -1
        t += 1
    return wealth, t


# ---------------------------------------------------------------- filters and statistics


def kalman(ys, a, q, r):
    m, v = 0.0, 1.0
    for y in ys:
        m, v = a * m, a * a * v + q
        gain = v / (v + r)
        m, v = m + gain * (y - m), (1 - gain) * v
    return m, v


def welford(xs):
    count = 0
    mean = 0.0
    m2 = 0.0
    for x in xs:
        count += 1
        delta = x - mean
        mean += delta / count
        m2 += delta * (x - mean)
    if count < 2:
        return mean, 0.0
    return mean, m2 / (count - 1)


def ar1(shocks, rho, start=1.0):
    x = np.zeros(len(shocks) + 1)
    x[0] = start
    for t in range(len(shocks)):
        x[t + 1] = rho * x[t] + shocks[t]
    return x


def pi_from_draws(us, vs):
    inside = 0
    for u, v in zip(us, vs):
        if u**2 + v**2 <= 1:
            inside += 1
    return 4 * inside / len(us)


def trailing_mean(xs, w):
    out = np.empty_like(xs)
    for i in range(len(xs)):
        s = 0.0
        n = 0
        for j in range(max(0, i - w + 1), i + 1):
            s += xs[j]
            n += 1
        out[i] = s / n
    return out


def histogram(xs, low, high, bins):
    counts = np.zeros(bins, dtype=int)
    width = (high - low) / bins
    for x in xs:
        if x < low or x > high:
            continue
        k = int((x - low) / width)
        if k == bins:
            k -= 1
        counts[k] += 1
    return counts


def mean_of_positive(xs):
    total, n = 0.0, 0
    for x in xs:
        if x <= 0:
            continue
        total += x
        n += 1
    return total / n if n > 0 else 0.0


def in_band(xs, low, high):
    n = 0
    for x in xs:
        if low <= x < high:
            n += 1
    return n


def huber(errors, delta=1.0):
    loss = 0.0
    for e in errors:
        loss += 0.5 * e**2 if abs(e) <= delta else delta * (abs(e) - 0.5 * delta)
    return loss / len(errors)


def steps_of(xs, step):
    """Each value as a whole number of steps."""
    out = np.zeros(len(xs), dtype=int)
    for i, x in enumerate(xs):
        out[i] = round(x / step)
    return out


def correlation(xs, ys):
    mx = sum(xs) / len(xs)
    my = sum(ys) / len(ys)
    sxy = sxx = syy = 0.0
    for i, (x, y) in enumerate(zip(xs, ys)):
        sxy += (x - mx) * (y - my)
        sxx += (x - mx) ** 2
        syy += (y - my) ** 2
    return sxy / math.sqrt(sxx * syy)


# ---------------------------------------------------------------- equations in one unknown


def cube_root(a: float) -> float:
    x: float = a
    while abs(x**3 - a) > 1e-10:
        x = x - (x**3 - a) / (3 * x**2)
    return x


def square_root(a):
    x = a if a > 1 else 1.0
    while True:
        better = (x + a / x) / 2
        if abs(better - x) < 1e-12:
            return better
        x = better


def excess_demand(p):
    return 10 / p - 2 * p - 1


def bisection(low, high, tol, max_iter=100):
    for i in range(max_iter):
        mid = (low + high) / 2
        if excess_demand(mid) > 0:
            low = mid
        else:
            high = mid
        if high - low < tol:
            break
    return mid, i + 1


def secant(x0, x1, tol=1e-10, max_iter=50):
    f0, f1 = excess_demand(x0), excess_demand(x1)
    for _ in range(max_iter):
        if abs(f1) < tol:
            return x1, True
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f0, f1 = f1, excess_demand(x1)
    return x1, False


def golden_section(a, b, tol=1e-6):
    f = lambda x: (x - 1.3) ** 2 + 0.5  # noqa: E731  people write it so
    g = (math.sqrt(5) - 1) / 2
    c = b - g * (b - a)
    d = a + g * (b - a)
    while abs(b - a) > tol:
        if f(c) < f(d):
            b = d
        else:
            a = c
        c = b - g * (b - a)
        d = a + g * (b - a)
    return (a + b) / 2


def cosine_fixed_point(x, tol=1e-9, max_iter=500):
    n = 0
    error = math.inf
    while error > tol and n < max_iter:
        new = math.cos(x)
        error = abs(new - x)
        x = new
        n += 1
    return x, n


def logistic_map(r, x, n):
    xs = np.zeros(n)
    for i in range(n):
        xs[i] = x
        x = r * x * (1 - x)
    return xs


# ---------------------------------------------------------------- differential equations


def euler_cooling(temp, room, k, h, t_end):
    t = 0.0
    while t < t_end - h / 2:
        temp += -k * (temp - room) * h
        t += h
    return temp


def pendulum(theta, omega, h, steps, length=1.0):
    def slope(th, om):
        return om, -GRAVITY / length * math.sin(th)

    for _ in range(steps):
        a1, b1 = slope(theta, omega)
        a2, b2 = slope(theta + h / 2 * a1, omega + h / 2 * b1)
        a3, b3 = slope(theta + h / 2 * a2, omega + h / 2 * b2)
        a4, b4 = slope(theta + h * a3, omega + h * b3)
        theta += h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
        omega += h / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
    return theta, omega


def hares_and_lynxes(hares, lynxes, h, steps):
    for _ in range(steps):
        hares, lynxes = (
            hares + h * (0.5 * hares - 0.02 * hares * lynxes),
            lynxes + h * (0.01 * hares * lynxes - 0.3 * lynxes),
        )
    return hares, lynxes


def heat_rod(u, r, steps):
    u = u.copy()
    for _ in range(steps):
        new = u.copy()
        for i in range(1, len(u) - 1):
            new[i] = u[i] + r * (u[i - 1] - 2 * u[i] + u[i + 1])
        u = new
    return u


def heat_two_buffers(u, r, steps):
    old = np.array(u)
    new = np.array(u)
    for _ in range(steps):
        for i in range(1, len(old) - 1):
            new[i] = old[i] + r * (old[i - 1] - 2 * old[i] + old[i + 1])
        old, new = new, old
    return old


def bouncing_ball(height, h, steps):
    state = (height, 0.0)
    bounces = 0
    for _ in range(steps):
        x, v = state
        v -= GRAVITY * h
        x += v * h
        if x < 0:
            x, v = -x, -0.8 * v
            bounces += 1
        state = (x, v)
    return state[0], state[1], bounces


# ---------------------------------------------------------------- whole numbers


def collatz_steps(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n //= 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def digit_sum(n):
    n = abs(n)
    total = 0
    while n > 0:
        total += n % 10
        n //= 10
    return total


def bit_count(n):
    ones = 0
    while n:
        ones += n & 1
        n >>= 1
    return ones


def lcg_mean(seed, n):
    """The mean of n numbers of a linear congruential generator."""
    x = seed
    total = 0.0
    for _ in range(n):
        x = (LCG_FACTOR * x + LCG_SHIFT) % LCG_MODULUS
        total += x / LCG_MODULUS
    return total / n


def smallest_divisor(n):
    for d in range(2, n):
        if d * d > n:
            found = n
            break
        if n % d == 0:
            found = d
            break
    else:
        found = n
    return found


def is_prime(n):
    if n < 2:
        return False
    if n < 4:
        return True
    d = 2
    while d * d <= n:
        if n % d == 0:
            return False
        d += 1
    return True


def count_primes(limit):
    prime = np.ones(limit + 1, dtype=bool)
    prime[0] = prime[1] = False
    p = 2
    while p * p <= limit:
        if prime[p]:
            for k in range(p * p, limit + 1, p):
                prime[k] = False
        p += 1
    count = 0
    for k in range(limit + 1):
        if prime[k]:
            count += 1
    return count


def leap_years(first, last):
    n = 0
    for y in range(first, last + 1):
        if y % 4 == 0 and (y % 100 != 0 or y % 400 == 0):
            n += 1
    return n


def stepped_sum(a, b, c):
    total = 0
    last = -1
    for last in range(a, b, c):
        total += last
    return total, last


def lattice_points(radius):
    """Points with whole coordinates in a quarter of a disc."""
    n = 0
    x = 0
    while x <= radius:
        y = 0
        while x * x + y * y <= radius * radius:
            n += 1
            y += 1
        x += 1
    return n


# ---------------------------------------------------------------- fractals and cells


def escape_time(cx, cy, max_iter=60):
    x, y = 0.0, 0.0
    for n in range(max_iter):
        if x * x + y * y > 4.0:
            return n
        x, y = x * x - y * y + cx, 2 * x * y + cy
    return max_iter


def mandelbrot_row(xs, y, limit):
    counts = np.zeros(len(xs), dtype=np.int64)
    for i in range(len(xs)):
        c = xs[i] + 1j * y
        z = 0j
        for k in range(limit):
            z = z * z + c
            if abs(z) > 2:
                break
            counts[i] += 1
    return counts


def life_of_a_row(cells, steps):
    """A ring of cells: one lives on where exactly one neighbour lives."""
    n = len(cells)
    for _ in range(steps):
        nxt = np.zeros(n, dtype=int)
        for i in range(n):
            alive = cells[(i - 1) % n] + cells[(i + 1) % n]
            nxt[i] = 1 if alive == 1 else 0
        cells = nxt
    return cells


# ---------------------------------------------------------------- along an array


def running_maximum(xs):
    out = np.empty(len(xs))
    best = xs[0]
    for i in range(len(xs)):
        if xs[i] > best:
            best = xs[i]
        out[i] = best
    return out


def cumulative_product(xs):
    out = np.ones(len(xs))
    product = 1
    for i in range(len(xs)):
        product *= xs[i]
        out[i] = product
    return out


def range_sums(xs, queries):
    prefix = np.zeros(len(xs) + 1)
    for i in range(len(xs)):
        prefix[i + 1] = prefix[i] + xs[i]
    answers = np.zeros(len(queries))
    for k in range(len(queries)):
        low, high = queries[k]
        answers[k] = prefix[high] - prefix[low]
    return answers


def best_stretch(xs):
    """The largest sum of neighbours (Kadane)."""
    best = current = xs[0]
    for i in range(1, len(xs)):
        current = max(xs[i], current + xs[i])
        best = max(best, current)
    return best


def longest_run(xs):
    best, run = 1, 1
    for i in range(1, len(xs)):
        if xs[i] == xs[i - 1]:
            run += 1
        else:
            run = 1
        if run > best:
            best = run
    return best


def position_of_largest(xs):
    where = 0
    for i in range(1, len(xs)):
        if xs[i] > xs[where]:
            where = i
    return where


def first_above(xs, level):
    for i in range(len(xs)):
        if xs[i] > level:
            break
    return i, xs[i]


def binary_search(xs, target):
    low, high = 0, len(xs) - 1
    while low <= high:
        mid = (low + high) // 2
        if xs[mid] == target:
            return mid
        elif xs[mid] < target:
            low = mid + 1
        else:
            high = mid - 1
    return -1


def insert_sorted(xs, value):
    out = np.zeros(len(xs) + 1)
    for i in range(len(xs)):
        out[i] = xs[i]
    j = len(xs) - 1
    while j >= 0 and out[j] > value:
        out[j + 1] = out[j]
        j -= 1
    out[j + 1] = value
    return out


def bubble_sort(xs):
    a = xs.copy()
    n = len(a)
    for i in range(n - 1):
        swapped = False
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
                swapped = True
        if not swapped:
            break
    return a


def pair_with_sum(xs, target):
    i, j = 0, len(xs) - 1
    while i < j:
        s = xs[i] + xs[j]
        if s == target:
            return i, j
        if s < target:
            i += 1
        else:
            j -= 1
    return -1, -1


def discount_in_place(xs, factor):
    w = 1.0
    for i in range(len(xs)):
        xs[i] *= w
        w *= factor
    return xs


def copy_stays_apart(a):
    b = a.copy()
    for i in range(len(b) - 1, -1, -1):
        b[i] = b[i] + a[i - 1]
    return a, b


def convolve(xs, kernel):
    out = np.zeros(len(xs) + len(kernel) - 1)
    for i in range(len(xs)):
        for j in range(len(kernel)):
            out[i + j] += xs[i] * kernel[j]
    return out


def closest_pair(points):
    best = float("inf")
    first, second = 0, 0
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            dx = points[i][0] - points[j][0]
            dy = points[i][1] - points[j][1]
            d = math.sqrt(dx * dx + dy * dy)
            if d < best:
                best, first, second = d, i, j
    return best, first, second


def horner(coefficients, x):
    value = 0.0
    for c in coefficients[::-1]:
        value = value * x + c
    return value


# ---------------------------------------------------------------- integrals and series


def gauss_integral(a, b, n):
    h = (b - a) / n
    total = 0.5 * (math.exp(-a * a) + math.exp(-b * b))
    for i in range(1, n):
        x = a + i * h
        total += math.exp(-x * x)
    return h * total


def simpson_sine(a, b, n=20):
    h = (b - a) / n
    s = np.sin(a) + np.sin(b)
    for i in range(1, n):
        s += (4 if i % 2 else 2) * np.sin(a + i * h)
    return s * h / 3


def normal_cdf(x):
    term = x
    total = x
    k = 1
    while abs(term) > 1e-16:
        term *= x * x / (2 * k + 1)
        total += term
        k += 1
    return 0.5 + total * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


# ---------------------------------------------------------------- matrices


def matrix_power(A, n):
    result = np.eye(len(A))
    while n > 0:
        if n % 2 == 1:
            result = result @ A
        A = A @ A
        n //= 2
    return result


def jacobi(A, b, sweeps):
    n = len(b)
    x = np.zeros(n)
    for _ in range(sweeps):
        new = np.zeros(n)
        for i in range(n):
            s = 0.0
            for j in range(n):
                if j == i:
                    continue
                s += A[i, j] * x[j]
            new[i] = (b[i] - s) / A[i, i]
        x = new
    return x


def cholesky(A):
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, j] = math.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    return L


def eliminate(A):
    A = A.copy()
    n = len(A)
    for k in range(n - 1):
        for i in range(k + 1, n):
            factor = A[i, k] / A[k, k]
            A[i] = A[i] - factor * A[k]
    return A


def dominant_eigenvalue(A, tol=1e-10):
    x = np.ones(A.shape[0])
    old = 0.0
    for n in range(500):
        y = A @ x
        value = np.linalg.norm(y)
        x = y / value
        if abs(value - old) < tol:
            break
        old = value
    return value


def transpose_by_swaps(A):
    A = A.copy()
    for i in range(len(A)):
        for j in range(i):
            A[i, j], A[j, i] = A[j, i], A[i, j]
    return A


def find_in_matrix(A, value):
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            if A[i, j] == value:
                return i, j
    return -1, -1


# ---------------------------------------------------------------- dynamic programming


def edit_distance(a, b):
    m, n = len(a), len(b)
    d = np.zeros((m + 1, n + 1), dtype=int)
    for i in range(m + 1):
        d[i, 0] = i
    for j in range(n + 1):
        d[0, j] = j
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            cost = 0 if a[i - 1] == b[j - 1] else 1
            d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + cost)
    return d[m, n]


def knapsack(weights, values, capacity):
    best = np.zeros(capacity + 1)
    for i in range(len(weights)):
        w = weights[i]
        for room in range(capacity, w - 1, -1):
            best[room] = max(best[room], best[room - w] + values[i])
    return best[capacity]


def fewest_coins(coins, amount):
    best = np.full(amount + 1, amount + 1)
    best[0] = 0
    for x in range(1, amount + 1):
        for c in coins:
            if c <= x and best[x - c] + 1 < best[x]:
                best[x] = best[x - c] + 1
    if best[amount] > amount:
        return -1
    return best[amount]


# ---------------------------------------------------------------- cannot be said in JAX


def smooth_with_alias(xs, sweeps):
    u = xs.copy()
    for _ in range(sweeps):
        new = u  # <- refused
        for i in range(1, len(u) - 1):
            new[i] = (u[i - 1] + u[i + 1]) / 2  # <- refused
        u = new
    return u


def history_of_halving(x, tol):
    history = []
    while x > tol:
        history.append(x)  # <- refused
        x = x / 2
    return history


def safe_mean_of_inverses(xs):
    total = 0.0
    for x in xs:
        try:  # <- refused
            total += 1 / int(x)
        except ZeroDivisionError:
            total += 0.0
    return total / len(xs)


def savings(years, rate):
    if years == 0:
        return 1.0
    before = savings(years - 1, rate)  # <- refused
    return before * (1 + rate) + 1.0


def level_of_ledger(payments):
    LEDGER.level = 0.0  # <- refused
    for p in payments:
        LEDGER.level = 0.9 * LEDGER.level + p  # <- refused
    return LEDGER.level


def random_walk(n):
    position = 0.0
    for _ in range(n):
        position += np.random.standard_normal()  # <- refused
    return position


def most_frequent(xs):
    counts = {}  # <- refused
    for x in xs:
        key = int(x)
        counts[key] = counts.get(key, 0) + 1  # <- refused
    return max(counts.values())


def factorial(n):
    product = 1
    for k in range(2, n + 1):
        product *= k  # <- refused
    return product


# ---------------------------------------------------------------- easy to get wrong


def fibonacci(n):
    """Beyond 64 bits for the arguments below."""
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def rows_through_views(A):
    A = A.copy()
    for i in range(len(A)):
        row = A[i]
        for j in range(1, len(row)):
            row[j] += row[j - 1]
    return A


def distance_travelled(x, step, n):
    """Always 0: the sum in place changes what both names stand for."""
    x = x.copy()
    distance = 0.0
    for _ in range(n):
        previous = x
        x += step
        distance += np.sum(np.abs(x - previous))
    return distance


def swap(a, i, j):
    a[i], a[j] = a[j], a[i]


def reversed_by_swaps(xs):
    a = xs.copy()
    for i in range(len(a) // 2):
        swap(a, i, len(a) - 1 - i)
    return a


# ---------------------------------------------------------------- what is expected


@dataclass(frozen=True)
class Entry:
    """A function, the arguments of some calls of it, and what the translator must do.

    Attributes:
        expected: "translated": the translation agrees with Python on all calls. "refused":
            there is a refusal, at a marked line. "either": it agrees, or it is refused.
        rtol: How much a float may deviate, relative to the largest value of its array.
    """

    function: Callable[..., Any]
    calls: tuple[tuple[Any, ...], ...]
    expected: Literal["translated", "refused", "either"] = "translated"
    rtol: float = 1e-9


def translated(function: Callable[..., Any], *calls: tuple[Any, ...], rtol: float = 1e-9) -> Entry:
    return Entry(function, calls, "translated", rtol)


def refused(function: Callable[..., Any], *calls: tuple[Any, ...]) -> Entry:
    return Entry(function, calls, "refused")


def either(function: Callable[..., Any], *calls: tuple[Any, ...]) -> Entry:
    return Entry(function, calls, "either")


_RNG = np.random.default_rng(20240229)
_UNIFORM = _RNG.random(40)
_OTHERS = _RNG.random(40)
_NORMAL = _RNG.standard_normal(40)
_CHAIN = np.array([[0.9, 0.1, 0.0], [0.4, 0.4, 0.2], [0.1, 0.1, 0.8]])
_SYMMETRIC = np.array([[4.0, 1.0, 0.5], [1.0, 5.0, 1.5], [0.5, 1.5, 6.0]])
_NUMBERS = np.array([3.0, -1.5, 4.25, 4.25, 0.5, -9.0, 2.0])
_ASCENDING = np.array([-4, -1, 0, 3, 7, 8, 15, 21])
_NOTHING = np.array([])

ENTRIES = (
    translated(solow_path, (1.0, 0.3, 0.1, 0.33, 60), (2.5, 0.3, 0.1, 0.33, 0)),
    translated(present_value, (np.array([1.0, 2.0, 3.0, 104.0]), 0.05), (_NOTHING, 0.05)),
    translated(price_dividend, (np.array([1.02, 1.0, 0.98]), _CHAIN, 0.9, 40)),
    translated(reservation_wage, (np.linspace(10, 60, 11), np.full(11, 1 / 11), 25.0)),
    translated(bellman_sweeps, (np.linspace(0.05, 0.4, 9), 0.4, 12)),
    translated(cake_values, (4, 6)),
    translated(
        inventory,
        (np.array([5, 3, 9, 0, 4, 8, 30, 2]), 12, 4, 20),
        (np.array([1, 1, 1]), 50, 4, 20),
    ),
    translated(markov_path, (_CHAIN, 1, _UNIFORM)),
    translated(stationary, (_CHAIN,)),
    translated(months_to_repay, (1000.0, 0.01, 90.0), (-5.0, 0.01, 90.0)),
    translated(max_drawdown, (np.array([10.0, 12.0, 9.0, 11.0, 14.0, 7.0, 8.0]),)),
    translated(gambler, (5, 9, _UNIFORM, 0.5), (0, 9, _UNIFORM, 0.5), (3, 99, _UNIFORM, 0.9)),
    translated(kalman, (_NORMAL, 0.8, 0.3, 0.5)),
    translated(welford, (_NORMAL,), (np.array([2.5]),)),
    translated(ar1, (_NORMAL, 0.9), (_NORMAL[:3], 0.5, -2.0)),
    translated(pi_from_draws, (_UNIFORM, _OTHERS)),
    translated(trailing_mean, (_NORMAL, 5), (_NORMAL[:4], 9)),
    translated(histogram, (_NORMAL, -1.5, 1.5, 6), (np.array([0.0, 1.0, 2.0, 5.0]), 0.0, 2.0, 4)),
    translated(mean_of_positive, (_NUMBERS,), (-np.ones(3),)),
    translated(in_band, (_NUMBERS, 0.5, 4.25)),
    translated(huber, (_NUMBERS,), (_NUMBERS, 3.5)),
    translated(steps_of, (_NUMBERS, 0.5), (np.array([0.3, 0.77, -0.4]), 0.25)),
    translated(correlation, (_UNIFORM, _UNIFORM + _OTHERS)),
    translated(cube_root, (20.0,), (1.0,)),
    translated(square_root, (7.0,), (0.09,)),
    translated(bisection, (0.1, 10.0, 1e-6), (0.1, 10.0, 1e-6, 5)),
    translated(secant, (1.0, 3.0), (1.0, 3.0, 1e-10, 2)),
    translated(golden_section, (-2.0, 5.0), rtol=1e-6),
    translated(cosine_fixed_point, (0.5,), (0.5, 1e-9, 7)),
    translated(logistic_map, (2.8, 0.2, 30)),
    translated(euler_cooling, (90.0, 20.0, 0.1, 0.25, 10.0), (90.0, 20.0, 0.1, 0.25, 0.0)),
    translated(pendulum, (0.4, 0.0, 0.02, 100), (0.4, 0.1, 0.02, 30, 2.5)),
    translated(hares_and_lynxes, (40.0, 9.0, 0.01, 300)),
    translated(heat_rod, (_NUMBERS, 0.25, 8), (_NUMBERS, 0.25, 0)),
    translated(heat_two_buffers, (_NUMBERS, 0.25, 7)),
    translated(bouncing_ball, (1.0, 0.01, 150)),
    translated(collatz_steps, (27,), (1,)),
    translated(gcd, (1071, 462), (17, 0)),
    translated(digit_sum, (98765,), (-407,), (0,)),
    translated(bit_count, (2024,), (0,)),
    translated(lcg_mean, (42, 30)),
    translated(smallest_divisor, (91,), (97,), (2,)),
    translated(is_prime, (97,), (91,), (1,), (3,)),
    translated(count_primes, (60,)),
    translated(leap_years, (1890, 2026), (2001, 2000)),
    translated(stepped_sum, (3, 30, 4), (10, -7, -3), (5, 5, 1)),
    translated(lattice_points, (6,)),
    translated(escape_time, (0.4, 0.4), (-0.2, 0.1), (2.0, 2.0, 10)),
    translated(mandelbrot_row, (np.linspace(-2.1, 0.9, 13), 0.3, 25)),
    translated(life_of_a_row, (np.array([0, 0, 0, 1, 0, 0, 1, 1, 0]), 4)),
    translated(running_maximum, (_NUMBERS,)),
    translated(cumulative_product, (_NUMBERS,)),
    translated(range_sums, (_NUMBERS, np.array([[0, 3], [2, 7], [4, 4]]))),
    translated(best_stretch, (_NUMBERS,), (np.array([-3.0, -1.0, -2.0]),)),
    translated(longest_run, (np.array([1, 1, 2, 2, 2, 3, 1, 1]),), (np.array([5]),)),
    translated(position_of_largest, (_NUMBERS,)),
    translated(first_above, (_NUMBERS, 3.5), (_NUMBERS, 99.0)),
    translated(binary_search, (_ASCENDING, 7), (_ASCENDING, 4), (_ASCENDING, -4)),
    translated(insert_sorted, (np.array([1.0, 4.0, 9.0]), 5.0), (np.array([1.0, 4.0]), -1.0)),
    translated(bubble_sort, (_NUMBERS,), (np.arange(5.0),)),
    translated(pair_with_sum, (_ASCENDING, 10), (_ASCENDING, 100)),
    translated(discount_in_place, (_NUMBERS, 0.9)),
    translated(copy_stays_apart, (_NUMBERS,)),
    translated(convolve, (_NUMBERS, np.array([0.25, 0.5, 0.25]))),
    translated(closest_pair, (_UNIFORM.reshape(20, 2),)),
    translated(horner, (np.array([1.0, -2.0, 0.5, 3.0]), 1.5)),
    translated(gauss_integral, (0.0, 1.0, 50), (-1.0, 1.0, 1)),
    translated(simpson_sine, (0.0, 2.0), (0.0, 2.0, 8)),
    translated(normal_cdf, (1.3,), (-0.4,)),
    translated(matrix_power, (_CHAIN, 13), (_CHAIN, 0)),
    translated(jacobi, (_SYMMETRIC, np.array([1.0, 2.0, 3.0]), 20)),
    translated(cholesky, (_SYMMETRIC,)),
    translated(eliminate, (_SYMMETRIC,)),
    translated(dominant_eigenvalue, (_SYMMETRIC,)),
    translated(transpose_by_swaps, (np.arange(16.0).reshape(4, 4),)),
    translated(find_in_matrix, (np.arange(12).reshape(3, 4), 6), (np.arange(6).reshape(2, 3), 9)),
    translated(edit_distance, (np.array([11, 9, 20, 20, 5, 14]), np.array([19, 9, 20, 20, 9]))),
    translated(knapsack, (np.array([3, 4, 5, 9]), np.array([3.0, 4.5, 4.0, 10.0]), 12)),
    translated(fewest_coins, (np.array([1, 5, 12]), 28), (np.array([4, 6]), 9)),
    refused(smooth_with_alias, (_NUMBERS, 3)),
    refused(history_of_halving, (9.0, 0.1)),
    refused(safe_mean_of_inverses, (np.array([2.0, 0.0, 4.0]),)),
    refused(savings, (5, 0.03)),
    refused(level_of_ledger, (_NUMBERS,)),
    refused(random_walk, (10,)),
    refused(most_frequent, (np.array([3, 1, 3, 2, 3]),)),
    refused(factorial, (25,)),
    either(fibonacci, (100,)),
    either(rows_through_views, (np.arange(12.0).reshape(3, 4),)),
    either(distance_travelled, (np.arange(3.0), 0.5, 4)),
    either(reversed_by_swaps, (_NUMBERS,)),
)
