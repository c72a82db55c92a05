// Matrices in panels: all rows of the first PANEL columns, then of the next. So everything that a
// product reads or writes lies side by side, whatever the matrix's size. The last panel is as wide as
// the others, so that nothing elementwise has an edge; what is computed in this padding is never read
// as a number of the network.
#pragma once
#include <algorithm>
#include <utility>

#include "vector.hpp"

namespace jubako {

template <class T> constexpr int PANEL = TILE_VECTORS * LANES<T>;  // columns of a panel

template <class T> struct Matrix {
    T* at = nullptr;
    int64_t rows = 0;  // of memory: they may be more than those in use
    T* panel(int64_t j) const { return at + j * rows; }  // the one that begins at column j
    T* cell(int64_t i, int64_t j) const {
        return panel(j / PANEL<T> * PANEL<T>) + i * PANEL<T> + j % PANEL<T>;
    }
};

// Numbers of a matrix with this many rows and columns.
template <class T> int64_t size_in_panels(int64_t rows, int64_t cols) {
    return rows * round_up(cols, PANEL<T>);
}

// Copy n numbers that are `step` apart to row i of a matrix, or back.
template <class T> void copy_to_row(const T* from, int64_t step, int64_t n, Matrix<T> to, int64_t i) {
    for (int64_t j = 0; j < n; j += PANEL<T>, from += PANEL<T> * step) {
        T* cells = to.cell(i, j);
        const int64_t cols = std::min<int64_t>(PANEL<T>, n - j);
        if (step == 1) std::copy_n(from, cols, cells);
        else for (int64_t c = 0; c < cols; c++) cells[c] = from[c * step];
    }
}
template <class T> void copy_from_row(Matrix<T> from, int64_t i, int64_t n, T* to) {
    for (int64_t j = 0; j < n; j += PANEL<T>)
        std::copy_n(from.cell(i, j), std::min<int64_t>(PANEL<T>, n - j), to + j);
}

// Transposing a square of LANES x LANES numbers: in each round, pairs of rows swap halves of blocks.
template <class T, int BLOCK, int... I>
[[gnu::always_inline]] inline void exchange(Vec<T>* r, std::integer_sequence<int, I...> rows) {
    constexpr int L = LANES<T>;
#pragma GCC unroll 16
    for (int i = 0; i < L; i++) {
        if (i & BLOCK) continue;
        const Vec<T> x = r[i], y = r[i | BLOCK];
        r[i] = shuffle<T, (I & BLOCK ? L + (I ^ BLOCK) : I)...>(x, y);
        r[i | BLOCK] = shuffle<T, (I & BLOCK ? L + I : I ^ BLOCK)...>(x, y);
    }
    if constexpr (2 * BLOCK < L) exchange<T, 2 * BLOCK>(r, rows);
}

// Transpose the first `rows` rows and `cols` columns of a square; what is missing in `to` is zero.
template <class T>
void transpose_square(const T* from, int64_t ld_from, int64_t rows, T* to, int64_t ld_to,
                             int64_t cols) {
    constexpr int L = LANES<T>;
    Vec<T> r[L];
#pragma GCC unroll 16
    for (int i = 0; i < L; i++) r[i] = i < rows ? load(from + i * ld_from) : Vec<T>{};
    exchange<T, 1>(r, std::make_integer_sequence<int, L>());
#pragma GCC unroll 16
    for (int i = 0; i < L; i++)
        if (i < cols) store(to + i * ld_to, r[i]);
}

}  // namespace jubako
