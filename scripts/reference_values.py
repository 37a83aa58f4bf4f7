"""Writes the reference values of `pointsman-judge`: what SciPy and mpmath give for functions of probability.

    python3 -m venv target/reference && target/reference/bin/pip install scipy==1.17.1 mpmath==1.4.1
    target/reference/bin/python scripts/reference_values.py > crates/pointsman-judge/src/special/reference_values.rs

mpmath counts with 50 digits where doubles lose theirs: beliefs, intervals, what Stirling's formula leaves out.
"""

import math

import mpmath
import numpy
import scipy
from mpmath import mpf
from scipy import special, stats

mpmath.mp.dps = 50

LN_GAMMA = [1e-300, 1e-8, 0.001, 0.1, 0.5, 0.9, 0.999999, 1.0000001, 1.19, 1.21, 1.5, 1.81, 1.99999, 2.001, 2.19, 2.5, 3.5,
            7.25, 14.9, 15.1, 30.0, 171.5, 1e3, 1e6, 1e9, 1e15, 1e300]
STIRLING_ERROR = [0.5, 1.0, 1.5, 2.0, 2.5, 7.25, 14.5, 15.0, 15.5, 100.0, 1e4, 1e8, 1e15]
NORMAL_UPPER = [-8.0, -3.0, -0.5, 0.0, 1e-300, 1e-5, 0.3, 1.0, 1.96, 2.8, 2.9, 4.0, 7.0, 12.0, 20.0, 37.0]
NORMAL_QUANTILE = [1e-300, 1e-50, 1e-12, 1e-6, 0.001, 0.01, 0.02425, 0.025, 0.2, 0.4999, 0.5, 0.6, 0.9, 0.975, 0.99, 0.999999]
# Requests and hits of the canary, then of the baseline.
BELIEFS = [
    (0, 0, 0, 0), (100, 5, 100, 5), (1000, 20, 1000, 10), (50, 0, 950, 19), (5000, 20, 5000, 40), (0, 0, 10, 3),
    (20000, 500, 80000, 1700),
    # No hits, only hits.
    (1000000, 0, 1000000, 0), (1000000, 0, 1000000, 20), (1000000, 20, 1000000, 0), (200, 0, 200, 200), (10, 10, 10, 10),
    (1000000, 1000000, 1000000, 999997), (100, 100, 1000000, 2000), (0, 0, 1000000, 1000000),
    # Sides of very different sizes.
    (1, 1, 1000000, 10), (1, 0, 1000000, 999990), (100, 0, 1000000, 2000), (2000, 1996, 1000000, 999000),
    (10000, 500, 1000000, 30000), (1000000, 390, 5000, 5), (20000, 19000, 1000000, 999000), (20000, 401, 2000, 420),
    # Where the sums give way to the integral: 400.
    (1000000, 399, 1000000, 400), (1000000, 400, 1000000, 399), (1000000, 401, 1000000, 402), (900, 450, 900, 452),
    # Many of both, near and far apart.
    (1000000, 2000, 1000000, 2000), (1000000, 2200, 1000000, 2000), (1000000, 1800, 1000000, 2000),
    (1000000, 1000, 1000000, 2000), (1000000, 500000, 1000000, 500700), (1000000, 999500, 1000000, 999400),
    (100000, 50000, 10000, 5500), (1000000, 300000, 1000000, 303000), (10**9, 10**6, 10**9, 10**6 + 2000),
    (10**12, 10**6, 10**8, 150),
]
INTERVALS = [(1000, 20, 0.05), (1000, 0, 0.05), (10, 10, 0.01), (50, 3, 0.025), (100000, 120, 0.05), (1, 0, 0.05),
             (10**9, 10**6, 0.01), (10**6, 999999, 0.001), (10**15, 10**12, 0.05)]
RANK_TESTS = [
    ([1.0, 2.0, 3.0, 4.0, 5.0], [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
    ([1.0, 1.0, 1.0, 2.0, 5.0, 5.0], [1.0, 1.0, 2.0, 2.0, 2.0, 9.0, 9.0, 9.0]),
    ([0.1, 0.5, 0.3, 0.9], [0.2, 0.4, 0.8, 0.7, 1.5]),
]
SHIFTS = [
    ([40.5, 4.25, 8.875, 11.75, 9.0, 40.0, 43.375, 29.0, 1.875, 4.625, 16.5, 21.625],
     [29.75, 24.125, 15.5, 11.375, 32.625, 34.375, 6.25, 9.5, 23.0], 0.95),
    ([19.5, 44.375, 25.75, 21.0, 21.5, 33.25, 29.25, 8.625, 36.875, 37.75, 47.75, 39.25, 14.125, 15.875, 32.375],
     [31.0, 32.75, 39.75, 16.625, 42.5, 5.0, 8.0, 43.875, 42.75, 16.875, 10.5, 17.5, 6.625, 40.625, 31.5], 0.98),
    ([29.25, 12.125, 23.5, 9.5, 38.625, 23.625, 1.5],
     [15.125, 33.25, 25.75, 19.875, 15.125, 8.625, 29.25, 31.375, 25.75, 42.25, 42.0, 13.25, 29.25, 30.125, 14.875, 16.875,
      24.375, 34.625, 16.625, 33.875], 0.9),
]
# Rates of errors of both sides, risk and power: requests a side of a test that is looked at once.
FIXED_SAMPLES = [(0.02, 0.04, 0.05, 0.9), (0.001, 0.0015, 0.01, 0.8), (0.5, 0.4, 0.05, 0.95)]


def stirling_error(x):
    """By mpmath: a difference of large numbers."""
    return float(mpmath.loggamma(x) - ((x - mpf(0.5)) * mpmath.log(x) - x + mpmath.log(2 * mpmath.pi) / 2))


def lesser_tail(a, b, c, d):
    """P(X > Y) and E max(X - Y, 0) of X ~ Beta(a, b), Y ~ Beta(c, d) by the finite sum over whole a."""
    n, x, y = a + b + c + d, a + b, c + d
    beta = lambda p, q: mpmath.loggamma(p) + mpmath.loggamma(q) - mpmath.loggamma(p + q)
    density = mpmath.exp(beta(mpf(a + c), mpf(b + d)) - beta(mpf(a), mpf(b)) - beta(mpf(c), mpf(d)))
    term, above = density * (n - 1) / ((a + c - 1) * (x - 1)), mpf(0)
    for i in range(1, a + 1):
        above += term
        term *= mpf((n - 1 - i) * (a - i)) / ((a + c - 1 - i) * (x - 1 - i)) if i < a else 0
        if term < above * mpf(10) ** -45:
            break
    return above, (mpf(a) / x - mpf(c) / y) * above + density * (mpf(1) / x + mpf(1) / y)


def belief(n, hits, m, baseline):
    a, b, c, d = 1 + hits, 1 + n - hits, 1 + baseline, 1 + m - baseline
    if b * c >= a * d:
        above, loss = lesser_tail(a, b, c, d)
    else:
        below, gain = lesser_tail(c, d, a, b)
        above, loss = 1 - below, gain + mpf(a) / (a + b) - mpf(c) / (c + d)
    return float(above), float(loss)


def interval(n, hits, risk):
    """Where the likelihood falls below that of the mixture under Beta(1/2, 1/2) times the risk."""
    half = mpf(0.5)
    ln_beta = mpmath.loggamma(hits + half) + mpmath.loggamma(n - hits + half) - mpmath.loggamma(n + 1)
    floor = ln_beta + mpmath.log(mpf(risk) / mpmath.pi)

    def excess(p):
        hit = hits * mpmath.log(p) if hits else 0
        return hit + ((n - hits) * mpmath.log1p(-p) if n > hits else 0) - floor

    seen = mpf(hits) / n
    low = 0 if hits == 0 else find(excess, seen, mpf(10) ** -300)
    high = 1 if hits == n else find(excess, seen, 1 - mpf(10) ** -40)
    return float(low), float(high)


def find(excess, inside, outside):
    """By halving: where it comes below 0."""
    for _ in range(1200):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if excess(middle) >= 0 else (inside, middle)
    return inside


def rank_statistic(first, second, shift):
    """The rank sum less its mean, over its deviation with ties within each side, half a rank nearer to 0."""
    m, n = len(first), len(second)
    ranks = stats.rankdata(numpy.concatenate([numpy.array(first) - shift, second]))
    excess = ranks[:m].sum() - m * (m + 1) / 2 - m * n / 2
    counts = [count for side in (first, second) for count in numpy.unique(side, return_counts=True)[1]]
    ties = sum(int(count) ** 3 - int(count) for count in counts)
    deviation = math.sqrt(m * n / 12 * ((m + n + 1) - ties / ((m + n) * (m + n - 1))))
    return (excess - 0.5 * numpy.sign(excess)) / deviation


def shift(first, second, level):
    """The differences at which the statistic crosses its critical values, and 0 halfway."""
    differences = sorted({x - y for x in first for y in second})
    right_of = [(a + b) / 2 for a, b in zip(differences, differences[1:])]
    z = stats.norm.isf((1 - level) / 2)
    low = next(at for at, right in zip(differences, right_of) if rank_statistic(first, second, right) < z)
    high = next(at for at, right in zip(differences, right_of) if rank_statistic(first, second, right) <= -z)
    return low, float(numpy.median([x - y for x in first for y in second])), high


def fixed_sample(baseline, canary, risk, power):
    spread = lambda p: p * (1 - p)
    z = stats.norm.isf(risk / 2) * math.sqrt(2 * spread((baseline + canary) / 2))
    z += stats.norm.ppf(power) * math.sqrt(spread(baseline) + spread(canary))
    return (z / (canary - baseline)) ** 2


def table(name, what, rows):
    rows = [[float(cell) for cell in row] for row in rows]
    print(f"/// {what}\npub(super) const {name}: &[[f64; {len(rows[0])}]] = &[")
    for row in rows:
        print(f"    [{', '.join(map(repr, row))}],")
    print("];\n")


def samples(values):
    return f"&[{', '.join(map(repr, values))}]"


def main():
    print(f"//! Written by `scripts/reference_values.py` with SciPy {scipy.__version__} and mpmath {mpmath.__version__}.\n")
    table("LN_GAMMA", "x, ln Γ(x).", [(x, special.gammaln(x)) for x in LN_GAMMA])
    errors = [(x, stirling_error(x)) for x in STIRLING_ERROR]
    table("STIRLING_ERROR", "x, ln Γ(x) without (x - 1/2) ln x - x + ln √(2π).", errors)
    table("NORMAL_UPPER", "z, the probability above z.", [(z, stats.norm.sf(z)) for z in NORMAL_UPPER])
    table("NORMAL_QUANTILE", "A probability and z with it below.", [(p, stats.norm.ppf(p)) for p in NORMAL_QUANTILE])
    beliefs = [(*counts, *belief(*counts)) for counts in BELIEFS]
    table("BELIEFS", "Requests and hits of both sides, how likely the first is worse, its expected loss.", beliefs)
    intervals = [(*case, *interval(*case)) for case in INTERVALS]
    table("INTERVALS", "Requests, hits, risk: the shares against which the mixture is no evidence.", intervals)
    fixed = [(*case, fixed_sample(*case)) for case in FIXED_SAMPLES]
    table("FIXED_SAMPLES", "Shares of errors, risk, power: requests a side when looked at once.", fixed)
    print("/// Two samples and the p-value of the rank test, two-sided, asymptotic, corrected for ties and continuity.")
    print("pub(super) const RANK_TESTS: &[(&[f64], &[f64], f64)] = &[")
    for first, second in RANK_TESTS:
        p = stats.mannwhitneyu(first, second, alternative="two-sided", method="asymptotic").pvalue
        print(f"    ({samples(first)}, {samples(second)}, {float(p)!r}),")
    print("];\n\n/// Two samples, a level, and where the rank statistic crosses its critical values: low, median, high.")
    print("pub(super) const SHIFTS: &[[&[f64]; 4]] = &[")
    for first, second, level in SHIFTS:
        found = [float(end) for end in shift(first, second, level)]
        print(f"    [{samples(first)}, {samples(second)}, {samples([level])}, {samples(found)}],")
    print("];")


main()
