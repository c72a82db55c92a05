// Losses: the value of a row and d value / d b, as in core/losses.py.
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

// delta <- s * d value / d b for one row of n outputs; returns the value.
template <template <class> class Loss, class T>
T sum_of_outputs(const T* b, const T* y, T setting, T s, int64_t n, T* delta) {
    Vec<T> total{}, d;
    for (int64_t j = 0; j < n; j += LANES<T>) {
        const auto outputs = lanes<T>(j) < Whole<T>(n);
        const Vec<T> value = Loss<T>::value(load(b + j), load(y + j), setting, d);
        total += outputs ? value : Vec<T>{};
        store(delta + j, s * d);
    }
    return sum<T>(total);
}

template <class T>
T cross_entropy(const T* b, const T* y, T smoothing, T s, int64_t n, T* delta) {
    T largest = b[0];
    for (int64_t j = 1; j < n; j++) largest = b[j] > largest ? b[j] : largest;
    Vec<T> total{}, pull{};  // sum of exp(b - largest); of t (b - largest)
    for (int64_t j = 0; j < n; j += LANES<T>) {
        const auto outputs = lanes<T>(j) < Whole<T>(n);
        const Vec<T> c = load(b + j) - largest, e = outputs ? exp(c) : Vec<T>{};
        total += e;
        store(delta + j, e);
    }
    const T z = sum<T>(total), other = smoothing / T(n), own = 1 - smoothing;
    const Whole<T> label = Whole<T>(y[0]);
    for (int64_t j = 0; j < n; j += LANES<T>) {
        const Vec<T> t = (lanes<T>(j) == label ? splat(own) : Vec<T>{}) + other;
        pull += lanes<T>(j) < Whole<T>(n) ? t * (load(b + j) - largest) : Vec<T>{};
        store(delta + j, s * (load(delta + j) / z - t));
    }
    return std::log(z) - sum<T>(pull);
}

template <class T> using RowLoss = T (*)(const T*, const T*, T, T, int64_t, T*);

// The names of LOSSES in core/losses.py that are known here, and the functions in the same order.
constexpr const char* LOSSES =
    "squared_error absolute_error huber log_cosh quantile poisson binary_cross_entropy "
    "cross_entropy";

template <class T>
constexpr RowLoss<T> LOSS_OF_ROW[] = {
    sum_of_outputs<SquaredError, T>, sum_of_outputs<AbsoluteError, T>, sum_of_outputs<Huber, T>,
    sum_of_outputs<LogCosh, T>,      sum_of_outputs<Quantile, T>,      sum_of_outputs<Poisson, T>,
    sum_of_outputs<BinaryCrossEntropy, T>, cross_entropy<T>,
};

}  // namespace jubako
