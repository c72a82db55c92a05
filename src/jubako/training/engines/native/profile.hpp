// The time of each phase, for bench/fit.py. Only a build with JUBAKO_PROFILE has it: in the others
// nothing of it is left.
#pragma once
#ifdef JUBAKO_PROFILE
#include <algorithm>
#include <mutex>
#include <x86intrin.h>
#endif

namespace jubako {

constexpr const char* PHASES =
    "outside setup gather forward backward gradients activations periodic lookup dropout elementwise loss "
    "update copies order waiting";
enum class Phase { outside, setup, gather, forward, backward, gradients, activations, periodic, lookup,
                   dropout, elementwise, loss, update, copies, order, waiting };

#ifdef JUBAKO_PROFILE

constexpr int N_PHASES = int(Phase::waiting) + 1;

// Ticks of the processor's clock in each phase of training, of prediction; then multiplications and
// additions of products in both.
struct Counters {
    double ticks[2][N_PHASES] = {}, flops[2] = {};
};
inline Counters all_threads;
inline std::mutex adding;

// The counters of one thread, which are added to those of all when it ends.
struct ThreadCounters : Counters {
    int predicts = 0;
    Phase phase = Phase::outside;
    uint64_t since = __rdtsc();

    void enter(Phase next) {
        const uint64_t now = __rdtsc();
        ticks[predicts][int(phase)] += double(now - since);
        phase = next, since = now;
    }
    void add() {
        enter(phase);
        const std::lock_guard<std::mutex> lock(adding);
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < N_PHASES; j++) all_threads.ticks[i][j] += ticks[i][j];
            all_threads.flops[i] += flops[i];
        }
        static_cast<Counters&>(*this) = {};
    }
    ~ThreadCounters() { add(); }
};
inline thread_local ThreadCounters counters;

// While it lives, this thread is in a phase; phases within it are not part of it.
class Timed {
  public:
    explicit Timed(Phase phase, double flops = 0) : outer(counters.phase) {
        counters.enter(phase);
        counters.flops[counters.predicts] += flops;
    }
    ~Timed() { counters.enter(outer); }

  private:
    Phase outer;
};

// While it lives, this thread predicts.
class Predicting {
  public:
    Predicting() { counters.enter(counters.phase), counters.predicts = 1; }
    ~Predicting() { counters.enter(counters.phase), counters.predicts = 0; }
};

#else

struct Timed {
    explicit Timed(Phase, double = 0) {}
};
struct Predicting {
    Predicting() {}
};

#endif

}  // namespace jubako
