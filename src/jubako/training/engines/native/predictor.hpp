// Prediction: rows through the networks, chunk by chunk.
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "network.hpp"
#include "work.hpp"

namespace jubako {

// Predicts chunk after chunk of rows. Its workspaces last until all are done, over many calls.
class Predictor {
  public:
    virtual ~Predictor() = default;
    virtual bool run(double seconds) = 0;
};

template <class T> class PredictorOf : public Predictor {
  public:
    explicit PredictorOf(const PredictJob& job) : job(job) {}

    // Predict for at most so many seconds, but each thread at least one task, a chunk of rows through
    // one network: so it ends, however long a task takes. Returns whether all are done.
    bool run(double seconds) override {
        const Timed timed(Phase::setup);
        const int64_t chunks = (job.n_rows + CHUNK - 1) / CHUNK, tasks = job.n_networks * chunks;
        const double work = work_of_row(job.layers, job.n_layers) * job.n_rows * job.n_networks;
        const int n_threads = int(std::max<int64_t>(
            1, std::min({job.n_threads, tasks - job.done[0], int64_t(work / (4 * WORTH))})));
        while (int(places.size()) < n_threads) places.push_back(std::make_unique<Place>(job));
        const auto until = after(seconds);
        std::atomic<int64_t> next{job.done[0]};
        in_parallel(n_threads, [&](int rank) {
            const FlushDenormals flush;
            const Predicting predicting;
            do {
                const int64_t task = next.fetch_add(1);
                if (task >= tasks) break;
                places[rank]->take_over(job, task / chunks);
                predict(places[rank]->net, task / chunks, task % chunks);
            } while (Clock::now() < until);
        });
        job.done[0] = std::min(tasks, next.load());
        return job.done[0] == tasks;
    }

  private:
    // Where one thread works, and whose weights are there.
    struct Place {
        explicit Place(const PredictJob& job)
            : net(job.layers, job.n_layers, std::min(CHUNK, job.n_rows), false,
                  job.n_rows >= 4 * TILE_ROWS, arena) {}

        void take_over(const PredictJob& job, int64_t k) {
            const Timed timed(Phase::copies);
            if (k != network) net.take_over(static_cast<const T*>(job.theta) + k * job.n_params);
            network = k;
        }

        Arena arena;
        Network<T> net;
        int64_t network = -1;
    };

    // Chunk c of the rows through network k.
    void predict(Network<T>& net, int64_t k, int64_t c) const {
        const Timed timed(Phase::gather);
        const int64_t n_in = job.layers[0].n_in, n_out = net.n_out();
        const int64_t begin = c * CHUNK, n = std::min(CHUNK, job.n_rows - begin);
        for (int64_t i = 0; i < n; i++)
            copy_to_row(static_cast<const T*>(job.x) + (begin + i) * job.x_row, job.x_col, n_in, net.x, i);
        net.forward(0, n, 0, 0);
        T* out = static_cast<T*>(job.out) + (k * job.n_rows + begin) * n_out;
        for (int64_t i = 0; i < n; i++) copy_from_row(net.last_page().v, i, n_out, out + i * n_out);
    }

    const PredictJob& job;
    std::vector<std::unique_ptr<Place>> places;
};

}  // namespace jubako
