// exp, log and the like for a vector of numbers at once, in float; in double the C library computes
// lane by lane. The float versions reduce x to a short interval and sum the Taylor series there.
// Errors, tested against double precision over all exponents: 3 units in the last place for exp,
// expm1, log, log1p and tanh; 4e-7 absolute for ndtr. NaN stays NaN; overflow gives inf.
#pragma once
#include <cmath>
#include <limits>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#include "vector.hpp"

namespace jubako {

template <class V> inline V larger(V a, V b) { return a > b ? a : b; }  // b where either is NaN
template <class V> inline V absolute(V a) { return a < 0 ? -a : a; }

template <class F> inline Vec<double> each_lane(Vec<double> x, F f) {
    for (int i = 0; i < LANES<double>; i++) x[i] = f(x[i]);
    return x;
}

template <class To, class From> inline To bits(From from) {
    To to;
    static_assert(sizeof(To) == sizeof(From));
    memcpy(&to, &from, sizeof to);
    return to;
}

using Floats = Vec<float>;
using Doubles = Vec<double>;

template <class V> inline V sqrt(V x) {
    for (int i = 0; i < int(sizeof(V) / sizeof(x[0])); i++) x[i] = std::sqrt(x[i]);
    return x;
}

// m / (sqrt(v) + c) for v >= 0, c > 0: the step of Adam.
template <class V, class T> inline V over_root(V m, V v, T c) { return m / (sqrt(v) + c); }

#if defined(__AVX512F__)
// The divider would take longer than all the rest of an update. So: estimates to 14 bits, each made
// exact to 2 units in the last place by a step of Newton's method.
inline Floats over_root(Floats m, Floats v, float c) {
    const Floats x = larger(v, splat(std::numeric_limits<float>::min()));  // 1 / sqrt(0) is infinite
    Floats r = _mm512_maskz_rsqrt14_ps(-1, x);
    r *= 1.5f - 0.5f * x * r * r;
    const Floats d = v * r + c;
    Floats q = _mm512_maskz_rcp14_ps(-1, d);
    q *= 2.0f - d * q;
    return v > std::numeric_limits<float>::max() ? Floats{} : m * q;
}
#endif

constexpr float LOG2E = 1.44269504f;
constexpr float LN2_HIGH = 0.693359375f, LN2_LOW = -2.12194440e-4f;  // few digits, and the rest

// x = n ln 2 + r with |r| <= ln 2 / 2.
inline Floats reduce(Floats x, Ints<float>& n) {
    const Floats magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
    const Floats shifted = x * LOG2E + magic;
    n = bits<Ints<float>>(shifted) - bits<Ints<float>>(magic);
    const Floats whole = shifted - magic;
    return (x - whole * LN2_HIGH) - whole * LN2_LOW;
}

inline Floats power_of_two(Ints<float> n) { return bits<Floats>((n + 127) << 23); }

// expm1(r) for |r| <= 0.35
inline Floats expm1_near_zero(Floats r) {
    Floats p = splat(1 / 5040.0f);
    p = p * r + 1 / 720.0f;
    p = p * r + 1 / 120.0f;
    p = p * r + 1 / 24.0f;
    p = p * r + 1 / 6.0f;
    p = p * r + 0.5f;
    return p * (r * r) + r;
}

// x 2^n for n from -128 to 128
inline Floats times_power_of_two(Floats x, Ints<float> n) {
#if defined(__AVX512F__)
    return _mm512_maskz_scalef_ps(-1, x, __builtin_convertvector(n, Floats));
#else
    const Ints<float> half = n >> 1;  // in two factors, since 2^128 is no float
    return x * power_of_two(half) * power_of_two(n - half);
#endif
}

inline Floats exp(Floats x) {
    Ints<float> n;
    const Floats r = reduce(x > 89.0f ? splat(89.0f) : x, n);  // written so that NaN stays NaN
    return x < -87.5f ? Floats{} : times_power_of_two(expm1_near_zero(r) + 1.0f, n);
}

inline Floats expm1(Floats x) {
    Ints<float> n;
    Floats inside = x > 89.0f ? splat(89.0f) : x;
    inside = inside < -30.0f ? splat(-30.0f) : inside;
    const Floats r = reduce(inside, n);
    const Ints<float> half = n >> 1;
    const Floats p = power_of_two(half), q = power_of_two(n - half), one_over_q = power_of_two(half - n);
    return (expm1_near_zero(r) * p + (p - one_over_q)) * q;
}

// log(x) for normal x > 0; -inf for 0, NaN below.
inline Floats log(Floats x) {
    const Floats inf = splat(std::numeric_limits<float>::infinity());
    const Ints<float> one_half = bits<Ints<float>>(splat(0.70710678f));
    const Ints<float> n = (bits<Ints<float>>(x) - one_half) >> 23;
    const Floats m = bits<Floats>(bits<Ints<float>>(x) - (n << 23));  // in [sqrt(1/2), sqrt(2))
    const Floats s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
    Floats p = splat(2 / 11.0f);
    p = p * s2 + 2 / 9.0f;
    p = p * s2 + 2 / 7.0f;
    p = p * s2 + 2 / 5.0f;
    p = p * s2 + 2 / 3.0f;
    // log(m) = 2 s + s³ (2/3 + 2/5 s² ...), with 2 s = (m - 1) - s (m - 1) to keep all digits
    const Floats e = __builtin_convertvector(n, Floats);
    const Floats tail = p * s2 * s - s * (m - 1.0f) + e * LN2_LOW;
    const Floats y = (tail + (m - 1.0f)) + e * LN2_HIGH;
    const Floats special = x == 0.0f ? -inf : x == inf ? inf : splat(std::nanf(""));
    return ((x > 0.0f) & (x < inf)) ? y : special;
}

inline Floats log1p(Floats x) {
    const Floats u = 1.0f + x;
    const Floats lost = x - (u - 1.0f);  // what rounding 1 + x has cut off
    return u == splat(std::numeric_limits<float>::infinity()) ? u : log(u) + lost / u;
}

inline Floats tanh(Floats x) {
    const Floats e = expm1(-2.0f * absolute(x));  // in (-1, 0]
    const Floats y = e / (e + 2.0f);
    return x < 0.0f ? y : -y;
}

// The normal distribution function, by erfc(z) = t exp(-z² + p(t)) with t = 1 / (1 + z / 2): p is
// nearly a polynomial, fitted here to 1e-8.
inline Floats ndtr(Floats x) {
    const Floats z = absolute(x) * 0.70710678f, t = 1.0f / (1.0f + 0.5f * z);
    Floats p = splat(0.0081927559f);
    p = p * t + 0.129908998f;
    p = p * t - 0.735104203f;
    p = p * t + 1.38610644f;
    p = p * t - 1.06239728f;
    p = p * t + 0.246833129f;
    p = p * t - 0.17770727f;
    p = p * t + 0.0954640677f;
    p = p * t + 0.374195094f;
    p = p * t + 1.00002055f;
    p = p * t - 1.26551221f;
    const Floats tail = 0.5f * t * exp(p - z * z);
    return x < 0.0f ? tail : 1.0f - tail;
}

// cos(x), and sin(x) in `sine`, for |x| up to 10^4 to 1e-6; beyond that they lose digits.
inline Floats sincos(Floats x, Floats& sine) {
    const Floats magic = splat(12582912.0f);
    const Floats shifted = x * 0.636619772f + magic;  // quarters of a turn
    const Ints<float> n = bits<Ints<float>>(shifted) - bits<Ints<float>>(magic);
    const Floats whole = shifted - magic;
    // pi / 2 in three parts of few digits
    const Floats r = ((x - whole * 1.5703125f) - whole * 4.8375129699707e-4f) - whole * 7.54979012e-8f;
    const Floats r2 = r * r;
    Floats s = splat(-1 / 5040.0f), c = splat(1 / 40320.0f);
    s = s * r2 + 1 / 120.0f;
    s = s * r2 - 1 / 6.0f;
    s = s * r2 * r + r;
    c = c * r2 - 1 / 720.0f;
    c = c * r2 + 1 / 24.0f;
    c = c * r2 - 0.5f;
    c = c * r2 + 1.0f;
    const Ints<float> odd = -(n & 1), turned = -((n + 1) & 2), below = -(n & 2);
    sine = odd ? c : s;
    sine = below ? -sine : sine;
    const Floats cosine = odd ? s : c;
    return turned ? -cosine : cosine;
}

inline Doubles exp(Doubles x) { return each_lane(x, [](double a) { return std::exp(a); }); }
inline Doubles expm1(Doubles x) { return each_lane(x, [](double a) { return std::expm1(a); }); }
inline Doubles log(Doubles x) { return each_lane(x, [](double a) { return std::log(a); }); }
inline Doubles log1p(Doubles x) { return each_lane(x, [](double a) { return std::log1p(a); }); }
inline Doubles tanh(Doubles x) { return each_lane(x, [](double a) { return std::tanh(a); }); }
inline Doubles ndtr(Doubles x) {
    return each_lane(x, [](double a) { return 0.5 * std::erfc(-a * 0.70710678118654752440); });
}

inline Doubles sincos(Doubles x, Doubles& sine) {
    sine = each_lane(x, [](double a) { return std::sin(a); });
    return each_lane(x, [](double a) { return std::cos(a); });
}

template <class V> inline V expit(V a) {
    const V e = exp(-absolute(a)), p = 1 / (1 + e);
    return a < 0 ? e * p : p;
}

template <class V> inline V softplus(V a) {
    return (a > 0 ? a : a < 0 ? V{} : a) + log1p(exp(-absolute(a)));
}

}  // namespace jubako
