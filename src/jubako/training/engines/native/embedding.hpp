// Embedding layers: each category is replaced by a row of its table, which its code chooses.
//
// All tables stand one after the other, as in theta. A code that chooses no row gives zeros.
#pragma once
#include <cmath>
#include <vector>

#include "panels.hpp"

namespace jubako {

template <class T> class Tables {
  public:
    Tables() = default;
    Tables(int64_t n_in, int64_t n_numbers, const int64_t* levels, int64_t most) : n_numbers(n_numbers) {
        int64_t out = n_numbers;
        for (int64_t in = n_numbers; in < n_in; in++) {
            const int64_t size = std::min(levels[in - n_numbers], most);
            for (int64_t q = 0, n; q < size; q += n, out += n) {
                n = std::min<int64_t>(size - q, PANEL<T> - out % PANEL<T>);
                parts.push_back({in, out, n, T(levels[in - n_numbers]), n_params + q, size});
            }
            n_params += levels[in - n_numbers] * size;
        }
    }

    // Rows lo ... hi: v = [numbers, rows of the tables].
    void forward(int64_t lo, int64_t hi, Matrix<T> u, Matrix<T> v, const T* params) const {
        static constexpr T none[PANEL<T>] = {};
        copy_numbers(lo, hi, u, v);
        for (const Part& part : parts)
            for (int64_t r = lo; r < hi; r++) {
                const int64_t at = part.chosen(*u.cell(r, part.in));
                const T* from = at < 0 ? none : params + at;
                T* to = v.cell(r, part.out);
                for (int64_t q = 0; q < part.n; q++) to[q] = from[q];
            }
    }

    // Rows lo ... hi: du, given dv. A code does not move by a little.
    void backward(int64_t lo, int64_t hi, Matrix<T> dv, Matrix<T> du) const {
        copy_numbers(lo, hi, dv, du);
        for (const Part& part : parts)
            for (int64_t r = lo; r < hi; r++) *du.cell(r, part.in) = 0;
    }

    // The gradient of parameters begin ... end, over n rows; or added to it.
    void gradient(int64_t n, Matrix<T> u, Matrix<T> dv, bool adds, int64_t begin, int64_t end, T* g) const {
        if (!adds) std::fill_n(g, end - begin, T(0));
        for (const Part& part : parts) {
            if (part.end() <= begin || end <= part.begin) continue;
            for (int64_t r = 0; r < n; r++) {
                const int64_t at = part.chosen(*u.cell(r, part.in));
                if (at < 0) continue;
                const T* from = dv.cell(r, part.out);
                const int64_t first = std::max<int64_t>(0, begin - at), last = std::min(part.n, end - at);
                for (int64_t q = first; q < last; q++) g[at + q - begin] += from[q];
            }
        }
    }

    int64_t n_params = 0;

  private:
    // Those columns of a table that stand in one panel of v.
    struct Part {
        int64_t in, out, n;  // the column of the code in u, the first in v, and how many there are
        T levels;
        int64_t begin, size;  // the first of its parameters, and the way to the next row
        int64_t end() const { return begin + int64_t(levels - 1) * size + n; }

        // The first parameter that a code chooses; -1 if none.
        int64_t chosen(T code) const {
            const T c = std::nearbyint(code);
            return c >= 1 && c <= levels ? begin + (int64_t(c) - 1) * size : -1;
        }
    };

    void copy_numbers(int64_t lo, int64_t hi, Matrix<T> from, Matrix<T> to) const {
        for (int64_t j = 0; j < n_numbers; j += PANEL<T>)
            for (int64_t r = lo; r < hi; r++)
                std::copy_n(from.cell(r, j), std::min<int64_t>(PANEL<T>, n_numbers - j), to.cell(r, j));
    }

    int64_t n_numbers = 0;
    std::vector<Part> parts;
};

}  // namespace jubako
