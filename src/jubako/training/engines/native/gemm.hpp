// Matrix products: C = A B, or bias + A B, or C + A B.
//
// A tile of C, TILE_ROWS x TILE_VECTORS vectors, stays in registers while k runs: for each k one
// vector of B per column of the tile, one number of A per row, and their outer product. Each number
// of C is one sum over k in one order, whatever tile it is in: so it has the same bits however the
// rows and columns are shared out among threads.
#pragma once
#include "panels.hpp"
#include "profile.hpp"

namespace jubako {

template <class T> constexpr int64_t DEPTH = 32 * PANEL<T>;  // k at a time: a part of B that stays in the cache

enum class Start { zero, bias, sum };  // what a tile begins with

// The left side of a product: where its rows are, and from one k to the next.
template <class T> struct Left {
    const T* at;
    ptrdiff_t row, col;
    ptrdiff_t turn;  // further on after every PANEL of k
};

// Rows lo ... of a matrix, from column q on; or columns lo ..., which lie in one panel, as the rows
// of its transpose.
template <class T> Left<T> rows_of(Matrix<T> a, int64_t lo, int64_t q) {
    return {a.cell(lo, q), PANEL<T>, 1, (a.rows - 1) * PANEL<T>};
}
template <class T> Left<T> columns_of(Matrix<T> a, int64_t lo) {
    return {a.cell(0, lo), 1, PANEL<T>, 0};
}

// R rows and V vectors of C. Rows of C are a PANEL apart, those of B ldb.
template <class T, int R, int V>
void tile(int64_t k, Left<T> a, const T* b, ptrdiff_t ldb, T* c, Start start, const T* bias) {
    constexpr int L = LANES<T>;
    Vec<T> acc[R][V];
#pragma GCC unroll 16
    for (int i = 0; i < R; i++)
#pragma GCC unroll 4
        for (int j = 0; j < V; j++)
            acc[i][j] = start == Start::zero   ? Vec<T>{}
                        : start == Start::bias ? load(bias + j * L)
                                               : load(c + i * PANEL<T> + j * L);
    // three rows to a pointer: x86 addresses p, p + row and p + 2 row without further registers
    const T* p[(R + 2) / 3];
#pragma GCC unroll 6
    for (int i = 0; i < (R + 2) / 3; i++) p[i] = a.at + 3 * i * a.row;
    for (; k > 0; k -= PANEL<T>) {
        const T* ahead = p[0] + a.turn + PANEL<T>;  // these rows in the next panel: a line for each k
#pragma GCC unroll 4
        for (int64_t q = std::min<int64_t>(k, PANEL<T>); q > 0; q--) {
            __builtin_prefetch(ahead);
            ahead += 64 / sizeof(T);
            Vec<T> bv[V];
#pragma GCC unroll 4
            for (int j = 0; j < V; j++) bv[j] = load(b + j * L);
            b += ldb;
#pragma GCC unroll 16
            for (int i = 0; i < R; i++) {
                const Vec<T> av = splat(p[i / 3][i % 3 * a.row]);
#pragma GCC unroll 4
                for (int j = 0; j < V; j++) acc[i][j] += av * bv[j];
            }
#pragma GCC unroll 6
            for (int i = 0; i < (R + 2) / 3; i++) p[i] += a.col;
        }
#pragma GCC unroll 6
        for (int i = 0; i < (R + 2) / 3; i++) p[i] += a.turn;
    }
#pragma GCC unroll 16
    for (int i = 0; i < R; i++)
#pragma GCC unroll 4
        for (int j = 0; j < V; j++) store(c + i * PANEL<T> + j * L, acc[i][j]);
}

template <class T>
using Tile = void (*)(int64_t, Left<T>, const T*, ptrdiff_t, T*, Start, const T*);

template <class T, int V, int... R> constexpr Tile<T> tile_of(int rows, std::integer_sequence<int, R...>) {
    constexpr Tile<T> tiles[] = {tile<T, R + 1, V>...};
    return tiles[rows - 1];
}

// m rows of one panel of C: tiles of nearly equal height, since a flat one is slow.
template <class T, int V>
void panel(int64_t m, int64_t k, Left<T> a, const T* b, ptrdiff_t ldb, T* c, Start start,
           const T* bias) {
    for (int64_t left = (m + TILE_ROWS - 1) / TILE_ROWS; left > 0; left--) {
        const int64_t rows = (m + left - 1) / left;
        tile_of<T, V>(rows, std::make_integer_sequence<int, TILE_ROWS>())(k, a, b, ldb, c, start, bias);
        a.at += rows * a.row;
        c += rows * PANEL<T>;
        m -= rows;
    }
}

template <class T>
using Panel = void (*)(int64_t, int64_t, Left<T>, const T*, ptrdiff_t, T*, Start, const T*);

// The function for so many columns of a panel: it computes no more vectors than they need.
template <class T> inline Panel<T> panel_of(int64_t cols) {
    static_assert(TILE_VECTORS <= 3);
    if constexpr (TILE_VECTORS == 3)
        if (cols > 2 * LANES<T>) return panel<T, 3>;
    return cols > LANES<T> ? panel<T, 2> : panel<T, 1>;
}

// One panel of C: m rows from row lo of A, of k numbers, by the panel of B, plus bias if there is one.
template <class T>
void multiply(int64_t m, int64_t k, int64_t cols, Matrix<T> a, int64_t lo, const T* b, ptrdiff_t ldb,
              T* c, const T* bias) {
    for (int64_t q = 0; q < k; q += DEPTH<T>)
        panel_of<T>(cols)(m, std::min(DEPTH<T>, k - q), rows_of(a, lo, q), b + q * ldb, ldb, c,
                          q ? Start::sum : bias ? Start::bias : Start::zero, bias);
}

}  // namespace jubako
