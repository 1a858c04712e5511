"""Logarithm, exponential, power and the normal quantile, the same on every processor.

Only + - x / and exact scaling by powers of two are used: a platform's own functions differ in
their last bits.
"""

import decimal
import math

import numpy as np
from numpy.typing import NDArray

from simulator.plant.jit import compiled, inlined, inlined_entry

_LN2_HIGH = 6.93147180369123816490e-01  # its last 32 bits are zero: k x this is exact
_LN2_LOW = 1.90821492927058770002e-10
_HALF_SQRT = 0.7071067811865476
_SPLIT = 134217729.0  # 2^27 + 1 halves a float's digits (Dekker)
_NORMAL_MIN, _FINITE_MAX = 2.2250738585072014e-308, 1.7976931348623157e308
_TWO_TO_64 = 18446744073709551616.0
_CELLS, _CELL_BITS, _DIGITS_BITS = 128, 45, 52
_FIRST_CELL = 0x3FE6000000000000  # 0.6875
_HIGH_HALF = ~0x7FFFFFF  # all but 27 digits
_POWERS, _POWERS_BITS = 128, 7
_PER_POWER = 184.6649652337873  # 128 / ln 2
_EXPONENT_MIN, _EXPONENT_MAX = -1022, 1023
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


def _cells() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For each cell of 0.6875 to 1.375 a short number near one over it, and minus its logarithm.

    Short: 11 bits, so that a product with half a float's digits is exact. 1 beside 1.
    """
    begins = (np.arange(_CELLS + 1) << _CELL_BITS) + _FIRST_CELL
    edges = begins.view(np.float64)
    inverse = np.rint(2048.0 / (edges[:-1] + edges[1:])) / 1024.0
    inverse[(edges[:-1] == 1.0) | (edges[1:] == 1.0)] = 1.0
    with decimal.localcontext(prec=40):
        logarithms = [-float(decimal.Decimal(float(each)).ln()) for each in inverse]
    return inverse, np.array(logarithms)


_INVERSE, _LOGARITHM = _cells()


@inlined_entry
def log(x: float) -> float:
    """Natural logarithm; minus infinity at 0 and not a number below.

    x = 2^k z; of z the first digits are looked up (P. T. P. Tang, "Table-driven implementation of
    the logarithm function in IEEE floating-point arithmetic", ACM TOMS 16, 1990), the rest r is
    below 2^-7 and its series short.
    """
    if x <= 0.0:
        return -math.inf if x == 0.0 else math.nan
    scaled = 0
    if x < _NORMAL_MIN:
        x *= _TWO_TO_64
        scaled = 64
    elif not x <= _FINITE_MAX:
        return x  # infinity, or not a number
    word = np.float64(x).view(np.int64)
    above = word - _FIRST_CELL
    cell = (above >> _CELL_BITS) & (_CELLS - 1)
    k = above >> _DIGITS_BITS
    bits = word - (k << _DIGITS_BITS)
    z = np.int64(bits).view(np.float64)
    high = np.int64(bits & _HIGH_HALF).view(np.float64)
    inverse = _INVERSE[cell]
    r = (high * inverse - 1.0) + (z - high) * inverse
    r2 = r * r
    first = r * (1.0 / 3.0) - 0.5
    second = r * (1.0 / 5.0) - 0.25
    third = (r * (1.0 / 7.0) - 1.0 / 6.0) - r2 * 0.125
    series = r2 * ((first + r2 * second) + (r2 * r2) * third)
    twos = float(k - scaled)
    return (twos * _LN2_HIGH + _LOGARITHM[cell]) + (r + (series + twos * _LN2_LOW))


def _powers() -> NDArray[np.float64]:
    """2^(i / 128), correctly rounded."""
    with decimal.localcontext(prec=40):
        two = decimal.Decimal(2)
        return np.array([float(two ** (decimal.Decimal(i) / _POWERS)) for i in range(_POWERS)])


_POWER_OF_2 = _powers()


@compiled
def exp(x: float) -> float:
    """Exponential; 0 below and infinity above what a float can hold.

    x = (128 k + i) ln 2 / 128 + r: 2^(i / 128) is looked up and the series of r, below 0.003, is
    short (P. T. P. Tang, "Table-driven implementation of the exponential function in IEEE
    floating-point arithmetic", ACM TOMS 15, 1989).
    """
    if x > _EXP_MAX:
        return math.inf
    if not x >= _EXP_MIN:
        return 0.0 if x < _EXP_MIN else x  # not a number
    nearest = math.floor(x * _PER_POWER + 0.5)
    r = (x - nearest * (_LN2_HIGH / _POWERS)) - nearest * (_LN2_LOW / _POWERS)
    n = np.int64(nearest)
    r2 = r * r
    series = r + r2 * ((0.5 + r * (1.0 / 6.0)) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0)))
    base = _POWER_OF_2[n & (_POWERS - 1)]
    k = n >> _POWERS_BITS
    whole = base + base * series
    if k > _EXPONENT_MIN and k < _EXPONENT_MAX:
        return float(whole * np.int64((k + 1023) << _DIGITS_BITS).view(np.float64))
    return math.ldexp(float(whole), int(k))


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
