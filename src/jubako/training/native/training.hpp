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

#include "network.hpp"
#include "optimizers.hpp"
#include "threads.hpp"

namespace jubako {

constexpr int64_t CHUNK = 512;       // rows at a time: bounds the memory, and keeps it in the cache
constexpr int64_t SLAB = 8192;       // weights in a slab, about
constexpr double WORTH = 1.5e6;      // multiplications for which another thread pays: about 15 us

// What Python asks for. Arrays are (K, ...) for K networks, E epochs of S steps each.
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
    int64_t n_rows, batch_size;
    double total;  // of the weights; 0: each batch has its own

    int64_t n_networks, n_epochs, n_steps, first_step;
    void* theta;                 // (K, P)
    void *m, *v;                 // (K, P): z of sgd is m
    double* t;                   // (K,)
    const uint32_t* seeds;       // (K,)
    const int64_t* order;        // (E, K, N), or null: as they come
    const void* rates;           // (E, S, K)
    double* losses;              // (E, K)
    void* grad;                  // (E, K, P)
    void *thetas, *ms, *vs;      // (E, K, P): what each epoch left; or null
    double* ts;                  // (E, K)
    int64_t* done;               // (K,): steps so far, over all epochs
    int64_t n_threads;
};

using Clock = std::chrono::steady_clock;

// Some rows of a layer's w, or its other parameters: what one thread updates at a time.
struct Slab {
    int64_t layer, lo, hi;  // rows of w; lo = hi: the biases, or the scale
    int64_t begin, end;     // in theta
    bool is_weight;
    double pace, decay;
};

inline std::vector<Slab> slabs_of(const Layer* layers, int64_t n_layers, int64_t unit) {
    std::vector<Slab> slabs;
    for (int64_t i = 0; i < n_layers; i++) {
        const Layer& layer = layers[i];
        if (layer.kind == Kind::dense) {
            const int64_t rows = round_up(std::max<int64_t>(1, SLAB / layer.n_out), unit);
            for (int64_t lo = 0; lo < layer.n_in; lo += rows) {
                const int64_t hi = std::min(layer.n_in, lo + rows);
                slabs.push_back({i, lo, hi, layer.w + lo * layer.n_out, layer.w + hi * layer.n_out, true,
                                 layer.pace[0], layer.decay[0]});
            }
            slabs.push_back({i, 0, 0, layer.b, layer.b + layer.n_out, false, layer.pace[1], layer.decay[1]});
        } else if (layer.kind == Kind::scale || layer.kind == Kind::periodic) {
            const int64_t n = layer.kind == Kind::scale ? layer.n_out : layer.b - layer.w;
            slabs.push_back({i, 0, 0, layer.w, layer.w + n, false, layer.pace[0], layer.decay[0]});
        }
    }
    return slabs;
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

// Copy row r of x.
template <class T> inline void gather(const T* x, int64_t row, int64_t col, int64_t r, int64_t n, T* to) {
    const T* from = x + r * row;
    if (col == 1) std::copy_n(from, n, to);
    else for (int64_t j = 0; j < n; j++) to[j] = from[j * col];
}

// A place where one team trains one network after the other.
template <class T> class Room {
  public:
    Room(const Job& job, int size)
        : meet(size),
          job(job),
          slabs(slabs_of(job.layers, job.n_layers, PANEL<T>)),
          rows(std::min({CHUNK, job.batch_size, job.n_rows})),
          net(job.layers, job.n_layers, rows, true, arena),
          y(arena.matrix<T>(rows, job.y_cols)),
          row_losses(arena.take<double>(rows)),
          penalties(arena.take<double>(slabs.size())),
          squares(arena.take<double>(slabs.size())),
          turned(size) {
        int64_t most = 0;
        for (const Slab& slab : slabs) most = std::max(most, slab.hi - slab.lo);
        for (auto& matrix : turned) matrix = arena.matrix<T>(LANES<T>, most);
        first_slab.assign(size + 1, slabs.size());  // shares of about the same number of parameters
        first_slab[0] = 0;
        for (size_t s = 0, rank = 1; s < slabs.size(); s++)
            while (rank < size_t(size) && slabs[s].end * size >= int64_t(rank) * job.n_params)
                first_slab[rank++] = s + 1;
    }

    // Train network k until it is done, or the time is up.
    void train(int64_t k, int rank, Clock::time_point until) {
        T* theta = static_cast<T*>(job.theta) + k * job.n_params;
        if (rank == 0) {
            net.pack_all(theta);
            net.seed = job.seeds ? job.seeds[k] : 0;
            net.drops = job.seeds != nullptr;
            going = true;
        }
        meet.wait();
        const int64_t end = job.n_epochs * job.n_steps;
        for (int64_t i = job.done[k]; i < end;) {
            const int64_t e = i / job.n_steps, s = i % job.n_steps;
            step(k, e, s, rank, theta);
            i++;
            if (rank == 0) {
                if (s == job.n_steps - 1) leave(k, e);
                job.done[k] = finite ? i : end;
                for (int64_t j = e; !finite && j < job.n_epochs; j++)
                    job.losses[j * job.n_networks + k] = NAN;
                going = finite && Clock::now() < until;
            }
            meet.wait();
            if (!going) break;
        }
        meet.wait();
    }

    Rendezvous meet;

  private:
    void step(int64_t k, int64_t e, int64_t s, int rank, T* theta) {
        const int64_t P = job.n_params, K = job.n_networks, N = job.n_rows;
        const int64_t begin = s * job.batch_size, m = std::min(job.batch_size, N - begin);
        const int64_t* order = job.order ? job.order + (e * K + k) * N + begin : nullptr;
        const T* w = static_cast<const T*>(job.w);
        auto row = [&](int64_t i) { return order ? order[i] : begin + i; };
        double total = job.total;
        if (!total)
            for (int64_t i = 0; i < m; i++) total += w[row(i)];
        T* grad = static_cast<T*>(job.grad) + (e * K + k) * P;
        const bool clips = job.max_grad_norm < INFINITY;
        Move<T> move = settings(k, e, s, T(total));
        for (int64_t c = 0; c < m; c += rows) {
            const int64_t n = std::min(rows, m - c);
            rows_half(row, c, n * rank / meet.size, n * (rank + 1) / meet.size, T(total), i_step(e, s));
            meet.wait();
            if (rank == 0) {
                if (c == 0) loss = 0;
                for (int64_t i = 0; i < n; i++) loss += row_losses[i];
            }
            for (int64_t b = first_slab[rank]; b < first_slab[rank + 1]; b++) {
                gradient(slabs[b], rank, n, c > 0, grad);
                if (c + n < m) continue;
                if (clips) squares[b] = square(slabs[b], move, theta, grad, penalties[b]);
                else update(slabs[b], k, move, theta, grad, penalties[b]);
            }
            if (c + n < m) meet.wait();
        }
        if (clips) {
            meet.wait();
            double norm = 0;
            for (size_t b = 0; b < slabs.size(); b++) norm += squares[b];
            move.clip = T(job.max_grad_norm / std::max(std::sqrt(norm), job.max_grad_norm));
            move.pull = 0;
            double none;
            for (int64_t b = first_slab[rank]; b < first_slab[rank + 1]; b++)
                update(slabs[b], k, move, theta, grad, none);
        }
        meet.wait();
        if (rank == 0) {
            for (size_t b = 0; b < slabs.size(); b++) loss += penalties[b] / 2;
            finite = std::isfinite(loss);
            if (job.rule != Rule::none && job.t) job.t[k] += 1;
            job.losses[e * K + k] += loss * (double(m) / N);
        }
    }

    uint64_t i_step(int64_t e, int64_t s) const { return job.first_step + e * job.n_steps + s; }

    // Rows lo ... hi of the chunk at c: gather, forward, loss, backward.
    template <class Row>
    void rows_half(Row row, int64_t c, int64_t lo, int64_t hi, T total, uint64_t step) {
        const T *x = static_cast<const T*>(job.x), *ys = static_cast<const T*>(job.y);
        const T* w = static_cast<const T*>(job.w);
        Page<T>& out = net.last_page();
        for (int64_t i = lo; i < hi; i++) {
            gather(x, job.x_row, job.x_col, row(c + i), job.layers[0].n_in, net.x.row(i));
            std::copy_n(ys + row(c + i) * job.y_cols, job.y_cols, y.row(i));
        }
        net.forward(lo, hi, step, c);
        for (int64_t i = lo; i < hi; i++) {
            const T s = w[row(c + i)] / total;
            const T value = LOSS_OF_ROW<T>[job.loss](out.v.row(i), y.row(i), T(job.setting), s, net.n_out(),
                                                     out.dv.row(i));
            row_losses[i] = double(s * value);
        }
        net.backward(lo, hi);
    }

    // grad of a slab: the sum over n rows of u' delta; or added to it.
    void gradient(const Slab& slab, int rank, int64_t n, bool adds, T* grad) {
        constexpr int L = LANES<T>;
        const Layer& layer = job.layers[slab.layer];
        const Page<T>& page = net.pages[slab.layer];
        const Matrix<T> u = page.u, delta = page.dv;
        T* g = grad + slab.begin;
        if (layer.kind == Kind::periodic) {
            page.waves.gradient(n, u, delta, adds, g);
        } else if (slab.lo == slab.hi) {  // columns of delta, or of u * dv
            const bool scale = layer.kind == Kind::scale;
            for (int64_t j = 0; j < layer.n_out; j += L) {
                Vec<T> total{};
                for (int64_t i = 0; i < n; i++) {
                    const Vec<T> d = load(delta.row(i) + j);
                    total += scale ? d * load(u.row(i) + j) : d;
                }
                T sums[L];
                store(sums, total);
                for (int64_t l = 0; l < std::min<int64_t>(L, layer.n_out - j); l++)
                    g[j + l] = adds ? g[j + l] + sums[l] : sums[l];
            }
        } else if (layer.n_out <= L / 2 && layer.n_in > layer.n_out) {
            // w is narrow: its transpose fills the vectors
            const Matrix<T> gt = turned[rank];
            for (int64_t i = slab.lo; i < slab.hi; i += PANEL<T>) {
                const int64_t wide = round_up(std::min<int64_t>(PANEL<T>, slab.hi - i), L);
                panel_of<T>(wide / L)(layer.n_out, n, {delta.at, 1, delta.ld}, u.at + i, u.ld,
                                      gt.at + i - slab.lo, gt.ld, Start::zero, nullptr, wide);
            }
            for (int64_t i = slab.lo; i < slab.hi; i++)
                for (int64_t o = 0; o < layer.n_out; o++, g++)
                    *g = gt.row(o)[i - slab.lo] + (adds ? *g : 0);
        } else {
            for (int64_t j = 0; j < layer.n_out; j += PANEL<T>) {
                const int64_t width = std::min<int64_t>(PANEL<T>, layer.n_out - j);
                panel_of<T>(round_up(width, L) / L)(
                    slab.hi - slab.lo, n, {u.at + slab.lo, 1, u.ld}, delta.at + j, delta.ld, g + j,
                    layer.n_out, adds ? Start::sum : Start::zero, nullptr, width);
            }
        }
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

    void update(const Slab& slab, int64_t k, Move<T> move, T* theta, T* grad, double& penalty) {
        if (job.rule == Rule::none) return;
        if (!slab.is_weight) move.pull = 0;
        move.rate *= T(slab.pace), move.shrink *= T(slab.decay);
        T *m = static_cast<T*>(job.m), *v = static_cast<T*>(job.v);
        if (m) m += k * job.n_params + slab.begin;
        if (v) v += k * job.n_params + slab.begin;
        const int64_t n = slab.end - slab.begin;
        T *th = theta + slab.begin, *g = grad + slab.begin;
        penalty = job.rule == Rule::sgd    ? move_all<Rule::sgd>(move, n, th, g, m, v)
                  : job.rule == Rule::adam ? move_all<Rule::adam>(move, n, th, g, m, v)
                                           : move_all<Rule::nadam>(move, n, th, g, m, v);
        if (slab.lo < slab.hi) net.pack_rows(slab.layer, theta, slab.lo, slab.hi);
        else net.pack_rest(slab.layer, theta);
    }

    // Before clipping: add the penalty's gradient, and return the sum of the squares.
    double square(const Slab& slab, const Move<T>& move, const T* theta, T* grad, double& penalty) {
        double squares = 0, pulls = 0;
        for (int64_t i = slab.begin; i < slab.end; i++) {
            if (slab.is_weight) {
                const T pull = move.pull * theta[i];
                grad[i] += pull;
                pulls += double(pull) * theta[i];
            }
            squares += double(grad[i]) * grad[i];
        }
        penalty = pulls;
        return squares;
    }

    // Write down what epoch e left of network k.
    void leave(int64_t k, int64_t e) {
        const int64_t P = job.n_params, at = (e * job.n_networks + k) * P;
        void *now[3] = {job.theta, job.m, job.v}, *then[3] = {job.thetas, job.ms, job.vs};
        for (int i = 0; i < 3; i++)
            if (then[i]) std::copy_n(static_cast<T*>(now[i]) + k * P, P, static_cast<T*>(then[i]) + at);
        if (job.ts) job.ts[e * job.n_networks + k] = job.t[k];
    }

    const Job& job;
    Arena arena;
    std::vector<Slab> slabs;
    std::vector<int64_t> first_slab;
    int64_t rows;
    Network<T> net;
    Matrix<T> y;
    double *row_losses, *penalties, *squares;
    std::vector<Matrix<T>> turned;  // each thread's gradient of a narrow w, transposed
    double loss = 0;
    bool finite = true, going = true;
};

// Train all networks for at most so many seconds. Returns whether all are done.
template <class T> bool train(const Job& job, double seconds) {
    const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>(seconds));
    const int64_t K = job.n_networks, T_all = std::max<int64_t>(1, job.n_threads);
    const int64_t teams = std::min(K, T_all);
    const double work = 3 * work_of_row(job.layers, job.n_layers) * std::min(job.batch_size, CHUNK);
    const int size = int(std::max<int64_t>(1, std::min<int64_t>(T_all / teams, int64_t(work / WORTH))));
    std::vector<std::unique_ptr<Room<T>>> rooms;
    for (int64_t i = 0; i < teams; i++) rooms.push_back(std::make_unique<Room<T>>(job, size));
    std::vector<int64_t> next(teams, 0);
    std::atomic<int64_t> queue{0};
    auto work_in = [&](int64_t team, int rank) {
        const FlushTiny flush;
        for (;;) {
            if (rank == 0) next[team] = queue.fetch_add(1);
            rooms[team]->meet.wait();
            const int64_t k = next[team];
            rooms[team]->meet.wait();
            if (k >= K) return;
            rooms[team]->train(k, rank, until);
        }
    };
    in_parallel(int(teams) * size, [&](int i) { work_in(i / size, i % size); });
    for (int64_t k = 0; k < K; k++)
        if (job.done[k] < job.n_epochs * job.n_steps) return false;
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
};

template <class T> bool predict(const Question& ask, double seconds) {
    const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>(seconds));
    const int64_t chunks = (ask.n_rows + CHUNK - 1) / CHUNK, rows = std::min(CHUNK, ask.n_rows);
    const double work = work_of_row(ask.layers, ask.n_layers) * ask.n_rows;
    const int n_threads = int(std::max<int64_t>(
        1, std::min({ask.n_threads, chunks, int64_t(work / (4 * WORTH))})));
    std::vector<std::unique_ptr<Arena>> arenas;
    std::vector<std::unique_ptr<Network<T>>> nets;
    for (int i = 0; i < n_threads; i++) {
        arenas.push_back(std::make_unique<Arena>());
        nets.push_back(std::make_unique<Network<T>>(ask.layers, ask.n_layers, rows, false, *arenas[i]));
        nets[i]->packed = ask.n_rows >= 4 * TILE_ROWS;
    }
    for (int64_t k = ask.done[0] / chunks; k < ask.n_networks; k++) {
        std::atomic<int64_t> next{ask.done[0] - k * chunks};
        in_parallel(n_threads, [&](int rank) {
            const FlushTiny flush;
            Network<T>& net = *nets[rank];
            net.pack_all(static_cast<const T*>(ask.theta) + k * ask.n_params);
            const int64_t n_in = ask.layers[0].n_in, n_out = net.n_out();
            while (Clock::now() < until) {
                const int64_t c = next.fetch_add(1);
                if (c >= chunks) break;
                const int64_t begin = c * CHUNK, n = std::min(CHUNK, ask.n_rows - begin);
                for (int64_t i = 0; i < n; i++)
                    gather(static_cast<const T*>(ask.x), ask.x_row, ask.x_col, begin + i, n_in, net.x.row(i));
                net.forward(0, n, 0, 0);
                T* out = static_cast<T*>(ask.out) + (k * ask.n_rows + begin) * n_out;
                for (int64_t i = 0; i < n; i++) std::copy_n(net.last_page().v.row(i), n_out, out + i * n_out);
            }
        });
        ask.done[0] = k * chunks + std::min(chunks, next.load());
        if (Clock::now() >= until) break;
    }
    return ask.done[0] == ask.n_networks * chunks;
}

}  // namespace jubako
