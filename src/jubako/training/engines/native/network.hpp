// How some rows of a batch go forward and backward through a stack of layers.
#pragma once
#include "activations.hpp"
#include "counter_rng.hpp"
#include "gemm.hpp"
#include "layout.hpp"

namespace jubako {

template <class T> class Network : public Layout<T> {
  public:
    using Layout<T>::Layout, Layout<T>::layers, Layout<T>::n_layers, Layout<T>::pages, Layout<T>::x;
    using Layout<T>::learns, Layout<T>::packs;

    // Rows lo ... hi of x go forward; what comes out is on the last page.
    // `step` and `first_row`, the rows' place in the batch, choose what is dropped.
    void forward(int64_t lo, int64_t hi, uint64_t step, int64_t first_row) {
        forward(0, n_layers, lo, hi, {step, first_row});
    }

    // dL/dv of rows lo ... hi is on the last page; they go backward to the first layer's delta.
    void backward(int64_t lo, int64_t hi) { backward_from(last, lo, hi); }

    uint32_t seed = 0;   // of dropout
    bool drops = false;  // whether this is a pass of training

  private:
    using Layout<T>::last, Layout<T>::theta;

    struct Place { uint64_t step; int64_t row; };  // of a batch's first row in the run

    void forward(int64_t begin, int64_t end, int64_t lo, int64_t hi, Place place) {
        for (int64_t i = begin; i < end; i += 1 + layers[i].inside) {
            const Layer& layer = layers[i];
            Page<T>& page = pages[i];
            const Matrix<T> u = page.u;
            switch (layer.kind) {
                case Kind::dense: dense(layer, page, lo, hi, place); break;
                case Kind::dropout: {
                    if (page.v.at == u.at) break;  // the dense layer before has done it
                    const Timed timed(Phase::dropout);
                    if (!drops) {
                        each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t) {
                            store(page.v.at + at, load(u.at + at));
                        });
                        break;
                    }
                    const Mask mask(layer, seed, place);
                    each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t r, int64_t j) {
                        const Vec<T> m = mask(r, j);
                        store(page.slope.at + at, m);
                        store(page.v.at + at, load(u.at + at) * m);
                    });
                    break;
                }
                case Kind::scale: {
                    const Timed timed(Phase::elementwise);
                    each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t j) {
                        store(page.v.at + at, load(u.at + at) * load(page.b + j));
                    });
                    break;
                }
                case Kind::embedding: {
                    const Timed timed(Phase::lookup);
                    page.tables.forward(lo, hi, u, page.v, learns ? page.b : theta + layer.w);
                    break;
                }
                case Kind::periodic: {
                    const Timed timed(Phase::periodic);
                    for (int64_t r = lo; r < hi; r++) page.waves.forward(r, u, page.v);
                    break;
                }
                case Kind::residual: {
                    forward(i + 1, i + 1 + layer.inside, lo, hi, place);
                    const Timed timed(Phase::elementwise);
                    const Matrix<T> a = pages[page.inner].v;
                    each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t) {
                        store(page.v.at + at, load(u.at + at) + load(a.at + at));
                    });
                }
            }
        }
    }

    // What the dropout layer after a dense one multiplies by.
    struct Mask {
        Mask(const Layer& layer, uint32_t seed, Place place)
            : key(key_of(seed, place.step, layer.draw)),
              threshold(uint32_t(layer.rate * 4294967296.0)),
              rest(T(1 / (1 - layer.rate))),
              first_row(place.row),
              n_out(layer.n_out) {}

        Vec<T> operator()(int64_t r, int64_t j) const {
            return mask<T>(key, (first_row + r) * n_out + j, threshold, rest);
        }

        uint32_t key, threshold;
        T rest;
        int64_t first_row, n_out;
    };

    void dense(const Layer& layer, Page<T>& page, int64_t lo, int64_t hi, Place place) {
        with_activation<T>(layer.activation, [&](auto f) {
            for (int64_t j = 0; j < layer.n_out; j += PANEL<T>) {
                const int64_t cols = std::min<int64_t>(PANEL<T>, layer.n_out - j);
                const bool there = !packs && cols == PANEL<T>;
                const T* w = there ? theta + layer.w + j : packs ? page.w.panel(j) : page.edge;
                const Timed product(Phase::forward, 2.0 * (hi - lo) * layer.n_in * cols);
                multiply<T>(hi - lo, layer.n_in, cols, page.u, lo, w, there ? layer.n_out : PANEL<T>,
                            page.v.cell(lo, j), page.b + j);
                activate<decltype(f)>(page, lo, hi, j, j + cols, place);
            }
        });
    }

    // v = f(a), in columns j0 ... j1 of a dense layer; with the dropout layer after it, if there is one.
    // Keeps the slope, if it is not found from v on the way back.
    template <class F>
    void activate(Page<T>& page, int64_t lo, int64_t hi, int64_t j0, int64_t j1, Place place) {
        T *const v = page.v.at, *const slopes = page.slope.at;
        if (drops && page.dropout) {
            const Timed timed(Phase::dropout);
            const Mask mask(*page.dropout, seed, place);
            each(lo, hi, j0, j1, [=](int64_t at, int64_t r, int64_t j) {
                Vec<T> slope;
                const Vec<T> m = mask(r, j), value = F::value(load(v + at), slope);
                if constexpr (F::from_value) slope = F::slope_at(value);
                store(v + at, value * m);
                store(slopes + at, slope * m);
            });
        } else if constexpr (!std::is_same_v<F, Identity<T>>) {
            const Timed timed(Phase::activations);
            const bool keeps = !F::from_value && learns;
            each(lo, hi, j0, j1, [=](int64_t at, int64_t, int64_t) {
                Vec<T> slope;
                store(v + at, F::value(load(v + at), slope));
                if (keeps) store(slopes + at, slope);
            });
        }
    }

    // dv <- dv * f'(a), in columns j0 ... j1 of a dense layer.
    void times_slope(int64_t i, int64_t lo, int64_t hi, int64_t j0, int64_t j1) {
        const Timed timed(Phase::activations);
        const T *const v = pages[i].v.at, *const slopes = pages[i].slope.at;
        T* const dv = pages[i].dv.at;
        with_activation<T>(layers[i].activation, [&](auto f) {
            using F = decltype(f);
            if (!F::from_value || (drops && pages[i].dropout)) {
                each(lo, hi, j0, j1, [=](int64_t at, int64_t, int64_t) {
                    store(dv + at, load(dv + at) * load(slopes + at));
                });
            } else if constexpr (!std::is_same_v<F, Identity<T>>) {
                each(lo, hi, j0, j1, [=](int64_t at, int64_t, int64_t) {
                    store(dv + at, load(dv + at) * F::slope_at(load(v + at)));
                });
            }
        });
    }

    // The way back, from layer i to the first of its stack. A dense layer before a dense layer gets
    // its slopes panel by panel, while the panel is in the cache: then it is `ready`.
    void backward_from(int64_t i, int64_t lo, int64_t hi) {
        for (bool ready = false; i >= 0; ready = ready && layers[i].kind == Kind::dense, i = pages[i].before) {
            const Layer& layer = layers[i];
            Page<T>& page = pages[i];
            const Matrix<T> to = page.du, dv = page.dv;
            switch (layer.kind) {
                case Kind::dense:
                    if (!ready) times_slope(i, lo, hi, 0, layer.n_out);
                    ready = page.before >= 0 && layers[page.before].kind == Kind::dense;
                    for (int64_t j = 0; to.at && j < layer.n_in; j += PANEL<T>) {
                        const int64_t cols = std::min<int64_t>(PANEL<T>, layer.n_in - j);
                        const Timed product(Phase::backward, 2.0 * (hi - lo) * layer.n_out * cols);
                        multiply<T>(hi - lo, layer.n_out, cols, dv, lo, page.wt.panel(j), PANEL<T>,
                                    to.cell(lo, j), nullptr);
                        if (ready) times_slope(page.before, lo, hi, j, j + cols);
                    }
                    break;
                case Kind::dropout: {
                    const Timed timed(Phase::dropout);
                    if (to.at) each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t) {
                        const Vec<T> d = load(dv.at + at);
                        store(to.at + at, drops ? d * load(page.slope.at + at) : d);
                    });
                    break;
                }
                case Kind::scale: {
                    const Timed timed(Phase::elementwise);
                    if (to.at) each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t j) {
                        store(to.at + at, load(dv.at + at) * load(page.b + j));
                    });
                    break;
                }
                case Kind::embedding: {
                    const Timed timed(Phase::lookup);
                    if (to.at) page.tables.backward(lo, hi, dv, to);
                    break;
                }
                case Kind::periodic: {
                    const Timed timed(Phase::periodic);
                    // an embedding that comes first only asks for what follows the numbers
                    const bool asks = page.before < 0 || pages[page.before].du.at ||
                                      layers[page.before].kind != Kind::embedding;
                    if (to.at)
                        for (int64_t r = lo; r < hi; r++) page.waves.backward(r, dv, to, asks);
                    break;
                }
                case Kind::residual: {
                    const Timed timed(Phase::elementwise);
                    const Matrix<T> inner = pages[page.inner].dv;
                    each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t) {
                        store(inner.at + at, load(dv.at + at));
                    });
                    backward_from(page.inner, lo, hi);
                    if (to.at) each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t) {
                        store(to.at + at, load(to.at + at) + load(dv.at + at));
                    });
                }
            }
        }
    }

    // Every vector of rows lo ... hi and columns j0 ... j1: its place in a matrix, its row and column.
    template <class Job> void each(int64_t lo, int64_t hi, int64_t j0, int64_t j1, Job job) const {
        for (int64_t p = j0, rows = x.rows; p < j1; p += PANEL<T>) {
            const int64_t cols = std::min<int64_t>(PANEL<T>, j1 - p);
            for (int64_t r = lo; r < hi; r++)
                for (int64_t j = 0; j < cols; j += LANES<T>) job(p * rows + r * PANEL<T> + j, r, p + j);
        }
    }
};

}  // namespace jubako
