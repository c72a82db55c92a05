// Matrix products: C = A B, or bias + A B, or C + A B.
//
// A tile of C, TILE_ROWS x TILE_VECTORS vectors, stays in registers while k runs: for each k one
// vector of B per column of the tile, one number of A per row, and their outer product. Each number
// of C is one sum over k in one order, whatever tile it is in: so it has the same bits however the
// rows and columns are shared out among threads.
#pragma once
#include <algorithm>
#include <utility>

#include "vector.hpp"

namespace jubako {

template <class T> constexpr int PANEL = TILE_VECTORS * LANES<T>;  // columns of B side by side
constexpr int64_t DEPTH = 1024;  // k at a time, so that a panel of B stays in the cache

enum class Start { zero, bias, sum };  // what a tile begins with

// Numbers at a[i * row + k * col].
template <class T> struct Strided {
    const T* at;
    ptrdiff_t row, col;
};

// R rows and V vectors of C. Only `width` columns are C's own; beyond them nothing is stored.
template <class T, int R, int V>
void tile(int64_t k, Strided<T> a, const T* b, ptrdiff_t ldb, T* c, ptrdiff_t ldc, Start start,
          const T* bias, int64_t width) {
    constexpr int L = LANES<T>;
    Vec<T> acc[R][V];
    T edge[R][V * L];
    const bool inner = width >= V * L;
    if (start == Start::sum && !inner) {
        for (int i = 0; i < R; i++) std::copy_n(c + i * ldc, width, edge[i]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < R; i++)
#pragma GCC unroll 4
        for (int j = 0; j < V; j++)
            acc[i][j] = start == Start::zero   ? Vec<T>{}
                        : start == Start::bias ? load(bias + j * L)
                        : inner                ? load(c + i * ldc + j * L)
                                               : load(edge[i] + j * L);
    // three rows to a pointer: x86 addresses p, p + row and p + 2 row without further registers
    const T* p[(R + 2) / 3];
    for (int i = 0; i < R; i += 3) p[i / 3] = a.at + i * a.row;
    for (int64_t q = 0; q < k; q++) {
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
#pragma GCC unroll 16
    for (int i = 0; i < R; i++)
#pragma GCC unroll 4
        for (int j = 0; j < V; j++) store(inner ? c + i * ldc + j * L : edge[i] + j * L, acc[i][j]);
    if (!inner)
        for (int i = 0; i < R; i++) std::copy_n(edge[i], width, c + i * ldc);
}

template <class T>
using Tile = void (*)(int64_t, Strided<T>, const T*, ptrdiff_t, T*, ptrdiff_t, Start, const T*,
                      int64_t);

template <class T, int V, int... R> constexpr Tile<T> tile_of(int rows, std::integer_sequence<int, R...>) {
    constexpr Tile<T> tiles[] = {tile<T, R + 1, V>...};
    return tiles[rows - 1];
}

// m rows of one panel of C: tiles of nearly equal height, since a flat one is slow.
template <class T, int V>
void panel(int64_t m, int64_t k, Strided<T> a, const T* b, ptrdiff_t ldb, T* c, ptrdiff_t ldc,
           Start start, const T* bias, int64_t width) {
    for (int64_t left = (m + TILE_ROWS - 1) / TILE_ROWS; left > 0; left--) {
        const int64_t rows = (m + left - 1) / left;
        tile_of<T, V>(rows, std::make_integer_sequence<int, TILE_ROWS>())(
            k, a, b, ldb, c, ldc, start, bias, width);
        a.at += rows * a.row;
        c += rows * ldc;
        m -= rows;
    }
}

template <class T> using Panel = void (*)(int64_t, int64_t, Strided<T>, const T*, ptrdiff_t, T*,
                                          ptrdiff_t, Start, const T*, int64_t);

// The function for panels that are so many vectors wide.
template <class T> inline Panel<T> panel_of(int64_t vectors) {
    static_assert(TILE_VECTORS <= 3);
    if constexpr (TILE_VECTORS == 3)
        if (vectors == 3) return panel<T, 3>;
    return vectors == 2 ? panel<T, 2> : panel<T, 1>;
}

}  // namespace jubako
