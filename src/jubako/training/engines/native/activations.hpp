// Activations: v = f(a) and f'(a), as in core/activations.py, for a vector at once.
//
// Those that are `from_value` find the slope from v on the way back. The others compute it together
// with v, because both need the same exponentials, and it is kept.
#pragma once
#include "vectormath.hpp"

namespace jubako {

template <class T> struct Kept {  // what the others inherit: the slope is kept
    static constexpr bool from_value = false;
    static Vec<T> slope_at(Vec<T>) { return Vec<T>{}; }
};
template <class T> struct FromValue {
    static constexpr bool from_value = true;
};

template <class T> struct Identity : FromValue<T> {
    static Vec<T> value(Vec<T> a, Vec<T>&) { return a; }
    static Vec<T> slope_at(Vec<T>) { return splat(T(1)); }
};

template <class T> struct Relu : FromValue<T> {
    static Vec<T> value(Vec<T> a, Vec<T>&) { return a < 0 ? Vec<T>{} : a; }  // NaN stays NaN
    static Vec<T> slope_at(Vec<T> v) { return v > 0 ? splat(T(1)) : Vec<T>{}; }
};

template <class T> struct LeakyRelu : FromValue<T> {
    static constexpr T LEAK = T(0.01);
    static Vec<T> value(Vec<T> a, Vec<T>&) { return a < 0 ? LEAK * a : a; }
    static Vec<T> slope_at(Vec<T> v) { return v > 0 ? splat(T(1)) : splat(LEAK); }
};

template <class T> struct Elu : FromValue<T> {
    static Vec<T> value(Vec<T> a, Vec<T>&) { return a < 0 ? expm1(a) : a; }
    static Vec<T> slope_at(Vec<T> v) { return (v < 0 ? v : Vec<T>{}) + 1; }
};

template <class T> struct Selu : FromValue<T> {
    static constexpr T SCALE = T(1.0507009873554805), ALPHA = T(1.6732632423543772);
    static Vec<T> value(Vec<T> a, Vec<T>&) { return SCALE * (a < 0 ? ALPHA * expm1(a) : a); }
    static Vec<T> slope_at(Vec<T> v) { return v > 0 ? splat(SCALE) : v + SCALE * ALPHA; }
};

template <class T> struct Gelu : Kept<T> {
    static Vec<T> value(Vec<T> a, Vec<T>& slope) {
        const Vec<T> p = ndtr(a);
        slope = p + a * exp(T(-0.5) * a * a) * T(0.39894228040143267794);
        return a * p;
    }
};

template <class T> struct QuickGelu : Kept<T> {
    static constexpr T QUICK = T(1.702);
    static Vec<T> value(Vec<T> a, Vec<T>& slope) {
        const Vec<T> p = expit(QUICK * a), v = a * p;
        slope = p * (1 + QUICK * (a - v));
        return v;
    }
};

template <class T> struct Silu : Kept<T> {
    static Vec<T> value(Vec<T> a, Vec<T>& slope) {
        const Vec<T> p = expit(a), v = a * p;
        slope = p * (1 + a - v);
        return v;
    }
};

template <class T> struct Mish : Kept<T> {
    static Vec<T> value(Vec<T> a, Vec<T>& slope) {
        // t = tanh(log(1 + w)) = w (w + 2) / (w (w + 2) + 2), with one exponential: w = e^a. Beyond
        // 20 t is 1, and there w² would soon be infinite.
        const Vec<T> z = a > 20 ? splat(T(20)) : a, w = exp(z), n = w * (w + 2), r = 1 / (n + 2);
        const Vec<T> t = n * r, wr = w * r;
        slope = t + 4 * z * wr * (r + wr);
        return a * t;
    }
};

template <class T> struct Softplus : Kept<T> {
    static Vec<T> value(Vec<T> a, Vec<T>& slope) {
        slope = expit(a);
        return softplus(a);
    }
};

template <class T> struct Tanh : FromValue<T> {
    static Vec<T> value(Vec<T> a, Vec<T>&) { return tanh(a); }
    static Vec<T> slope_at(Vec<T> v) { return 1 - v * v; }
};

template <class T> struct Logistic : FromValue<T> {
    static Vec<T> value(Vec<T> a, Vec<T>&) { return expit(a); }
    static Vec<T> slope_at(Vec<T> v) { return v * (1 - v); }
};

// The names of ACTIVATIONS in core/activations.py that are known here. Adding one is a struct above
// and its name in two places.
constexpr const char* ACTIVATIONS =
    "identity relu leaky_relu elu selu gelu quick_gelu silu mish softplus tanh logistic";

// Call job with a value of the type of an activation, given its place in the list.
template <class T, class Job> void with_activation(int place, Job job) {
    switch (place) {
        case 0: return job(Identity<T>());
        case 1: return job(Relu<T>());
        case 2: return job(LeakyRelu<T>());
        case 3: return job(Elu<T>());
        case 4: return job(Selu<T>());
        case 5: return job(Gelu<T>());
        case 6: return job(QuickGelu<T>());
        case 7: return job(Silu<T>());
        case 8: return job(Mish<T>());
        case 9: return job(Softplus<T>());
        case 10: return job(Tanh<T>());
        case 11: return job(Logistic<T>());
    }
}

}  // namespace jubako
