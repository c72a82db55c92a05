// Optimizers: from a gradient to a step, as in training/optimizers.py. One pass over the parameters
// does it all: the penalty's gradient, clipping, decay, the moments, the step.
#pragma once
#include <cmath>

#include "vectormath.hpp"

namespace jubako {

// The names of OPTIMIZERS in training/optimizers.py that are known here, in the order of `Rule`.
// Each with its settings, by the names of its class, in the order of `Job::settings`.
constexpr const char* OPTIMIZERS =
    "sgd:momentum,nesterov adam:beta_1,beta_2,epsilon nadam:beta_1,beta_2,epsilon";
enum class Rule : int32_t { sgd, adam, nadam, none };

// What one step multiplies by, the same for all parameters of a block.
template <class T> struct StepCoefficients {
    T rate;              // sgd: the learning rate; adam: with the correction for t
    T pull = 0;          // penalty: grad += pull * theta
    T clip = 1;          // grad *= clip
    T shrink = 0;        // decay: theta -= shrink * theta
    T a = 0, b = 0, c = 0;  // sgd: momentum, nesterov; adam: 1 - beta_1, 1 - beta_2, epsilon
};

template <Rule R, class T>
inline void step(const StepCoefficients<T>& coef, Vec<T>& theta, Vec<T>& grad, Vec<T>& m, Vec<T>& v) {
    grad = (grad + coef.pull * theta) * coef.clip;
    theta -= coef.shrink * theta;
    if constexpr (R == Rule::sgd) {
        const Vec<T> down = coef.rate * grad;
        m = coef.a * m - down;  // z
        theta += coef.b ? coef.a * m - down : m;
    } else if constexpr (R != Rule::none) {
        m += coef.a * (grad - m);
        v += coef.b * (grad * grad - v);
        const Vec<T> ahead = R == Rule::nadam ? m + coef.a * (grad - m) : m;
        theta -= coef.rate * over_root(ahead, v, coef.c);
    }
}

// Update n parameters, a number of whole vectors; returns the sum of pull * theta², theta as it was.
template <Rule R, class T>
double update_all(const StepCoefficients<T>& coef, int64_t n, T* theta, T* grad, T* m, T* v) {
    Vec<T> squares{};
    for (int64_t i = 0; i < n; i += LANES<T>) {
        Vec<T> th = load(theta + i), g = load(grad + i), mm{}, vv{};
        squares += th * th;
        if constexpr (R != Rule::none) mm = load(m + i);
        if constexpr (R != Rule::none && R != Rule::sgd) vv = load(v + i);
        step<R>(coef, th, g, mm, vv);
        store(theta + i, th);
        store(grad + i, g);
        if constexpr (R != Rule::none) store(m + i, mm);
        if constexpr (R != Rule::none && R != Rule::sgd) store(v + i, vv);
    }
    return coef.pull ? double(coef.pull) * sum<T>(squares) : 0;
}

}  // namespace jubako
