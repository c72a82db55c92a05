// Vectors as wide as the machine's registers. This file and the compiler's flags are all that the
// builds for AVX-512, AVX2, NEON and the plain baseline differ in.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace jubako {

// bytes of a vector; rows and vectors of the tile that a matrix product keeps in registers
#if defined(__AVX512F__)
constexpr int WIDTH = 64, TILE_ROWS = 12, TILE_VECTORS = 2;  // 24 sums of 32 registers
#elif defined(__AVX2__)
constexpr int WIDTH = 32, TILE_ROWS = 6, TILE_VECTORS = 2;  // 12 of 16
#elif defined(__aarch64__)
constexpr int WIDTH = 16, TILE_ROWS = 8, TILE_VECTORS = 3;  // 24 of 32
#else
constexpr int WIDTH = 16, TILE_ROWS = 4, TILE_VECTORS = 2;  // 8 of 16
#endif

template <class T> struct SimdTypes;
template <> struct SimdTypes<float> {
    typedef float vec __attribute__((vector_size(WIDTH)));
    typedef int32_t ints __attribute__((vector_size(WIDTH)));
    typedef uint32_t cells __attribute__((vector_size(WIDTH)));  // one 32-bit hash for each number
};
template <> struct SimdTypes<double> {
    typedef double vec __attribute__((vector_size(WIDTH)));
    typedef int64_t ints __attribute__((vector_size(WIDTH)));
    typedef uint32_t cells __attribute__((vector_size(WIDTH / 2)));
};
template <class T> using Vec = typename SimdTypes<T>::vec;
template <class T> using Ints = typename SimdTypes<T>::ints;

template <class T> using Whole = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

template <class T> constexpr int LANES = WIDTH / int(sizeof(T));

template <class T> inline Vec<T> load(const T* p) {
    Vec<T> v;
    memcpy(&v, p, WIDTH);
    return v;
}

template <class T> inline void store(T* p, Vec<T> v) { memcpy(p, &v, WIDTH); }

// x in every lane. (x - 0 is x, whatever x is; 0 + x would lose the sign of -0.)
template <class T> inline Vec<T> splat(T x) { return x - Vec<T>{}; }

// first, first + 1, ...
template <class T> inline Ints<T> lanes(int64_t first) {
    Ints<T> v;
    for (int i = 0; i < LANES<T>; i++) v[i] = Whole<T>(first + i);
    return v;
}

// The lanes I of x and y: those of y are counted on from those of x. (g++ before 12 lacks the first.)
template <class T, int... I> [[gnu::always_inline]] inline Vec<T> shuffle(Vec<T> x, Vec<T> y) {
#if __has_builtin(__builtin_shufflevector)
    return __builtin_shufflevector(x, y, I...);
#else
    return __builtin_shuffle(x, y, Ints<T>{I...});
#endif
}

// The sum of all lanes: of halves, quarters and so on.
template <class T, int HALF, int... I>
[[gnu::always_inline]] inline T sum_halves(Vec<T> v, std::integer_sequence<int, I...> lanes) {
    v += shuffle<T, (I ^ HALF)...>(v, v);
    if constexpr (HALF > 1) return sum_halves<T, HALF / 2>(v, lanes);
    else return v[0];
}
template <class T> inline T sum(Vec<T> v) {
    return sum_halves<T, LANES<T> / 2>(v, std::make_integer_sequence<int, LANES<T>>());
}

// The sums of all lanes of each of LANES vectors, which are overwritten. Halves of two vectors are added
// at a time, in the order of `sum`: so both give the same bits.
template <class T, int HALF, int... I>
[[gnu::always_inline]] inline Vec<T> sums_of_halves(Vec<T>* v, std::integer_sequence<int, I...> lanes) {
    constexpr int L = LANES<T>;
#pragma GCC unroll 16
    for (int i = 0; i < HALF; i++)
        v[i] = shuffle<T, (I & HALF ? L + (I ^ HALF) : I)...>(v[i], v[i + HALF]) +
               shuffle<T, (I & HALF ? L + I : I ^ HALF)...>(v[i], v[i + HALF]);
    if constexpr (HALF > 1) return sums_of_halves<T, HALF / 2>(v, lanes);
    else return v[0];
}
template <class T> inline Vec<T> sums(Vec<T>* v) {
    return sums_of_halves<T, LANES<T> / 2>(v, std::make_integer_sequence<int, LANES<T>>());
}

inline int64_t round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

}  // namespace jubako
