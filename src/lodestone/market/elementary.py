"""Exponentials, logarithms and powers of whole rows, compiled: several at a time.

The library of C takes one number at a time, and half a solve were calls of it. These are
polynomials without branches, which the compiler makes four abreast; they err by about one unit in
the last place, and give infinity, zero and "not a number" where the library does. Only powers
below 1e-307, which the library gives with fewer digits, are 0 here.

Method: Cody and Waite, Software Manual for the Elementary Functions (Prentice-Hall 1980), chapters
5 and 6: e^x = 2^n e^r with |r| <= ln 2 / 2; ln x = n ln 2 + 2 artanh(s) with x = 2^n f, s = (f - 1)/(f + 1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import float64, int64
from numba.extending import intrinsic

from lodestone.market.arrays import Floats
from lodestone.market.compiled import compiled, inlined

_PER_LN2 = 1.4426950408889634
#: ln 2 in two parts, the first with zeros at its end: whole multiples of it are exact.
_LN2, _LN2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
#: Added to a number, this leaves its nearest whole number in the last bits.
_WHOLE = 6755399441055744.0
_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13 = (
    1.0 / math.factorial(k) for k in range(2, 14)
)
_L3, _L5, _L7, _L9, _L11, _L13, _L15, _L17, _L19, _L21 = (2.0 / k for k in range(3, 22, 2))
#: Bits of the fraction of a number; bits of sqrt(1/2); where the exponent stands, and its 0.
_FRACTION, _ROOT_HALF, _AT, _ZERO = 0x000FFFFFFFFFFFFF, 0x3FE6A09E667F3BCD, 52, 1023
_LEAST, _MOST = -708.0, 709.0
_TINY, _HUGE = 2.2250738585072014e-308, 1.7976931348623157e308


@compiled(fastmath={"contract"}, allocates=False)
def exps(x: Floats, out: Floats) -> None:
    """out = e^x; 0 below e^-708, infinite above e^709."""
    for k in range(out.size):
        out[k] = _exp(x[k])


@compiled(fastmath={"contract"}, allocates=False)
def logs(x: Floats, out: Floats) -> None:
    """out = ln x; minus infinity at 0 (and below 2e-308)."""
    for k in range(out.size):
        out[k] = _log(x[k])


@compiled(fastmath={"contract"}, allocates=False)
def powers(x: Floats, exponent: Floats, out: Floats) -> None:
    """out = x^exponent of numbers x > 0 and finite exponents."""
    for k in range(out.size):
        out[k] = _exp(exponent[k] * _log(x[k]))


@compiled(allocates=False)
def largest(x: Floats) -> float:
    """Largest entry without its sign, by its bits: those can be compared several at a time."""
    most = 0
    for k in range(x.size):
        most = max(most, _bits_of(abs(x[k])))
    return _number_of(most)


def _same_bits(given: Any, wanted: Any) -> Any:
    """A function for kernels that reads the bits of one type as another."""

    def declare(typing: Any, x: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(signature.return_type))

        return wanted(given), generate

    return intrinsic(declare)


_bits_of = _same_bits(float64, int64)
_number_of = _same_bits(int64, float64)


@inlined
def _exp(x: float) -> float:
    y = min(max(x, _LEAST), _MOST)
    shifted = y * _PER_LN2 + _WHOLE
    n = shifted - _WHOLE
    r = (y - n * _LN2) - n * _LN2_REST
    p = _E10 + r * (_E11 + r * (_E12 + r * _E13))
    p = _E6 + r * (_E7 + r * (_E8 + r * (_E9 + r * p)))
    p = 1.0 + r * (1.0 + r * (_E2 + r * (_E3 + r * (_E4 + r * (_E5 + r * p)))))
    # the last bits of `shifted` are n; its other bits fall off at the left
    value = p * _number_of((_bits_of(shifted) + _ZERO) << _AT)
    value = 0.0 if x < _LEAST else value
    value = np.inf if x > _MOST else value
    return value if x == x else x


@inlined
def _log(x: float) -> float:
    whole = _bits_of(x)
    part = ((whole - _ROOT_HALF) & _FRACTION) + _ROOT_HALF
    f, n = _number_of(part), np.float64((whole - part) >> _AT)
    g = f - 1.0
    s, half = g / (2.0 + g), 0.5 * g * g
    z = s * s
    p = _L13 + z * (_L15 + z * (_L17 + z * (_L19 + z * _L21)))
    p = z * (_L3 + z * (_L5 + z * (_L7 + z * (_L9 + z * (_L11 + z * p)))))
    # 2 s is g less s g: so the largest part is exact
    value = n * _LN2 - ((half - (s * (half + p) + n * _LN2_REST)) - g)
    value = -np.inf if x < _TINY else value
    value = np.inf if x > _HUGE else value
    return value if x >= 0.0 else np.nan
