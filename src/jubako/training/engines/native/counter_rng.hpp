// The random numbers of dropout and of the order of rows: the hash of core/counter_rng.py, bit for bit.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "vector.hpp"

namespace jubako {

constexpr uint32_t GOLDEN = 0x9E3779B9;

template <class H> inline H mix(H h) {
    h = (h ^ (h >> 16)) * 0x7FEB352Du;
    h = (h ^ (h >> 15)) * 0x846CA68Bu;
    return h ^ (h >> 16);
}

// What all cells of one draw in one step of one network have in common. For the order of rows,
// which is draw 0, the epoch takes the place of the step.
inline uint32_t key_of(uint32_t seed, uint64_t step, uint64_t draw) {
    const uint32_t key = mix<uint32_t>(seed + uint32_t(step) * GOLDEN);
    return mix<uint32_t>(key + uint32_t(draw) * GOLDEN);
}

// Sorts the numbers 0 ... n - 1 by their hash: `row_order` of core/counter_rng.py. Hashes are spread evenly
// and no two are equal, so one bucket for each row holds about one; insertion does what is left.
class RowOrder {
  public:
    void write(uint32_t seed, uint64_t epoch, int64_t n, uint32_t* order) {
        const uint32_t key = key_of(seed, epoch, 0);
        const int shift = 32 - std::min<int>(32, std::bit_width(uint64_t(n)));
        ends.assign((uint64_t(1) << (32 - shift)) + 1, 0);
        if (int64_t(keys.size()) < n) keys.resize(n), sorted.resize(n);
        for (int64_t i = 0; i < n; i++) {
            const uint32_t hash = mix<uint32_t>(key ^ mix<uint32_t>(uint32_t(i) * GOLDEN));
            keys[i] = uint64_t(hash) << 32 | uint32_t(i);
        }
        for (int64_t i = 0; i < n; i++) ends[(keys[i] >> 32 >> shift) + 1]++;
        for (size_t b = 1; b < ends.size(); b++) ends[b] += ends[b - 1];
        for (int64_t i = 0; i < n; i++) sorted[ends[keys[i] >> 32 >> shift]++] = keys[i];
        for (int64_t i = 1; i < n; i++) {
            const uint64_t now = sorted[i];
            int64_t j = i;
            for (; j > 0 && sorted[j - 1] > now; j--) sorted[j] = sorted[j - 1];
            sorted[j] = now;
        }
        for (int64_t i = 0; i < n; i++) order[i] = uint32_t(sorted[i]);
    }

  private:
    std::vector<uint64_t> keys, sorted;  // a hash, and its row in the low half
    std::vector<uint32_t> ends;          // of each bucket
};

// What dropout multiplies by, from this cell on: 0 with probability `rate`, else `rest`.
template <class T> inline Vec<T> mask(uint32_t key, uint64_t cell, uint32_t threshold, T rest) {
    typename SimdTypes<T>::cells h;
    for (int i = 0; i < LANES<T>; i++) h[i] = uint32_t(i) * GOLDEN;  // a constant
    h = mix(key ^ mix(h + uint32_t(cell) * GOLDEN));
    Vec<T> v;
    if constexpr (sizeof(T) == 4)
        v = h >= threshold ? splat(rest) : Vec<T>{};
    else
        for (int i = 0; i < LANES<T>; i++) v[i] = h[i] >= threshold ? rest : 0;
    return v;
}

}  // namespace jubako
