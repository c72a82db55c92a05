// Threads: a barrier for those that share one network's rows, and numbers that round to zero.
#pragma once
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "profile.hpp"
#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace jubako {

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Nobody goes on before all are here. They spin, since the others are only microseconds behind; who
// has spun in vain gives way, since then the machine is busy with something else.
class SpinBarrier {
  public:
    explicit SpinBarrier(int size) : size(size) {}

    void wait() {
        if (size == 1) return;
        const Timed timed(Phase::waiting);
        const uint32_t now = round.load(std::memory_order_relaxed);
        if (here.fetch_add(1, std::memory_order_acq_rel) + 1 == size) {
            here.store(0, std::memory_order_relaxed);
            round.store(now + 1, std::memory_order_release);
            return;
        }
        for (int spins = 0; round.load(std::memory_order_acquire) == now; spins++)
            if (spins < PATIENCE)
                pause();
            else
                std::this_thread::yield();
    }

    const int size;

  private:
    static constexpr int PATIENCE = 2000;
    alignas(64) std::atomic<int> here{0};
    alignas(64) std::atomic<uint32_t> round{0};
};

// Run job(0) ... job(n - 1) at once, job(0) in this thread. Threads are made anew for each call, which
// takes some microseconds: so there is nothing that a fork could lose.
template <class Job> void in_parallel(int n, Job job) {
    std::vector<std::thread> others;
    std::atomic<int> go{0};  // nobody begins before all are there, or else none does
    auto begin = [&](int i) {
        while (go.load(std::memory_order_acquire) == 0) std::this_thread::yield();
        if (go.load(std::memory_order_acquire) == 1) job(i);
    };
    try {
        for (int i = 1; i < n; i++) others.emplace_back(begin, i);
    } catch (...) {
        go.store(2, std::memory_order_release);
        for (std::thread& other : others) other.join();
        throw;
    }
    go.store(1, std::memory_order_release);
    job(0);
    const Timed timed(Phase::waiting);
    for (std::thread& other : others) other.join();
}

// While it lives, numbers below the smallest normal one count as zero: a processor may take a
// hundred times as long for them, and the moments of units that never fire decay to them.
class FlushDenormals {
  public:
#if defined(__x86_64__)
    FlushDenormals() : before(_mm_getcsr()) { _mm_setcsr(before | 0x8040); }
    ~FlushDenormals() { _mm_setcsr(before); }

  private:
    unsigned before;
#elif defined(__aarch64__)
    FlushDenormals() {
        asm volatile("mrs %0, fpcr" : "=r"(before));
        asm volatile("msr fpcr, %0" ::"r"(before | (uint64_t(1) << 24)));
    }
    ~FlushDenormals() { asm volatile("msr fpcr, %0" ::"r"(before)); }

  private:
    uint64_t before;
#endif
};

}  // namespace jubako
