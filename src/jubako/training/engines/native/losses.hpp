// Losses: the value of each row and d value / d b, as in core/losses.py.
#pragma once
#include "vectormath.hpp"

namespace jubako {

// A loss that is a sum over outputs: one function of b and y for each output.
template <class T> struct SquaredError {
    static Vec<T> value(Vec<T> b, Vec<T> y, T, Vec<T>& delta) {
        delta = b - y;
        return delta * delta * T(0.5);
    }
};

template <class T> struct AbsoluteError {
    static Vec<T> value(Vec<T> b, Vec<T> y, T, Vec<T>& delta) {
        const Vec<T> r = b - y;
        delta = r > 0 ? splat(T(1)) : r < 0 ? splat(T(-1)) : r;  // 0, or NaN
        return absolute(r);
    }
};

template <class T> struct Huber {
    static Vec<T> value(Vec<T> b, Vec<T> y, T threshold, Vec<T>& delta) {
        const Vec<T> r = b - y, size = absolute(r), t = splat(threshold);
        delta = r > t ? t : r < -t ? -t : r;
        return size > t ? t * (size - t * T(0.5)) : size * size * T(0.5);
    }
};

template <class T> struct LogCosh {
    static Vec<T> value(Vec<T> b, Vec<T> y, T, Vec<T>& delta) {
        const Vec<T> size = absolute(b - y);
        delta = tanh(b - y);
        return size + log1p(exp(-2 * size)) - T(0.69314718055994530942);
    }
};

template <class T> struct Quantile {
    static Vec<T> value(Vec<T> b, Vec<T> y, T q, Vec<T>& delta) {
        const Vec<T> r = b - y;
        delta = r > 0 ? splat(1 - q) : r < 0 ? splat(-q) : r;
        return r > 0 ? (1 - q) * r : -q * r;
    }
};

template <class T> struct Poisson {
    static Vec<T> value(Vec<T> b, Vec<T> y, T, Vec<T>& delta) {
        const Vec<T> mean = exp(b);
        delta = mean - y;
        return mean - y * b + (y == 0 ? Vec<T>{} : y * log(y)) - y;
    }
};

template <class T> struct BinaryCrossEntropy {
    static Vec<T> value(Vec<T> b, Vec<T> y, T smoothing, Vec<T>& delta) {
        const Vec<T> t = y * (1 - smoothing) + smoothing * T(0.5);
        delta = expit(b) - t;
        return softplus(b) - t * b;
    }
};

// The functions below take LANES rows at once: b, y and delta hold one vector of rows for each output.
// delta <- s * d value / d b, and the rows' values are returned.
template <template <class> class Loss, class T>
Vec<T> sum_of_outputs(const T* b, const T* y, T setting, Vec<T> s, int64_t n, T* delta) {
    Vec<T> total{}, d;
    for (int64_t j = 0; j < n * LANES<T>; j += LANES<T>) {
        total += Loss<T>::value(load(b + j), load(y + j), setting, d);
        store(delta + j, s * d);
    }
    return total;
}

template <class T>
Vec<T> cross_entropy(const T* b, const T* y, T smoothing, Vec<T> s, int64_t n, T* delta) {
    constexpr int L = LANES<T>;
    Vec<T> largest = load(b);
    for (int64_t j = 1; j < n; j++) largest = larger(load(b + j * L), largest);
    Vec<T> total{}, pull{};  // sum of exp(b - largest); of t (b - largest)
    for (int64_t j = 0; j < n; j++) {
        const Vec<T> e = exp(load(b + j * L) - largest);
        total += e;
        store(delta + j * L, e);
    }
    const Vec<T> label = load(y), share = 1 / total;
    const T other = smoothing / T(n), own = 1 - smoothing;
    for (int64_t j = 0; j < n; j++) {
        const Vec<T> t = (label == splat(T(j)) ? splat(own) : Vec<T>{}) + other;
        pull += t * (load(b + j * L) - largest);
        store(delta + j * L, s * (load(delta + j * L) * share - t));
    }
    return log(total) - pull;
}

template <class T> using LossOfRows = Vec<T> (*)(const T*, const T*, T, Vec<T>, int64_t, T*);

// The names of LOSSES in core/losses.py that are known here, each with its setting by the name of its
// class, and the functions in the same order.
constexpr const char* LOSSES =
    "squared_error absolute_error huber:threshold log_cosh quantile:q poisson "
    "binary_cross_entropy:smoothing cross_entropy:smoothing";

template <class T>
constexpr LossOfRows<T> LOSS_OF_ROWS[] = {
    sum_of_outputs<SquaredError, T>, sum_of_outputs<AbsoluteError, T>, sum_of_outputs<Huber, T>,
    sum_of_outputs<LogCosh, T>,      sum_of_outputs<Quantile, T>,      sum_of_outputs<Poisson, T>,
    sum_of_outputs<BinaryCrossEntropy, T>, cross_entropy<T>,
};

}  // namespace jubako
