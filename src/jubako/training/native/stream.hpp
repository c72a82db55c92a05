// The random numbers of dropout: the hash of core/stream.py, bit for bit.
#pragma once
#include "vector.hpp"

namespace jubako {

constexpr uint32_t GOLDEN = 0x9E3779B9;

template <class H> inline H mix(H h) {
    h = (h ^ (h >> 16)) * 0x7FEB352Du;
    h = (h ^ (h >> 15)) * 0x846CA68Bu;
    return h ^ (h >> 16);
}

// What all cells of one draw in one step of one network have in common.
inline uint32_t key_of(uint32_t seed, uint64_t step, uint64_t draw) {
    const uint32_t key = mix<uint32_t>(seed + uint32_t(step) * GOLDEN);
    return mix<uint32_t>(key + uint32_t(draw) * GOLDEN);
}

// What dropout multiplies by, from this cell on: 0 with probability `rate`, else `rest`.
template <class T> inline Vec<T> mask(uint32_t key, uint64_t cell, uint32_t threshold, T rest) {
    typename Kinds<T>::cells h;
    for (int i = 0; i < LANES<T>; i++) h[i] = uint32_t(cell) + uint32_t(i);
    h = mix(key ^ mix(h * GOLDEN));
    Vec<T> v;
    if constexpr (sizeof(T) == 4)
        v = h >= threshold ? splat(rest) : Vec<T>{};
    else
        for (int i = 0; i < LANES<T>; i++) v[i] = h[i] >= threshold ? rest : 0;
    return v;
}

}  // namespace jubako
