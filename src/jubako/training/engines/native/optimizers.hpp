// Optimizers: from a gradient to a step, as in training/optimizers.py. One pass over the parameters
// does it all: the penalty's gradient, clipping, decay, the moments, the step.
#pragma once
#include <cmath>

#include "vectormath.hpp"

namespace jubako {

// The names of OPTIMIZERS in training/optimizers.py that are known here, in the order of `Rule`.
constexpr const char* OPTIMIZERS = "sgd adam nadam";
enum class Rule : int32_t { sgd, adam, nadam, none };

// The settings of one step, the same for all parameters.
template <class T> struct Move {
    T rate;              // sgd: the learning rate; adam: with the correction for t
    T pull = 0;          // penalty: grad += pull * theta
    T clip = 1;          // grad *= clip
    T shrink = 0;        // decay: theta -= shrink * theta
    T a = 0, b = 0, c = 0;  // sgd: momentum, nesterov; adam: 1 - beta_1, 1 - beta_2, epsilon
};

template <Rule R, class T>
inline void step(const Move<T>& move, Vec<T>& theta, Vec<T>& grad, Vec<T>& m, Vec<T>& v) {
    grad = (grad + move.pull * theta) * move.clip;
    theta -= move.shrink * theta;
    if constexpr (R == Rule::sgd) {
        const Vec<T> down = move.rate * grad;
        m = move.a * m - down;  // z
        theta += move.b ? move.a * m - down : m;
    } else if constexpr (R != Rule::none) {
        m += move.a * (grad - m);
        v += move.b * (grad * grad - v);
        const Vec<T> ahead = R == Rule::nadam ? m + move.a * (grad - m) : m;
        theta -= move.rate * over_root(ahead, v, move.c);
    }
}

// Update n parameters, a number of whole vectors; returns the sum of pull * theta², theta as it was.
template <Rule R, class T>
double move_all(const Move<T>& move, int64_t n, T* theta, T* grad, T* m, T* v) {
    Vec<T> squares{};
    for (int64_t i = 0; i < n; i += LANES<T>) {
        Vec<T> th = load(theta + i), g = load(grad + i), mm{}, vv{};
        squares += th * th;
        if constexpr (R != Rule::none) mm = load(m + i);
        if constexpr (R != Rule::none && R != Rule::sgd) vv = load(v + i);
        step<R>(move, th, g, mm, vv);
        store(theta + i, th);
        store(grad + i, g);
        if constexpr (R != Rule::none) store(m + i, mm);
        if constexpr (R != Rule::none && R != Rule::sgd) store(v + i, vv);
    }
    return move.pull ? double(move.pull) * sum<T>(squares) : 0;
}

}  // namespace jubako
