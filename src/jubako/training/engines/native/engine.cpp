// The native engine's interface: what Python calls through ctypes. See docs/engine.md.
#include <string>
#include <string_view>

#include "predictor.hpp"
#include "processor.hpp"
#include "trainer.hpp"

using namespace jubako;

namespace {

// The name of this build, which is compiled several times from this one source.
#if defined(__AVX512F__)
constexpr const char* BUILD = "AVX-512";
#elif defined(__AVX2__)
constexpr const char* BUILD = "AVX2";
#elif defined(__aarch64__)
constexpr const char* BUILD = "NEON";
#elif defined(__SSE2__)
constexpr const char* BUILD = "SSE2";
#else
constexpr const char* BUILD = "baseline";
#endif

// No exception leaves the library: 1 all is done, 0 time is up, -1 no memory, -2 something else.
template <class Job> int guarded(Job job) {
    try {
        return job();
    } catch (const std::bad_alloc&) {
        return -1;
    } catch (...) {
        return -2;
    }
}

template <class T> void apply(const char* name, int64_t n, const T* from, T* to) {
    for (int64_t i = 0; i < n; i += LANES<T>) {
        T part[LANES<T>] = {};
        const int64_t width = std::min<int64_t>(LANES<T>, n - i);
        std::copy_n(from + i, width, part);
        const Vec<T> x = load(part);
        Vec<T> sine;
        const std::string_view f = name;
        store(part, f == "exp"     ? exp(x)
                    : f == "expm1" ? expm1(x)
                    : f == "log"   ? log(x)
                    : f == "log1p" ? log1p(x)
                    : f == "tanh"  ? tanh(x)
                    : f == "ndtr"  ? ndtr(x)
                    : f == "cos"   ? sincos(x, sine)
                    : f == "sin"   ? (sincos(x, sine), sine)
                                   : x);
        std::copy_n(part, width, to + i);
    }
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT const char* jubako_build() { return BUILD; }

EXPORT int jubako_runs_here() { return runs_here(); }

EXPORT const char* jubako_activations() { return jubako::ACTIVATIONS; }
EXPORT const char* jubako_losses() { return jubako::LOSSES; }
EXPORT const char* jubako_layers() { return jubako::LAYERS; }
EXPORT const char* jubako_optimizers() { return jubako::OPTIMIZERS; }

// The bytes of the structs that Python declares too, in the order Layer, Job, PredictJob.
EXPORT const char* jubako_abi() {
    static const std::string sizes = std::to_string(sizeof(Layer)) + " " + std::to_string(sizeof(Job)) +
                                     " " + std::to_string(sizeof(PredictJob));
    return sizes.c_str();
}

// `single`: whether the numbers are float, else double.
EXPORT int jubako_train(const Job* job, int single, double seconds) {
    return guarded([&] { return single ? train<float>(*job, seconds) : train<double>(*job, seconds); });
}

EXPORT int jubako_predict(PredictJob* job, int single, double seconds) {
    return guarded([&] {
        if (!job->predictor)
            job->predictor = single ? static_cast<Predictor*>(new PredictorOf<float>(*job))
                                    : static_cast<Predictor*>(new PredictorOf<double>(*job));
        return static_cast<Predictor*>(job->predictor)->run(seconds);
    });
}

// Give back what `jubako_predict` has kept from call to call.
EXPORT void jubako_end_predict(PredictJob* job) {
    delete static_cast<Predictor*>(job->predictor);
    job->predictor = nullptr;
}

// For tests, like the next one.
EXPORT void jubako_row_order(uint32_t seed, uint64_t epoch, int64_t n, uint32_t* order) {
    RowOrder().write(seed, epoch, n, order);
}

#ifdef JUBAKO_PROFILE
// The names of the phases; ticks in each, of training and then of prediction, and operations of products
// in both, since the last call.
EXPORT const char* jubako_phases() { return PHASES; }
EXPORT void jubako_profile(double* out) {
    counters.add();
    const std::lock_guard<std::mutex> lock(adding);
    memcpy(out, &all_threads, sizeof all_threads);
    all_threads = {};
}
#endif

EXPORT void jubako_apply(const char* name, int64_t n, const float* from, float* to) {
    apply(name, n, from, to);
}
