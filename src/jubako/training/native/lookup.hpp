// Lookup layers: each category is replaced by a row of its table, which its code chooses.
//
// All tables stand one after the other, as in theta. A code that chooses no row gives zeros.
#pragma once
#include <cmath>
#include <vector>

#include "panels.hpp"

namespace jubako {

template <class T> struct Tables {
    struct Table {
        int64_t levels, size;  // rows, and numbers in each
        int64_t begin, end;    // its place among the parameters
        int64_t in, out;       // the column of its code in u, and of its row in v
    };
    std::vector<Table> all;
    int64_t n_numbers = 0;

    Tables() = default;
    Tables(int64_t n_in, int64_t n_numbers, const int64_t* levels, int64_t most) : n_numbers(n_numbers) {
        int64_t begin = 0, out = n_numbers;
        for (int64_t in = n_numbers; in < n_in; in++) {
            const int64_t n = levels[in - n_numbers], size = std::min(n, most);
            all.push_back({n, size, begin, begin + n * size, in, out});
            begin += n * size, out += size;
        }
    }

    int64_t n_params() const { return all.empty() ? 0 : all.back().end; }

    // Where the row begins that a code chooses; -1 if none.
    static int64_t chosen(const Table& table, T code) {
        const T c = std::nearbyint(code);
        return c >= 1 && c <= T(table.levels) ? table.begin + (int64_t(c) - 1) * table.size : -1;
    }

    // Row r: v = [numbers, rows of the tables].
    void forward(int64_t r, Matrix<T> u, Matrix<T> v, const T* params) const {
        for (int64_t i = 0; i < n_numbers; i++) *v.cell(r, i) = *u.cell(r, i);
        for (const Table& table : all) {
            const int64_t at = chosen(table, *u.cell(r, table.in));
            for (int64_t q = 0; q < table.size; q++)
                *v.cell(r, table.out + q) = at < 0 ? T(0) : params[at + q];
        }
    }

    // Row r: du, given dv. A code does not move by a little.
    void backward(int64_t r, Matrix<T> dv, Matrix<T> du) const {
        for (int64_t i = 0; i < n_numbers; i++) *du.cell(r, i) = *dv.cell(r, i);
        for (const Table& table : all) *du.cell(r, table.in) = 0;
    }

    // The gradient of parameters begin ... end, over n rows; or added to it.
    void gradient(int64_t n, Matrix<T> u, Matrix<T> dv, bool adds, int64_t begin, int64_t end, T* g) const {
        if (!adds) std::fill_n(g, end - begin, T(0));
        for (const Table& table : all) {
            if (table.end <= begin || end <= table.begin) continue;
            for (int64_t r = 0; r < n; r++) {
                const int64_t at = chosen(table, *u.cell(r, table.in));
                if (at < 0) continue;
                for (int64_t q = std::max<int64_t>(0, begin - at); q < std::min(table.size, end - at); q++)
                    g[at + q - begin] += *dv.cell(r, table.out + q);
            }
        }
    }
};

}  // namespace jubako
