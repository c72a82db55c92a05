// Training: epochs of steps. A step has two halves, with a rendezvous of the team after each.
//
//   rows:     each thread takes some rows of the batch forward, to their loss, and backward
//   weights:  each thread takes some slabs of the weights: their gradient over all rows, the update,
//             and their place in the panels that the next step reads
//
// So every number is computed by one thread from start to end, in an order that does not depend on
// how many threads there are: any number of them gives the same bits.
#pragma once
#include <chrono>

#include "losses.hpp"
#include "network.hpp"
#include "optimizers.hpp"
#include "threads.hpp"

namespace jubako {

constexpr int64_t CHUNK = 512;       // rows at a time: bounds the memory, and keeps it in the cache
constexpr double WORTH = 1.5e6;      // multiplications for which another thread pays: about 15 us

// What Python asks for. Arrays are (K, ...) for K networks, E epochs of at most S steps each.
struct Job {
    const Layer* layers;
    int64_t n_layers, n_params;
    int32_t loss;
    double setting;  // of the loss
    double alpha;
    Rule rule;
    double settings[3];  // sgd: momentum, nesterov; adam: beta_1, beta_2, epsilon
    double weight_decay, max_grad_norm;

    const void* x;  // rows and columns may be any distance apart
    int64_t x_row, x_col;
    const void* y;  // (N, y_cols)
    int64_t y_cols;
    const void* w;  // (N,)
    int64_t n_rows, most_rows, batch_size;  // in the table; of one network
    double total;  // of the weights; 0: each batch has its own

    const int64_t* rows;         // those that each network learns from, one after the other; or null: all
    const int64_t* first_rows;   // (K + 1,): where those of each network begin
    uint32_t* order;             // (K, most rows): where each network writes its order; or null: as they come
    int64_t* ordered;            // (K,): the epoch whose order that is, or -1

    int64_t n_networks, n_epochs, n_steps, first_epoch;  // since training began
    void* theta;                 // (K, P)
    void *m, *v;                 // (K, P): z of sgd is m
    double* t;                   // (K,)
    const uint32_t* seeds;       // (K,)
    const void* rates;           // (E, S, K)
    double* losses;              // (E, K)
    void* grad;                  // (E, K, P)
    void *thetas, *ms, *vs;      // (E, K, P): what each epoch left; or null
    double* ts;                  // (E, K)
    int64_t* done;               // (K,): steps so far, over all epochs
    int64_t n_threads;

    // The rows that network k learns from, in how many steps an epoch, and which row is its i-th.
    int64_t n_rows_of(int64_t k) const { return rows ? first_rows[k + 1] - first_rows[k] : n_rows; }
    int64_t n_steps_of(int64_t k) const { return (n_rows_of(k) + batch_size - 1) / batch_size; }
    int64_t row_of(int64_t k, int64_t i) const { return rows ? rows[first_rows[k] + i] : i; }
    uint32_t* order_of(int64_t k) const { return order ? order + k * most_rows : nullptr; }
};

using Clock = std::chrono::steady_clock;

// Multiplications in one row's forward pass.
inline double work_of_row(const Layer* layers, int64_t n_layers) {
    double work = 0;
    for (int64_t i = 0; i < n_layers; i++)
        work += layers[i].kind == Kind::dense      ? double(layers[i].n_in) * layers[i].n_out
                : layers[i].kind == Kind::periodic ? double(layers[i].b - layers[i].w)
                                                   : 0;
    return work;
}

// A place where one team trains one network after the other.
template <class T> class Room {
  public:
    Room(const Job& job, int size)
        : meet(size),
          job(job),
          rows(std::min({CHUNK, job.batch_size, job.most_rows})),
          net(job.layers, job.n_layers, rows, true, true, arena),
          m(job.m ? arena.take<T>(net.n_padded) : nullptr),
          v(job.v ? arena.take<T>(net.n_padded) : nullptr),
          grad(arena.take<T>(net.n_padded)),
          row_losses(arena.take<double>(rows)),
          penalties(arena.take<double>(net.slabs.size())),
          squares(arena.take<double>(net.slabs.size())),
          desks(size) {
        int64_t most = 0;
        for (const Slab& slab : net.slabs) most = std::max(most, slab.end - slab.begin);
        for (Desk& desk : desks) {
            const int64_t outputs = std::max(net.n_out(), job.y_cols) * LANES<T>;
            desk = {arena.take<T>(outputs), arena.take<T>(outputs), arena.take<T>(outputs),
                    arena.take<T>(most)};
        }
        // shares of about the same work: to update a parameter takes as long as about 54
        // multiplications for its gradient, to copy it as long as 30
        std::vector<int64_t> work{0};
        for (const Slab& slab : net.slabs)
            work.push_back(work.back() + (slab.end - slab.begin) * (rows + 54 + 30 * net.is_copied(slab)));
        for (int rank = 0; rank <= size; rank++)
            first_slab.push_back(std::lower_bound(work.begin(), work.end(), work.back() * rank / size) -
                                 work.begin());
    }

    // Train network k until it is done, or the time is up.
    void train(int64_t k, int rank, Clock::time_point until) {
        const int64_t P = job.n_params, n_steps = job.n_steps_of(k), end = job.n_epochs * n_steps;
        T* const ours[] = {net.params, m, v};
        void* const theirs[] = {job.theta, job.m, job.v};
        of_each_slab(rank, [&](const Slab& slab) {
            for (int i = 0; i < 3; i++)
                if (ours[i]) net.read(slab, static_cast<T*>(theirs[i]) + k * P, ours[i]);
            net.refresh(slab);
        });
        if (rank == 0) {
            net.seed = job.seeds ? job.seeds[k] : 0;
            net.drops = job.seeds != nullptr;
        }
        const int64_t start = job.done[k];  // read before the first step changes it
        meet.wait();
        for (int64_t i = start; i < end;) {
            const int64_t e = i / n_steps, s = i % n_steps;
            if (job.order && (s == 0 || i == start)) {
                if (rank == 0) arrange(k, e);
                meet.wait();
            }
            const bool finite = step(k, e, s, rank, until);
            i = finite ? i + 1 : end;
            if (s == n_steps - 1 || !finite) leave(k, e, rank, finite);
            if (rank == 0) {
                job.done[k] = i;
                for (int64_t j = e; !finite && j < job.n_epochs; j++)
                    job.losses[j * job.n_networks + k] = NAN;
            }
            if (!going) break;
        }
        of_each_slab(rank, [&](const Slab& slab) {
            for (int i = 0; i < 3; i++)
                if (ours[i]) net.write(slab, ours[i], static_cast<T*>(theirs[i]) + k * P);
        });
        meet.wait();
    }

    Rendezvous meet;

  private:
    // Numbers that one thread works with: b, y and delta of LANES rows, and the gradient of a slab.
    struct Desk {
        T *b, *y, *delta, *grad;
    };

    template <class Job> void of_each_slab(int rank, Job job) {
        for (int64_t b = first_slab[rank]; b < first_slab[rank + 1]; b++) job(net.slabs[b]);
    }

    // Choose the order in which network k sees its rows in epoch e, if that is not done yet.
    void arrange(int64_t k, int64_t e) {
        if (job.ordered[k] == e) return;
        row_order.write(job.seeds[k], job.first_epoch + e, job.n_rows_of(k), job.order_of(k));
        job.ordered[k] = e;
    }

    // Returns whether the loss was finite.
    bool step(int64_t k, int64_t e, int64_t s, int rank, Clock::time_point until) {
        const int64_t K = job.n_networks, N = job.n_rows_of(k), n_steps = job.n_steps_of(k);
        const int64_t begin = s * job.batch_size, n_batch = std::min(job.batch_size, N - begin);
        const uint64_t number = (job.first_epoch + e) * n_steps + s;  // of this step in the run
        const uint32_t* order = job.order_of(k);
        const T* w = static_cast<const T*>(job.w);
        auto row = [&](int64_t i) { return job.row_of(k, order ? order[begin + i] : begin + i); };
        double total = job.total;
        if (!total)
            for (int64_t i = 0; i < n_batch; i++) total += w[row(i)];
        const bool clips = job.max_grad_norm < INFINITY;
        // whether anybody reads the gradient after the update
        const bool keeps = clips || n_batch > rows || s == n_steps - 1;
        Move<T> move = settings(k, e, s, T(total));
        for (int64_t c = 0; c < n_batch; c += rows) {
            const int64_t n = std::min(rows, n_batch - c);
            const bool last = c + n == n_batch;
            rows_half(row, c, n * rank / meet.size, n * (rank + 1) / meet.size, T(total), number,
                      desks[rank]);
            meet.wait();
            if (rank == 0) {
                if (c == 0) loss = 0;
                for (int64_t i = 0; i < n; i++) loss += row_losses[i];
                going = Clock::now() < until;
            }
            of_each_slab(rank, [&](const Slab& slab) {
                T* g = keeps ? grad + slab.begin : desks[rank].grad;
                gradient(slab, n, c > 0, g);
                if (!last) return;
                const int64_t b = &slab - net.slabs.data();
                if (clips) squares[b] = square(slab, move, g, penalties[b]);
                else penalties[b] = update(slab, move, g);
            });
            if (!last) meet.wait();
        }
        if (clips) {
            meet.wait();
            double norm = 0;
            for (size_t b = 0; b < net.slabs.size(); b++) norm += squares[b];
            move.clip = T(job.max_grad_norm / std::max(std::sqrt(norm), job.max_grad_norm));
            move.pull = 0;
            of_each_slab(rank, [&](const Slab& slab) { update(slab, move, grad + slab.begin); });
        }
        if (rank == 0 && job.rule != Rule::none && job.t) job.t[k] += 1;
        meet.wait();
        double sum = loss;  // each thread finds it by itself, so that nobody has to wait for it
        for (size_t b = 0; b < net.slabs.size(); b++) sum += penalties[b] / 2;
        if (rank == 0) job.losses[e * K + k] += sum * (double(n_batch) / N);
        return std::isfinite(sum);
    }

    // Rows lo ... hi of the chunk at c: gather, forward, loss, backward.
    template <class Row>
    void rows_half(Row row, int64_t c, int64_t lo, int64_t hi, T total, uint64_t step, const Desk& desk) {
        constexpr int L = LANES<T>;
        const T *x = static_cast<const T*>(job.x), *ys = static_cast<const T*>(job.y);
        const T* w = static_cast<const T*>(job.w);
        const Page<T>& out = net.last_page();
        for (int64_t i = lo; i < hi; i++)
            copy_to_row(x + row(c + i) * job.x_row, job.x_col, job.layers[0].n_in, net.x, i);
        net.forward(lo, hi, step, c);
        for (int64_t i = lo; i < hi; i += L) {
            const int64_t n = std::min<int64_t>(L, hi - i);
            for (int64_t j = 0; j < net.n_out(); j += L)
                transpose_square(out.v.cell(i, j), PANEL<T>, n, desk.b + j * L, L, net.n_out() - j);
            Vec<T> s{};
            for (int64_t l = 0; l < n; l++) {
                s[l] = w[row(c + i + l)] / total;
                for (int64_t j = 0; j < job.y_cols; j++)
                    desk.y[j * L + l] = ys[row(c + i + l) * job.y_cols + j];
            }
            const Vec<T> values =
                s * LOSS_OF_ROWS<T>[job.loss](desk.b, desk.y, T(job.setting), s, net.n_out(), desk.delta);
            for (int64_t l = 0; l < n; l++) row_losses[i + l] = values[l];
            for (int64_t j = 0; j < net.n_out(); j += L)
                transpose_square(desk.delta + j * L, L, net.n_out() - j, out.dv.cell(i, j), PANEL<T>, n);
        }
        net.backward(lo, hi);
    }

    // g, the gradient of a slab: the sum over n rows of u' delta; or added to it.
    void gradient(const Slab& slab, int64_t n, bool adds, T* g) {
        constexpr int L = LANES<T>;
        const Layer& layer = job.layers[slab.layer];
        const Page<T>& page = net.pages[slab.layer];
        const Matrix<T> u = page.u, delta = page.dv;
        if (layer.kind == Kind::periodic) {
            page.waves.gradient(n, u, delta, adds, g);
        } else if (layer.kind == Kind::lookup) {
            page.tables.gradient(n, u, delta, adds, slab.col, slab.col + slab.cols, g);
        } else if (!slab.is_weight) {  // columns of delta, or of u * dv
            for (int64_t j = 0; j < slab.cols; j += L) {
                const T *d = delta.cell(0, j), *from = u.cell(0, j);
                const bool scale = layer.kind == Kind::scale;
                auto term = [=](int64_t i) {
                    return scale ? load(d + i * PANEL<T>) * load(from + i * PANEL<T>) : load(d + i * PANEL<T>);
                };
                Vec<T> part[4] = {};  // several sums, since each addition waits for the one before
                int64_t i = 0;
                for (; i + 4 <= n; i += 4)
#pragma GCC unroll 4
                    for (int l = 0; l < 4; l++) part[l] += term(i + l);
                for (; i < n; i++) part[0] += term(i);
                const Vec<T> total = (part[0] + part[1]) + (part[2] + part[3]);
                store(g + j, adds ? load(g + j) + total : total);
            }
        } else {
            const Matrix<T> left = page.turned ? delta : u, right = page.turned ? u : delta;
            for (int64_t i = slab.lo; i < slab.hi; i += PANEL<T>)
                panel_of<T>(slab.cols)(std::min<int64_t>(PANEL<T>, slab.hi - i), n, columns_of(left, i),
                                       right.panel(slab.col), PANEL<T>, g + (i - slab.lo) * PANEL<T>,
                                       adds ? Start::sum : Start::zero, nullptr);
        }
        // there is nothing to learn in the padding
        const int64_t size = slab.end - slab.begin, width = size / (slab.hi - slab.lo);
        for (T* row = g; slab.cols < width && row < g + size; row += width)
            std::fill(row + slab.cols, row + width, T(0));
    }

    // What one step of network k multiplies by.
    Move<T> settings(int64_t k, int64_t e, int64_t s, T total) const {
        Move<T> move;
        move.rate = 0;
        if (job.rule == Rule::none) return move;
        const T lr = static_cast<const T*>(job.rates)[(e * job.n_steps + s) * job.n_networks + k];
        const double *set = job.settings, t = job.t ? job.t[k] + 1 : 0;
        move.pull = T(job.alpha) / total;
        move.shrink = lr * T(job.weight_decay);
        if (job.rule == Rule::sgd) {
            move.rate = lr, move.a = T(set[0]), move.b = T(set[1]);
        } else {
            const double ahead = job.rule == Rule::nadam ? t + 1 : t;
            move.rate = T(lr * std::sqrt(1 - std::pow(set[1], t)) / (1 - std::pow(set[0], ahead)));
            move.a = T(1 - set[0]), move.b = T(1 - set[1]), move.c = T(set[2]);
        }
        return move;
    }

    // Move a slab's parameters; returns its penalty.
    double update(const Slab& slab, Move<T> move, T* g) {
        if (job.rule == Rule::none) return 0;
        if (!slab.is_weight) move.pull = 0;
        move.rate *= T(slab.pace), move.shrink *= T(slab.decay);
        const int64_t n = slab.end - slab.begin;
        T *theta = net.params + slab.begin, *m = this->m + slab.begin, *v = this->v ? this->v + slab.begin : nullptr;
        const double penalty = job.rule == Rule::sgd    ? move_all<Rule::sgd>(move, n, theta, g, m, v)
                               : job.rule == Rule::adam ? move_all<Rule::adam>(move, n, theta, g, m, v)
                                                        : move_all<Rule::nadam>(move, n, theta, g, m, v);
        net.refresh(slab);
        return penalty;
    }

    // Before clipping: add the penalty's gradient, and return the sum of the squares.
    double square(const Slab& slab, const Move<T>& move, T* g, double& penalty) {
        const T* theta = net.params + slab.begin;
        double squares = 0, pulls = 0;
        for (int64_t i = 0; i < slab.end - slab.begin; i++) {
            if (slab.is_weight) {
                const T pull = move.pull * theta[i];
                g[i] += pull;
                pulls += double(pull) * theta[i];
            }
            squares += double(g[i]) * g[i];
        }
        penalty = pulls;
        return squares;
    }

    // Write down what epoch e left of network k, as far as this thread has it. Of an epoch that did
    // not end there may be no gradient.
    void leave(int64_t k, int64_t e, int rank, bool finite) {
        const int64_t at = (e * job.n_networks + k) * job.n_params;
        T* const ours[] = {net.params, m, v, grad};
        void* const theirs[] = {job.thetas, job.ms, job.vs, job.grad};
        of_each_slab(rank, [&](const Slab& slab) {
            if (!finite) std::fill_n(grad + slab.begin, slab.end - slab.begin, T(NAN));
            for (int i = 0; i < 4; i++)
                if (theirs[i]) net.write(slab, ours[i], static_cast<T*>(theirs[i]) + at);
        });
        if (rank == 0 && job.ts) job.ts[e * job.n_networks + k] = job.t[k];
    }

    const Job& job;
    Arena arena;
    std::vector<int64_t> first_slab;
    int64_t rows;
    Network<T> net;
    T *m, *v, *grad;  // the optimizer's memory and the gradient, in the order of `params`
    double *row_losses, *penalties, *squares;
    std::vector<Desk> desks;
    RowOrder row_order;
    double loss = 0;
    bool going = true;
};

// Train networks first ... last, each by a team of its own, with so many teams at once.
template <class T>
void train(const Job& job, int64_t first, int64_t last, int64_t teams, int size, Clock::time_point until) {
    std::vector<std::unique_ptr<Room<T>>> rooms;
    for (int64_t i = 0; i < teams; i++) rooms.push_back(std::make_unique<Room<T>>(job, size));
    std::vector<int64_t> next(teams, 0);
    std::atomic<int64_t> queue{first};
    auto work_in = [&](int64_t team, int rank) {
        const FlushTiny flush;
        for (;;) {
            if (rank == 0) next[team] = queue.fetch_add(1);
            rooms[team]->meet.wait();
            const int64_t k = next[team];
            rooms[team]->meet.wait();
            if (k >= last) return;
            rooms[team]->train(k, rank, until);
        }
    };
    in_parallel(int(teams) * size, [&](int i) { work_in(i / size, i % size); });
}

// Train all networks for at most so many seconds. Returns whether all are done. Each thread trains as
// many as the others by itself; what is left over, or all where they are fewer than the threads, is
// trained by teams, if a step is long enough.
template <class T> bool train(const Job& job, double seconds) {
    const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>(seconds));
    const int64_t K = job.n_networks, T_all = std::max<int64_t>(1, job.n_threads);
    const double work = 3 * work_of_row(job.layers, job.n_layers) * std::min(job.batch_size, CHUNK);
    const int64_t most = std::max<int64_t>(1, int64_t(work / WORTH));  // threads in a team
    const int64_t alone = K / T_all * T_all, left = K - alone;
    if (alone) train<T>(job, 0, alone, T_all, 1, until);
    if (left) train<T>(job, alone, K, left, int(std::min(T_all / left, most)), until);
    for (int64_t k = 0; k < K; k++)
        if (job.done[k] < job.n_epochs * job.n_steps_of(k)) return false;
    return true;
}

// What Python asks for when it predicts.
struct Question {
    const Layer* layers;
    int64_t n_layers, n_params;
    const void* x;
    int64_t x_row, x_col, n_rows;
    const void* theta;  // (K, P)
    int64_t n_networks;
    void* out;      // (K, N, n_out)
    int64_t* done;  // (1,): chunks of rows so far, over all networks
    int64_t n_threads;
    void* predictor;  // of the calls before; null at first
};

// Predicts chunk after chunk of rows. Its workspaces last until all are done, over many calls.
class Predictor {
  public:
    virtual ~Predictor() = default;
    virtual bool run(double seconds) = 0;
};

template <class T> class PredictorOf : public Predictor {
  public:
    explicit PredictorOf(const Question& ask) : ask(ask) {}

    // Predict for at most so many seconds, but each thread at least one chunk: so it ends, however
    // long a chunk takes. Returns whether all are done.
    bool run(double seconds) override {
        const int64_t chunks = (ask.n_rows + CHUNK - 1) / CHUNK;
        const double work = work_of_row(ask.layers, ask.n_layers) * ask.n_rows;
        const int n_threads = int(std::max<int64_t>(
            1, std::min({ask.n_threads, chunks, int64_t(work / (4 * WORTH))})));
        while (int(places.size()) < n_threads) places.push_back(std::make_unique<Place>(ask));
        const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                              std::chrono::duration<double>(seconds));
        for (int64_t k = ask.done[0] / chunks; k < ask.n_networks; k++) {
            std::atomic<int64_t> next{ask.done[0] - k * chunks};
            in_parallel(n_threads, [&](int rank) {
                const FlushTiny flush;
                places[rank]->take_over(ask, k);
                do {
                    const int64_t c = next.fetch_add(1);
                    if (c >= chunks) break;
                    predict(places[rank]->net, k, c);
                } while (Clock::now() < until);
            });
            ask.done[0] = k * chunks + std::min(chunks, next.load());
            if (Clock::now() >= until) break;
        }
        return ask.done[0] == ask.n_networks * chunks;
    }

  private:
    // Where one thread works, and whose weights are there.
    struct Place {
        explicit Place(const Question& ask)
            : net(ask.layers, ask.n_layers, std::min(CHUNK, ask.n_rows), false,
                  ask.n_rows >= 4 * TILE_ROWS, arena) {}

        void take_over(const Question& ask, int64_t k) {
            if (k != network) net.take_over(static_cast<const T*>(ask.theta) + k * ask.n_params);
            network = k;
        }

        Arena arena;
        Network<T> net;
        int64_t network = -1;
    };

    // Chunk c of the rows through network k.
    void predict(Network<T>& net, int64_t k, int64_t c) const {
        const int64_t n_in = ask.layers[0].n_in, n_out = net.n_out();
        const int64_t begin = c * CHUNK, n = std::min(CHUNK, ask.n_rows - begin);
        for (int64_t i = 0; i < n; i++)
            copy_to_row(static_cast<const T*>(ask.x) + (begin + i) * ask.x_row, ask.x_col, n_in, net.x, i);
        net.forward(0, n, 0, 0);
        T* out = static_cast<T*>(ask.out) + (k * ask.n_rows + begin) * n_out;
        for (int64_t i = 0; i < n; i++) copy_from_row(net.last_page().v, i, n_out, out + i * n_out);
    }

    const Question& ask;
    std::vector<std::unique_ptr<Place>> places;
};

}  // namespace jubako
