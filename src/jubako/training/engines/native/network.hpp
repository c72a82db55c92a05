// A stack of layers: their pages, and how some rows of a batch go forward and backward through it.
//
// The parameters that are learnt stand in panels too, as products read them: `params`, cut into slabs.
// Each slab is read from theta when a run begins, and written back when it ends.
#pragma once
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "activations.hpp"
#include "gemm.hpp"
#include "lookup.hpp"
#include "periodic.hpp"
#include "stream.hpp"

namespace jubako {

constexpr const char* LAYERS = "dense dropout scale lookup periodic residual";
enum class Kind : int32_t { dense, dropout, scale, lookup, periodic, residual };

// A layer, as Python describes it. A residual is followed by the `inside` layers that it contains.
struct Layer {
    Kind kind;
    int32_t activation;
    int64_t n_in, n_out, inside;
    int64_t w, b;  // where in theta its parts stand; those of other layers start at w
    double rate;
    int64_t draw;  // of dropout: which draw of the step it is, from 1
    int64_t n_numbers, n_waves, n_sums;  // of a periodic layer; n_numbers of a lookup too
    const int64_t* levels;  // of a lookup: of each category
    int64_t most;           // numbers in a row of its tables
    double pace[2], decay[2];  // factors of the rate and of the decay: of w or all parts, and of b
};

// Memory for one team, allocated once and zeroed.
class Arena {
  public:
    template <class T> T* take(int64_t n) {
        const size_t size = round_up(std::max<int64_t>(n, 1) * sizeof(T), 64);
        void* p = std::aligned_alloc(64, size);
        if (!p) throw std::bad_alloc();
        memset(p, 0, size);
        parts.emplace_back(p, std::free);
        return static_cast<T*>(p);
    }
    template <class T> Matrix<T> matrix(int64_t rows, int64_t cols) {
        return {take<T>(size_in_panels<T>(rows, cols)), rows};
    }

  private:
    std::vector<std::unique_ptr<void, decltype(&std::free)>> parts;
};

// What one layer writes in one pass, and its parameters in the order in which products read them.
template <class T> struct Page {
    Matrix<T> u;      // its input
    Matrix<T> v;      // its output
    Matrix<T> slope;  // f'(a), or the mask of dropout
    Matrix<T> dv;     // dL/dv; of a dense layer at last delta = dL/da
    Matrix<T> du;     // where dL/du goes; nowhere if nobody asks
    int64_t before = -1, inner = -1;  // the layer before this one in its stack; the last inside
    Matrix<T> w, wt;  // w, and w transposed where the way back needs it
    const T* edge = nullptr;  // of a w that is not copied: its last panel, if that is not full
    bool turned = false;  // whether wt is what is learnt, and w its copy
    T* b = nullptr;   // bias, scale or tables, padded
    Waves<T> waves;   // of a periodic layer
    Tables<T> tables;  // of a lookup
};

// Some rows of one panel of a layer's w (or wt), or its other parameters: what a thread updates at a
// time. They stand at begin ... end of `params`, row after row.
struct Slab {
    bool is_weight;
    int64_t lo, hi;     // rows; of other parameters there is one
    int64_t col, cols;  // its first column, and how many
    int64_t at, row, step;  // in theta: the first number, the way to the next row and column
    int64_t layer = 0, begin = 0, end = 0;
    double pace = 1, decay = 1;
};

constexpr int64_t SLAB = 4096;  // parameters in a slab, about: its moments and gradient fit the cache

template <class T> class Network {
  public:
    // Pages for passes of at most `rows` rows; for the way back too if it `learns`. For few rows it
    // does not pay to copy w to panels: those that are full are read in theta.
    Network(const Layer* layers, int64_t n_layers, int64_t rows, bool learns, bool packs, Arena& arena)
        : layers(layers), n_layers(n_layers), learns(learns), packs(packs), pages(n_layers) {
        for (int64_t i = 0; i < n_layers; i++) {
            const Layer& layer = layers[i];
            Page<T>& page = pages[i];
            page.v = arena.matrix<T>(rows, layer.n_out);
            if (learns) page.dv = arena.matrix<T>(rows, layer.n_out);
            if (learns && (layer.kind == Kind::dense || layer.kind == Kind::dropout))
                page.slope = arena.matrix<T>(rows, layer.n_out);
            if (layer.kind == Kind::periodic) {
                page.waves = {layer.n_in, layer.n_numbers, layer.n_waves, layer.n_sums};
                page.waves.packed = arena.take<T>(page.waves.packed_size());
                const int64_t all = layer.n_numbers * page.waves.padded();
                page.waves.cosines = arena.take<T>(learns ? rows * all : all);
                if (learns) page.waves.sines = arena.take<T>(rows * all);
            }
            if (layer.kind == Kind::lookup)
                page.tables = {layer.n_in, layer.n_numbers, layer.levels, layer.most};
            // a narrow w would fill its vectors badly: then its transpose is what is learnt
            page.turned = learns && layer.n_out < LANES<T> && layer.n_in > layer.n_out;
            cut(i);
        }
        params = arena.take<T>(n_padded);
        for (const Slab& slab : slabs) {
            const Layer& layer = layers[slab.layer];
            Page<T>& page = pages[slab.layer];
            if (!slab.is_weight) page.b = slab.col ? page.b : params + slab.begin;
            else if (!packs) page.edge = slab.lo ? page.edge : params + slab.begin;
            else if (!slab.lo && !slab.col && page.turned) {
                page.w = arena.matrix<T>(layer.n_in, layer.n_out);
                page.wt = {params + slab.begin, layer.n_out};
            } else if (!slab.lo && !slab.col) {
                page.w = {params + slab.begin, layer.n_in};
                if (learns && slab.layer) page.wt = arena.matrix<T>(layer.n_out, layer.n_in);
            }
        }
        x = arena.matrix<T>(rows, layers[0].n_in);
        last = wire(0, n_layers, x, {});
    }

    // Copy a slab's numbers from theta, or an array like it, to an array like `params`; or back.
    void read(const Slab& slab, const T* from, T* to) const {
        for (int64_t i = 0; i < slab.hi - slab.lo; i++) {
            const T* row = from + slab.at + i * slab.row;
            T* cells = to + slab.begin + i * PANEL<T>;
            if (slab.step == 1) std::copy_n(row, slab.cols, cells);
            else for (int64_t j = 0; j < slab.cols; j++) cells[j] = row[j * slab.step];
        }
    }
    void write(const Slab& slab, const T* from, T* to) const {
        for (int64_t i = 0; i < slab.hi - slab.lo; i++) {
            T* row = to + slab.at + i * slab.row;
            const T* cells = from + slab.begin + i * PANEL<T>;
            if (slab.step == 1) std::copy_n(cells, slab.cols, row);
            else for (int64_t j = 0; j < slab.cols; j++) row[j * slab.step] = cells[j];
        }
    }

    // Whether products read a slab's transpose too.
    bool is_copied(const Slab& slab) const {
        const Page<T>& page = pages[slab.layer];
        return slab.is_weight && (page.turned || page.wt.at);
    }

    // Bring all that depends on a slab of `params` up to date.
    void refresh(const Slab& slab) {
        constexpr int L = LANES<T>;
        const Page<T>& page = pages[slab.layer];
        if (page.waves.packed) pages[slab.layer].waves.pack(params + slab.begin);
        if (!is_copied(slab)) return;
        const Matrix<T> copy = page.turned ? page.w : page.wt;
        for (int64_t i = slab.lo; i < slab.hi; i += L)
            for (int64_t j = 0; j < slab.cols; j += L)
                transpose_square(params + slab.begin + (i - slab.lo) * PANEL<T> + j, PANEL<T>,
                                 slab.hi - i, copy.cell(slab.col + j, i), PANEL<T>, slab.cols - j);
    }

    void take_over(const T* theta) {
        this->theta = theta;
        for (const Slab& slab : slabs) {
            read(slab, theta, params);
            refresh(slab);
        }
    }

    // Rows lo ... hi of x go forward; what comes out is on the last page.
    // `step` and `first_row`, the rows' place in the batch, choose what is dropped.
    void forward(int64_t lo, int64_t hi, uint64_t step, int64_t first_row) {
        forward(0, n_layers, lo, hi, {step, first_row});
    }

    // dL/dv of rows lo ... hi is on the last page; they go backward to the first layer's delta.
    void backward(int64_t lo, int64_t hi) { backward_from(last, lo, hi); }

    Page<T>& last_page() { return pages[last]; }
    int64_t n_out() const { return layers[last].n_out; }

    const Layer* layers;
    int64_t n_layers;
    bool learns, packs;
    T* params = nullptr;
    int64_t n_padded = 0;  // numbers in params, and in arrays like it
    std::vector<Slab> slabs;
    uint32_t seed = 0;   // of dropout
    bool drops = false;  // whether this is a pass of training
    Matrix<T> x;
    std::vector<Page<T>> pages;

  private:
    int64_t last = -1;
    const T* theta = nullptr;  // where those panels of w are read that are not copied

    // Cut the parameters of layer i into slabs, and give them their place in `params`.
    void cut(int64_t i) {
        const Layer& layer = layers[i];
        auto add = [&](Slab slab, int64_t size) {
            slab.layer = i, slab.begin = n_padded, slab.end = n_padded += size;
            slab.pace = layer.pace[!slab.is_weight && layer.kind == Kind::dense];
            slab.decay = layer.decay[!slab.is_weight && layer.kind == Kind::dense];
            slabs.push_back(slab);
        };
        auto others = [&](int64_t at, int64_t n) {
            add({.is_weight = false, .lo = 0, .hi = 1, .col = 0, .cols = n, .at = at, .row = n, .step = 1},
                round_up(n, PANEL<T>));
        };
        if (layer.kind == Kind::scale) others(layer.w, layer.n_out);
        if (layer.kind == Kind::periodic) others(layer.w, layer.b - layer.w);
        if (layer.kind == Kind::lookup && learns) {  // else it is read in theta
            constexpr int64_t part = SLAB / PANEL<T> * PANEL<T>;
            const int64_t n = pages[i].tables.n_params;
            for (int64_t col = 0; col < n; col += part) {
                const int64_t cols = std::min(part, n - col);
                add({.is_weight = false, .lo = 0, .hi = 1, .col = col, .cols = cols, .at = layer.w + col,
                     .row = cols, .step = 1},
                    round_up(cols, PANEL<T>));
            }
        }
        if (layer.kind != Kind::dense) return;
        const bool turned = pages[i].turned;
        const int64_t n_rows = turned ? layer.n_out : layer.n_in, n_cols = turned ? layer.n_in : layer.n_out;
        const int64_t row = turned ? 1 : layer.n_out, step = turned ? layer.n_out : 1;
        // whole panels of the left side's columns
        const int64_t height = std::max<int64_t>(1, SLAB / PANEL<T> / PANEL<T>) * PANEL<T>;
        for (int64_t j = packs ? 0 : n_cols / PANEL<T> * PANEL<T>; j < n_cols; j += PANEL<T>)
            for (int64_t lo = 0; lo < n_rows; lo += height) {
                const int64_t hi = std::min(n_rows, lo + height);
                add({.is_weight = true, .lo = lo, .hi = hi, .col = j,
                     .cols = std::min<int64_t>(PANEL<T>, n_cols - j), .at = layer.w + lo * row + j * step,
                     .row = row, .step = step},
                    (hi - lo) * PANEL<T>);
            }
        others(layer.b, layer.n_out);
    }

    // Say to layers begin ... end where their input is and where its gradient goes; return the last.
    int64_t wire(int64_t begin, int64_t end, Matrix<T> u, Matrix<T> du) {
        int64_t before = -1;
        for (int64_t i = begin; i < end; i += 1 + layers[i].inside) {
            Page<T>& page = pages[i];
            page.u = u, page.du = du, page.before = before;
            if (layers[i].kind == Kind::residual)
                page.inner = wire(i + 1, i + 1 + layers[i].inside, u, du);
            u = page.v, du = page.dv, before = i;
        }
        return before;
    }

    struct Place { uint64_t step; int64_t row; };  // of a batch's first row in the run

    void forward(int64_t begin, int64_t end, int64_t lo, int64_t hi, Place place) {
        for (int64_t i = begin; i < end; i += 1 + layers[i].inside) {
            const Layer& layer = layers[i];
            Page<T>& page = pages[i];
            const Matrix<T> u = page.u;
            switch (layer.kind) {
                case Kind::dense: dense(layer, page, lo, hi); break;
                case Kind::dropout: {
                    if (!drops) {
                        each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t) {
                            store(page.v.at + at, load(u.at + at));
                        });
                        break;
                    }
                    const uint32_t key = key_of(seed, place.step, layer.draw);
                    const uint32_t threshold = uint32_t(layer.rate * 4294967296.0);
                    const T rest = T(1 / (1 - layer.rate));
                    each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t r, int64_t j) {
                        const uint64_t cell = (place.row + r) * layer.n_out + j;
                        const Vec<T> m = mask<T>(key, cell, threshold, rest);
                        store(page.slope.at + at, m);
                        store(page.v.at + at, load(u.at + at) * m);
                    });
                    break;
                }
                case Kind::scale:
                    each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t j) {
                        store(page.v.at + at, load(u.at + at) * load(page.b + j));
                    });
                    break;
                case Kind::lookup:
                    page.tables.forward(lo, hi, u, page.v, learns ? page.b : theta + layer.w);
                    break;
                case Kind::periodic:
                    for (int64_t r = lo; r < hi; r++) page.waves.forward(r, u, page.v);
                    break;
                case Kind::residual: {
                    forward(i + 1, i + 1 + layer.inside, lo, hi, place);
                    const Matrix<T> a = pages[page.inner].v;
                    each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t) {
                        store(page.v.at + at, load(u.at + at) + load(a.at + at));
                    });
                }
            }
        }
    }

    void dense(const Layer& layer, Page<T>& page, int64_t lo, int64_t hi) {
        const Matrix<T> v = page.v;
        with_activation<T>(layer.activation, [&](auto f) {
            using F = decltype(f);
            for (int64_t j = 0; j < layer.n_out; j += PANEL<T>) {
                const int64_t cols = std::min<int64_t>(PANEL<T>, layer.n_out - j);
                const bool there = !packs && cols == PANEL<T>;
                const T* w = there ? theta + layer.w + j : packs ? page.w.panel(j) : page.edge;
                multiply<T>(hi - lo, layer.n_in, cols, page.u, lo, w, there ? layer.n_out : PANEL<T>,
                            v.cell(lo, j), page.b + j);
                if constexpr (std::is_same_v<F, Identity<T>>) continue;
                T* const slopes = page.slope.at;
                each(lo, hi, j, j + cols, [v, slopes](int64_t at, int64_t, int64_t) {
                    Vec<T> slope;
                    const Vec<T> value = F::value(load(v.at + at), slope);
                    store(v.at + at, value);
                    if constexpr (!F::from_value)
                        if (slopes) store(slopes + at, slope);
                });
            }
        });
    }

    // dv <- dv * f'(a), in columns j0 ... j1 of a dense layer.
    void times_slope(int64_t i, int64_t lo, int64_t hi, int64_t j0, int64_t j1) {
        const T *const v = pages[i].v.at, *const slopes = pages[i].slope.at;
        T* const dv = pages[i].dv.at;
        with_activation<T>(layers[i].activation, [&](auto f) {
            using F = decltype(f);
            if constexpr (std::is_same_v<F, Identity<T>>) return;
            each(lo, hi, j0, j1, [v, slopes, dv](int64_t at, int64_t, int64_t) {
                if constexpr (F::from_value) store(dv + at, load(dv + at) * F::slope_at(load(v + at)));
                else store(dv + at, load(dv + at) * load(slopes + at));
            });
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
                        multiply<T>(hi - lo, layer.n_out, cols, dv, lo, page.wt.panel(j), PANEL<T>,
                                    to.cell(lo, j), nullptr);
                        if (ready) times_slope(page.before, lo, hi, j, j + cols);
                    }
                    break;
                case Kind::dropout:
                    if (to.at) each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t) {
                        const Vec<T> d = load(dv.at + at);
                        store(to.at + at, drops ? d * load(page.slope.at + at) : d);
                    });
                    break;
                case Kind::scale:
                    if (to.at) each(lo, hi, 0, layer.n_out, [&](int64_t at, int64_t, int64_t j) {
                        store(to.at + at, load(dv.at + at) * load(page.b + j));
                    });
                    break;
                case Kind::lookup:
                    if (to.at) page.tables.backward(lo, hi, dv, to);
                    break;
                case Kind::periodic:
                    if (to.at)
                        for (int64_t r = lo; r < hi; r++) page.waves.backward(r, dv, to);
                    break;
                case Kind::residual: {
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
