// How much work there is, which decides on how many threads it is shared, and until when it may take.
#pragma once
#include <chrono>

#include "job.hpp"
#include "threads.hpp"

namespace jubako {

constexpr int64_t CHUNK = 512;       // rows at a time: bounds the memory, and keeps it in the cache
constexpr double WORTH = 1.5e6;      // multiplications for which another thread pays: about 15 us

using Clock = std::chrono::steady_clock;

inline Clock::time_point after(double seconds) {
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// Multiplications in one row's forward pass.
inline double work_of_row(const Layer* layers, int64_t n_layers) {
    double work = 0;
    for (int64_t i = 0; i < n_layers; i++)
        work += layers[i].kind == Kind::dense      ? double(layers[i].n_in) * layers[i].n_out
                : layers[i].kind == Kind::periodic ? double(layers[i].b - layers[i].w)
                                                   : 0;
    return work;
}

}  // namespace jubako
