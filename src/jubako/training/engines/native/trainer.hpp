// Training: epochs of steps. A step has two halves, with a barrier of the team after each.
//
//   rows:     each thread takes some rows of the batch forward, to their loss, and backward
//   weights:  each thread takes some blocks of the weights: their gradient over all rows, the update,
//             and their place in the panels that the next step reads
//
// So every number is computed by one thread from start to end, in an order that does not depend on
// how many threads there are: any number of them gives the same bits.
#pragma once
#include "losses.hpp"
#include "network.hpp"
#include "optimizers.hpp"
#include "work.hpp"

namespace jubako {

// Trains one network after the other, with a team of threads.
template <class T> class Trainer {
  public:
    Trainer(const Job& job, int size)
        : meet(size),
          job(job),
          rows(std::min({CHUNK, job.batch_size, job.most_rows})),
          net(job.layers, job.n_layers, rows, true, true, arena),
          m(job.m ? arena.take<T>(net.n_padded) : nullptr),
          v(job.v ? arena.take<T>(net.n_padded) : nullptr),
          grad(arena.take<T>(net.n_padded)),
          row_losses(arena.take<double>(rows)),
          penalties(arena.take<double>(net.blocks.size())),
          squares(arena.take<double>(net.blocks.size())),
          scratches(size) {
        int64_t most = 0;
        for (const ParameterBlock& block : net.blocks) most = std::max(most, block.end - block.begin);
        for (Scratch& scratch : scratches) {
            const int64_t outputs = std::max(net.n_out(), job.y_cols) * LANES<T>;
            scratch = {arena.take<T>(outputs), arena.take<T>(outputs), arena.take<T>(outputs),
                    arena.take<T>(most)};
        }
        // shares of about the same work: to update a parameter takes as long as about 54
        // multiplications for its gradient, to copy it as long as 30
        std::vector<int64_t> work{0};
        for (const ParameterBlock& block : net.blocks)
            work.push_back(work.back() + (block.end - block.begin) * (rows + 54 + 30 * net.is_copied(block)));
        for (int rank = 0; rank <= size; rank++)
            first_block.push_back(std::lower_bound(work.begin(), work.end(), work.back() * rank / size) -
                                 work.begin());
    }

    // Train network k until it is done, or the time is up.
    void train(int64_t k, int rank, Clock::time_point until) {
        const Timed timed(Phase::copies);
        const int64_t P = job.n_params, n_steps = job.n_steps_of(k), end = job.n_epochs * n_steps;
        T* const ours[] = {net.params, m, v};
        void* const theirs[] = {job.theta, job.m, job.v};
        of_each_block(rank, [&](const ParameterBlock& block) {
            for (int i = 0; i < 3; i++)
                if (ours[i]) net.read(block, static_cast<T*>(theirs[i]) + k * P, ours[i]);
            net.refresh(block);
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
        of_each_block(rank, [&](const ParameterBlock& block) {
            for (int i = 0; i < 3; i++)
                if (ours[i]) net.write(block, ours[i], static_cast<T*>(theirs[i]) + k * P);
        });
        meet.wait();
    }

    SpinBarrier meet;

  private:
    // Numbers that one thread works with: b, y and delta of LANES rows, and the gradient of a block.
    struct Scratch {
        T *b, *y, *delta, *grad;
    };

    template <class Job> void of_each_block(int rank, Job job) {
        for (int64_t b = first_block[rank]; b < first_block[rank + 1]; b++) job(net.blocks[b]);
    }

    // Choose the order in which network k sees its rows in epoch e, if that is not done yet.
    void arrange(int64_t k, int64_t e) {
        if (job.ordered[k] == e) return;
        const Timed timed(Phase::order);
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
        StepCoefficients<T> coef = settings(k, e, s, T(total));
        for (int64_t c = 0; c < n_batch; c += rows) {
            const int64_t n = std::min(rows, n_batch - c);
            const bool last = c + n == n_batch;
            rows_half(row, c, n * rank / meet.size, n * (rank + 1) / meet.size, T(total), number,
                      scratches[rank]);
            meet.wait();
            if (rank == 0) {
                if (c == 0) loss = 0;
                for (int64_t i = 0; i < n; i++) loss += row_losses[i];
                going = Clock::now() < until;
            }
            of_each_block(rank, [&](const ParameterBlock& block) {
                T* g = keeps ? grad + block.begin : scratches[rank].grad;
                gradient(block, n, c > 0, g);
                if (!last) return;
                const int64_t b = &block - net.blocks.data();
                if (clips) squares[b] = square(block, coef, g, penalties[b]);
                else penalties[b] = update(block, coef, g);
            });
            if (!last) meet.wait();
        }
        if (clips) {
            meet.wait();
            double norm = 0;
            for (size_t b = 0; b < net.blocks.size(); b++) norm += squares[b];
            coef.clip = T(job.max_grad_norm / std::max(std::sqrt(norm), job.max_grad_norm));
            coef.pull = 0;
            of_each_block(rank, [&](const ParameterBlock& block) { update(block, coef, grad + block.begin); });
        }
        if (rank == 0 && job.rule != Rule::none && job.t) job.t[k] += 1;
        meet.wait();
        double sum = loss;  // each thread finds it by itself, so that nobody has to wait for it
        for (size_t b = 0; b < net.blocks.size(); b++) sum += penalties[b] / 2;
        if (rank == 0) job.losses[e * K + k] += sum * (double(n_batch) / N);
        return std::isfinite(sum);
    }

    // Rows lo ... hi of the chunk at c: gather, forward, loss, backward.
    template <class Row>
    void rows_half(Row row, int64_t c, int64_t lo, int64_t hi, T total, uint64_t step, const Scratch& scratch) {
        constexpr int L = LANES<T>;
        const T *x = static_cast<const T*>(job.x), *ys = static_cast<const T*>(job.y);
        const T* w = static_cast<const T*>(job.w);
        const Page<T>& out = net.last_page();
        const Timed timed(Phase::gather);
        for (int64_t i = lo; i < hi; i++) {
            __builtin_prefetch(x + row(c + std::min(i + 16, hi - 1)) * job.x_row);  // rows come in any order
            copy_to_row(x + row(c + i) * job.x_row, job.x_col, job.layers[0].n_in, net.x, i);
        }
        net.forward(lo, hi, step, c);
        const Timed losses(Phase::loss);
        for (int64_t i = lo; i < hi; i += L) {
            const int64_t n = std::min<int64_t>(L, hi - i);
            for (int64_t j = 0; j < net.n_out(); j += L)
                transpose_square(out.v.cell(i, j), PANEL<T>, n, scratch.b + j * L, L, net.n_out() - j);
            Vec<T> s{};
            for (int64_t l = 0; l < n; l++) {
                s[l] = w[row(c + i + l)] / total;
                for (int64_t j = 0; j < job.y_cols; j++)
                    scratch.y[j * L + l] = ys[row(c + i + l) * job.y_cols + j];
            }
            const Vec<T> values =
                s * LOSS_OF_ROWS<T>[job.loss](scratch.b, scratch.y, T(job.loss_settings[0]), s, net.n_out(), scratch.delta);
            for (int64_t l = 0; l < n; l++) row_losses[i + l] = values[l];
            for (int64_t j = 0; j < net.n_out(); j += L)
                transpose_square(scratch.delta + j * L, L, net.n_out() - j, out.dv.cell(i, j), PANEL<T>, n);
        }
        net.backward(lo, hi);
    }

    // g, the gradient of a block: the sum over n rows of u' delta; or added to it.
    void gradient(const ParameterBlock& block, int64_t n, bool adds, T* g) {
        constexpr int L = LANES<T>;
        const Layer& layer = job.layers[block.layer];
        const Page<T>& page = net.pages[block.layer];
        const Matrix<T> u = page.u, delta = page.dv;
        const Timed timed(layer.kind == Kind::periodic    ? Phase::periodic
                          : layer.kind == Kind::embedding ? Phase::lookup
                                                          : Phase::gradients,
                          block.is_weight ? 2.0 * n * (block.hi - block.lo) * block.cols : 0);
        if (layer.kind == Kind::periodic) {
            page.waves.gradient(n, u, delta, adds, g);
        } else if (layer.kind == Kind::embedding) {
            page.tables.gradient(n, u, delta, adds, block.col, block.col + block.cols, g);
        } else if (!block.is_weight) {  // columns of delta, or of u * dv
            for (int64_t j = 0; j < block.cols; j += L) {
                const T *d = delta.cell(0, j), *from = u.cell(0, j);
                const bool scale = layer.kind == Kind::scale;
                auto add = [=](Vec<T>& sum, int64_t i) {  // product and sum in one statement: all compilers fuse them
                    if (scale) sum += load(d + i * PANEL<T>) * load(from + i * PANEL<T>);
                    else sum += load(d + i * PANEL<T>);
                };
                Vec<T> part[4] = {};  // several sums, since each addition waits for the one before
                int64_t i = 0;
                for (; i + 4 <= n; i += 4)
#pragma GCC unroll 4
                    for (int l = 0; l < 4; l++) add(part[l], i + l);
                for (; i < n; i++) add(part[0], i);
                const Vec<T> total = (part[0] + part[1]) + (part[2] + part[3]);
                store(g + j, adds ? load(g + j) + total : total);
            }
        } else {
            const Matrix<T> left = page.turned ? delta : u, right = page.turned ? u : delta;
            for (int64_t i = block.lo; i < block.hi; i += PANEL<T>)
                panel_of<T>(block.cols)(std::min<int64_t>(PANEL<T>, block.hi - i), n, columns_of(left, i),
                                       right.panel(block.col), PANEL<T>, g + (i - block.lo) * PANEL<T>,
                                       adds ? Start::sum : Start::zero, nullptr);
        }
        // there is nothing to learn in the padding
        const int64_t size = block.end - block.begin, width = size / (block.hi - block.lo);
        for (T* row = g; block.cols < width && row < g + size; row += width)
            std::fill(row + block.cols, row + width, T(0));
    }

    // What one step of network k multiplies by.
    StepCoefficients<T> settings(int64_t k, int64_t e, int64_t s, T total) const {
        StepCoefficients<T> coef;
        coef.rate = 0;
        if (job.rule == Rule::none) return coef;
        const T lr = static_cast<const T*>(job.rates)[(e * job.n_steps + s) * job.n_networks + k];
        const double *set = job.settings, t = job.t ? job.t[k] + 1 : 0;
        coef.pull = T(job.alpha) / total;
        coef.shrink = lr * T(job.weight_decay);
        if (job.rule == Rule::sgd) {
            coef.rate = lr, coef.a = T(set[0]), coef.b = T(set[1]);
        } else {
            const double ahead = job.rule == Rule::nadam ? t + 1 : t;
            coef.rate = T(lr * std::sqrt(1 - std::pow(set[1], t)) / (1 - std::pow(set[0], ahead)));
            coef.a = T(1 - set[0]), coef.b = T(1 - set[1]), coef.c = T(set[2]);
        }
        return coef;
    }

    // StepCoefficients a block's parameters; returns its penalty.
    double update(const ParameterBlock& block, StepCoefficients<T> coef, T* g) {
        if (job.rule == Rule::none) return 0;
        const Timed timed(Phase::update);
        if (!block.is_weight) coef.pull = 0;
        coef.rate *= T(block.lr_multiplier), coef.shrink *= T(block.decay_multiplier);
        const int64_t n = block.end - block.begin;
        T *theta = net.params + block.begin, *m = this->m + block.begin, *v = this->v ? this->v + block.begin : nullptr;
        const double penalty = job.rule == Rule::sgd    ? update_all<Rule::sgd>(coef, n, theta, g, m, v)
                               : job.rule == Rule::adam ? update_all<Rule::adam>(coef, n, theta, g, m, v)
                                                        : update_all<Rule::nadam>(coef, n, theta, g, m, v);
        net.refresh(block);
        return penalty;
    }

    // Before clipping: add the penalty's gradient, and return the sum of the squares.
    double square(const ParameterBlock& block, const StepCoefficients<T>& coef, T* g, double& penalty) {
        const T* theta = net.params + block.begin;
        double squares = 0, pulls = 0;
        for (int64_t i = 0; i < block.end - block.begin; i++) {
            if (block.is_weight) {
                const T pull = coef.pull * theta[i];
                g[i] += pull;
                pulls += double(pull) * theta[i];
            }
            const double square = double(g[i]) * g[i];  // a statement of its own: no compiler fuses them
            squares += square;
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
        of_each_block(rank, [&](const ParameterBlock& block) {
            if (!finite) std::fill_n(grad + block.begin, block.end - block.begin, T(NAN));
            for (int i = 0; i < 4; i++)
                if (theirs[i]) net.write(block, ours[i], static_cast<T*>(theirs[i]) + at);
        });
        if (rank == 0 && job.ts) job.ts[e * job.n_networks + k] = job.t[k];
    }

    const Job& job;
    Arena arena;
    std::vector<int64_t> first_block;
    int64_t rows;
    Network<T> net;
    T *m, *v, *grad;  // the optimizer's memory and the gradient, in the order of `params`
    double *row_losses, *penalties, *squares;
    std::vector<Scratch> scratches;
    RowOrder row_order;
    double loss = 0;
    bool going = true;
};

// Train networks first ... last, each by a team of its own, with so many teams at once.
template <class T>
void train(const Job& job, int64_t first, int64_t last, int64_t teams, int size, Clock::time_point until) {
    const Timed timed(Phase::setup);
    std::vector<std::unique_ptr<Trainer<T>>> trainers;
    for (int64_t i = 0; i < teams; i++) trainers.push_back(std::make_unique<Trainer<T>>(job, size));
    std::vector<int64_t> next(teams, 0);
    std::atomic<int64_t> queue{first};
    auto work_in = [&](int64_t team, int rank) {
        const FlushDenormals flush;
        for (;;) {
            if (rank == 0) next[team] = queue.fetch_add(1);
            trainers[team]->meet.wait();
            const int64_t k = next[team];
            trainers[team]->meet.wait();
            if (k >= last) return;
            trainers[team]->train(k, rank, until);
        }
    };
    in_parallel(int(teams) * size, [&](int i) { work_in(i / size, i % size); });
}

// Train all networks for at most so many seconds. Returns whether all are done. Each thread trains as
// many as the others by itself; what is left over, or all where they are fewer than the threads, is
// trained by teams, if a step is long enough.
template <class T> bool train(const Job& job, double seconds) {
    const auto until = after(seconds);
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

}  // namespace jubako
