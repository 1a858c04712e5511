"""Logarithm, exponential, power and the normal quantile, the same on every processor.

Only + - x / and exact scaling by powers of two are used: a platform's own functions differ in
their last bits.
"""

import math

import numpy as np

from simulator.plant.jit import compiled, inlined, inlined_entry

_LN2_HIGH = 6.93147180369123816490e-01  # its last 32 bits are zero: k x this is exact
_LN2_LOW = 1.90821492927058770002e-10
_HALF_SQRT = 0.7071067811865476
_SPLIT = 134217729.0  # 2^27 + 1 halves a float's digits (Dekker)
_NORMAL_MIN, _FINITE_MAX = 2.2250738585072014e-308, 1.7976931348623157e308
_DIGITS, _HALF = 0x000FFFFFFFFFFFFF, 0x3FE0000000000000  # a float's digits; the rest of 0.5 to 1
_EXP_MAX = 709.782712893384
_EXP_MIN = -745.1332191019412


@inlined
def _atanh_tail(q: float) -> float:
    """2 atanh(q) - 2 q, for |q| below 0.172: odd and even terms apart, so that neither waits."""
    z = q * q
    y = z * z
    a = 1.0 / 25.0
    for odd in (21.0, 17.0, 13.0, 9.0, 5.0):
        a = a * y + 1.0 / odd
    b = 1.0 / 23.0
    for odd in (19.0, 15.0, 11.0, 7.0, 3.0):
        b = b * y + 1.0 / odd
    return 2.0 * q * z * (a * z + b)


@inlined_entry
def log(x: float) -> float:
    """Natural logarithm; minus infinity at 0 and not a number below."""
    if x <= 0.0:
        return -math.inf if x == 0.0 else math.nan
    if x < _NORMAL_MIN or x > _FINITE_MAX:
        m, e = math.frexp(x)
    else:  # the same, from the bits of x
        word = np.float64(x).view(np.int64)
        e = int(word >> 52) - 1022
        m = float(np.int64((word & _DIGITS) | _HALF).view(np.float64))
    if m < _HALF_SQRT:
        m *= 2.0
        e -= 1
    f = m - 1.0
    q = f / (2.0 + f)
    return e * _LN2_HIGH + (2.0 * q + (_atanh_tail(q) + e * _LN2_LOW))


@compiled
def exp(x: float) -> float:
    """Exponential; 0 below and infinity above what a float can hold."""
    if x > _EXP_MAX:
        return math.inf
    if x < _EXP_MIN:
        return 0.0
    k = math.floor(x * 1.4426950408889634 + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    y = 1.0 / 87178291200.0  # 1 / 14!
    for factorial in (
        6227020800.0, 479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0, 5040.0, 720.0, 120.0,
        24.0, 6.0, 2.0,
    ):  # fmt: skip
        y = y * r + 1.0 / factorial
    return math.ldexp(1.0 + r * (1.0 + r * y), int(k))


@compiled
def _product_error(a: float, b: float, p: float) -> float:
    """What rounding the product p of a and b lost, exactly (Dekker)."""
    t = _SPLIT * a
    a1 = t - (t - a)
    a2 = a - a1
    t = _SPLIT * b
    b1 = t - (t - b)
    b2 = b - b1
    return ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


@compiled
def _sum_and_error(a: float, b: float) -> tuple[float, float]:
    """Add two floats; the second result is what rounding the first lost, exactly (Knuth)."""
    total = a + b
    b1 = total - a
    return total, (a - (total - b1)) + (b - b1)


@compiled
def power(x: float, y: float) -> float:
    """Raise x >= 0 to the power y, by a logarithm held in two floats."""
    if x <= 0.0:
        return 1.0 if y == 0.0 else (0.0 if y > 0.0 else math.inf)
    m, e = math.frexp(x)
    if m < _HALF_SQRT:
        m *= 2.0
        e -= 1
    f = m - 1.0
    g = 2.0 + f
    q = f / g
    p = q * g
    # What the rounding of g and of q lost.
    missing = ((f - p) - _product_error(q, g, p) - q * (f - (g - 2.0))) / g
    tail = _atanh_tail(q)
    high, low = _sum_and_error(e * _LN2_HIGH, 2.0 * q)
    total, rest = _sum_and_error(high, tail)
    total, low = _sum_and_error(total, low + rest + 2.0 * missing + e * _LN2_LOW)
    product = y * total
    if product > _EXP_MAX or product < _EXP_MIN:
        return exp(product)
    return exp(product) * (1.0 + (_product_error(y, total, product) + y * low))


@compiled
def normal_quantile(p: float) -> float:
    """The standard normal value below which a share p lies, 0 < p < 1.

    Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988): 1e-16 relative.
    """
    q = p - 0.5
    if abs(q) <= 0.425:  # noqa: PLR2004  the published break
        r = 0.180625 - q * q
        n = 2509.0809287301226727 * r + 33430.575583588128105
        n = ((n * r + 67265.770927008700853) * r + 45921.953931549871457) * r
        n = ((n + 13731.693765509461125) * r + 1971.5909503065514427) * r
        n = (n + 133.14166789178437745) * r + 3.3871328727963666080
        d = 5226.4952788528545610 * r + 28729.085735721942674
        d = ((d * r + 39307.895800092710610) * r + 21213.794301586595867) * r
        d = ((d + 5394.1960214247511077) * r + 687.18700749205790830) * r
        d = (d + 42.313330701600911252) * r + 1.0
        return q * n / d
    r = math.sqrt(-log(min(p, 1.0 - p)))
    if r <= 5.0:  # noqa: PLR2004  the published break
        r -= 1.6
        n = 7.74545014278341407640e-4 * r + 2.27238449892691845833e-2
        n = ((n * r + 0.241780725177450611770) * r + 1.27045825245236838258) * r
        n = ((n + 3.64784832476320460504) * r + 5.76949722146069140550) * r
        n = (n + 4.63033784615654529590) * r + 1.42343711074968357734
        d = 1.05075007164441684324e-9 * r + 5.47593808499534494600e-4
        d = ((d * r + 1.51986665636164571966e-2) * r + 0.148103976427480074590) * r
        d = ((d + 0.689767334985100004550) * r + 1.67638483018380384940) * r
        d = (d + 2.05319162663775882187) * r + 1.0
    else:
        r -= 5.0
        n = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
        n = ((n * r + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2) * r
        n = ((n + 0.296560571828504891230) * r + 1.78482653991729133580) * r
        n = (n + 5.46378491116411436990) * r + 6.65790464350110377720
        d = 2.04426310338993978564e-15 * r + 1.42151175831644588870e-7
        d = ((d * r + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r
        d = ((d + 1.48753612908506148525e-2) * r + 0.136929880922735805310) * r
        d = (d + 0.599832206555887937690) * r + 1.0
    return n / d if q > 0.0 else -n / d
