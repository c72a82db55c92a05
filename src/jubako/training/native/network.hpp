// A stack of layers: their pages, and how some rows of a batch go forward and backward through it.
//
// The rows of all matrices here are padded to whole vectors, so that nothing elementwise has an edge.
// What is computed in the padding is never read as a number of the network.
#pragma once
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "activations.hpp"
#include "periodic.hpp"
#include "gemm.hpp"
#include "losses.hpp"
#include "stream.hpp"

namespace jubako {

constexpr const char* LAYERS = "dense dropout scale periodic residual";
enum class Kind : int32_t { dense, dropout, scale, periodic, residual };

// A layer, as Python describes it. A residual is followed by the `inside` layers that it contains.
struct Layer {
    Kind kind;
    int32_t activation;
    int64_t n_in, n_out, inside;
    int64_t w, b;  // where in theta its parts stand; those of a scale and of waves start at w
    double rate;
    int64_t draw;  // of dropout: which draw of the step it is, from 1
    int64_t n_numbers, n_waves, n_sums;  // of a periodic layer
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
    // An odd number of vectors to a row: rows of 1 KB would all fall on the same lines of the cache.
    template <class T> Matrix<T> matrix(int64_t rows, int64_t cols) {
        const int64_t ld = round_up(cols, LANES<T>) | LANES<T>;
        return {take<T>(rows * ld), ld};
    }

  private:
    std::vector<std::unique_ptr<void, decltype(&std::free)>> parts;
};

// What one layer writes in one pass, and its weights in the order in which products read them.
template <class T> struct Page {
    Matrix<T> u;      // its input
    Matrix<T> v;      // its output
    Matrix<T> slope;  // f'(a), or the mask of dropout
    Matrix<T> dv;     // dL/dv; of a dense layer at last delta = dL/da
    Matrix<T> du;     // where dL/du goes; nowhere if nobody asks
    int64_t before = -1, inner = -1;  // the layer before this one in its stack; the last inside
    T* w = nullptr;   // panels of w
    T* wt = nullptr;  // panels of w transposed
    T* b = nullptr;   // bias, or scale, padded
    Waves<T> waves;   // of a periodic layer
};

// Panels of a k x n matrix: all k rows of the first PANEL columns, then of the next. The last panel
// is as many vectors wide as it must be, and padded with zeros.
template <class T> int64_t panels_size(int64_t k, int64_t n) { return k * round_up(n, LANES<T>); }

// Rows lo ... hi of the (k x n) matrix at `w` go to its panels.
template <class T>
void pack(const T* w, int64_t k, int64_t n, int64_t lo, int64_t hi, int64_t from_col, T* panels) {
    for (int64_t j = from_col; j < n; j += PANEL<T>) {
        const int64_t cols = std::min<int64_t>(PANEL<T>, n - j), wide = round_up(cols, LANES<T>);
        T* to = panels + j * k + lo * wide;
        for (int64_t p = lo; p < hi; p++, to += wide) {
            if (cols == PANEL<T>)
                for (int v = 0; v < TILE_VECTORS; v++)
                    store(to + v * LANES<T>, load(w + p * n + j + v * LANES<T>));
            else
                std::copy_n(w + p * n + j, cols, to);
        }
    }
}

// Transpose a square of LANES x LANES numbers: in each round, pairs of rows swap halves of blocks.
template <class T, int... I>
inline void exchange(Vec<T>& a, Vec<T>& b, int block, std::integer_sequence<int, I...>) {
    constexpr int L = LANES<T>;
    Ints<T> low, high;
    ((low[I] = I & block ? L + (I ^ block) : I, high[I] = I & block ? L + I : I ^ block), ...);
    const Vec<T> x = a, y = b;
    a = __builtin_shuffle(x, y, low);
    b = __builtin_shuffle(x, y, high);
}

template <class T> inline void transpose_square(const T* from, int64_t ld_from, T* to, int64_t ld_to) {
    constexpr int L = LANES<T>;
    Vec<T> r[L];
#pragma GCC unroll 16
    for (int i = 0; i < L; i++) r[i] = load(from + i * ld_from);
#pragma GCC unroll 4
    for (int block = 1; block < L; block *= 2)
#pragma GCC unroll 16
        for (int i = 0; i < L; i++)
            if (!(i & block)) exchange<T>(r[i], r[i | block], block, std::make_integer_sequence<int, L>());
#pragma GCC unroll 16
    for (int i = 0; i < L; i++) store(to + i * ld_to, r[i]);
}

// Rows lo ... hi of the (n_in x n_out) matrix w are columns of w transposed: they go to its panels.
// lo is a multiple of PANEL, or the first row.
template <class T>
void pack_transposed(const T* w, int64_t n_in, int64_t n_out, int64_t lo, int64_t hi, T* panels) {
    constexpr int L = LANES<T>;
    for (int64_t i0 = lo; i0 < hi; i0 += PANEL<T>) {
        const int64_t wide = round_up(std::min<int64_t>(PANEL<T>, n_in - i0), L);
        T* to = panels + i0 * n_out;
        for (int64_t i = i0; i < std::min(hi, i0 + PANEL<T>); i += L) {
            const int64_t rows = std::min<int64_t>(L, n_in - i);
            int64_t o = 0;
            if (rows == L)
                for (; o + L <= n_out; o += L)
                    transpose_square(w + i * n_out + o, n_out, to + o * wide + (i - i0), wide);
            for (; o < n_out; o++)
                for (int64_t r = 0; r < rows; r++)
                    to[o * wide + (i - i0) + r] = w[(i + r) * n_out + o];
        }
    }
}

// C (rows m, columns n) = A (m x k) @ panels, plus bias if there is one. For few rows the panels
// that are full may be left in `b` as it is, with rows of n: then only the last one is packed.
template <class T>
void multiply(int64_t m, int64_t n, int64_t k, Strided<T> a, const T* panels, const T* b,
              Matrix<T> c, const T* bias) {
    for (int64_t k0 = 0; k0 < k; k0 += DEPTH) {
        const int64_t depth = std::min(DEPTH, k - k0);
        const Strided<T> part{a.at + k0 * a.col, a.row, a.col};
        for (int64_t j = 0; j < n; j += PANEL<T>) {
            const int64_t wide = round_up(std::min<int64_t>(PANEL<T>, n - j), LANES<T>);
            const bool as_it_is = b && n - j >= PANEL<T>;
            const T* from = as_it_is ? b + k0 * n + j : panels + j * k + k0 * wide;
            const Start start = k0 ? Start::sum : bias ? Start::bias : Start::zero;
            panel_of<T>(wide / LANES<T>)(m, depth, part, from, as_it_is ? n : wide, c.at + j, c.ld,
                                         start, bias + j, wide);
        }
    }
}

template <class T> class Network {
  public:
    // Pages for passes of at most `rows` rows; for the way back too if it `learns`.
    Network(const Layer* layers, int64_t n_layers, int64_t rows, bool learns, Arena& arena)
        : layers(layers), n_layers(n_layers), learns(learns), pages(n_layers) {
        for (int64_t i = 0; i < n_layers; i++) {
            const Layer& layer = layers[i];
            Page<T>& page = pages[i];
            page.v = arena.matrix<T>(rows, layer.n_out);
            if (learns) page.dv = arena.matrix<T>(rows, layer.n_out);
            if (learns && (layer.kind == Kind::dense || layer.kind == Kind::dropout))
                page.slope = arena.matrix<T>(rows, layer.n_out);
            if (layer.kind == Kind::dense) {
                page.w = arena.take<T>(panels_size<T>(layer.n_in, layer.n_out));
                if (learns && i) page.wt = arena.take<T>(panels_size<T>(layer.n_out, layer.n_in));
            }
            if (layer.kind == Kind::periodic) {
                page.waves = {layer.n_in, layer.n_numbers, layer.n_waves, layer.n_sums};
                page.waves.packed = arena.take<T>(page.waves.packed_size());
                if (learns) {
                    page.waves.cosines = arena.matrix<T>(rows, layer.n_numbers * page.waves.padded());
                    page.waves.sines = arena.matrix<T>(rows, layer.n_numbers * page.waves.padded());
                }
            }
            if (layer.kind == Kind::dense || layer.kind == Kind::scale)
                page.b = arena.take<T>(round_up(layer.n_out, LANES<T>));
        }
        x = arena.matrix<T>(rows, layers[0].n_in);
        last = wire(0, n_layers, x, {});
    }

    // Take over parameters lo ... hi of rows of w of a layer, or all its other parameters.
    void pack_rows(int64_t i, const T* theta, int64_t lo, int64_t hi) {
        const Layer& layer = layers[i];
        const T* w = theta + layer.w;
        if (packed) pack(w, layer.n_in, layer.n_out, lo, hi, 0, pages[i].w);
        else pack(w, layer.n_in, layer.n_out, lo, hi, layer.n_out / PANEL<T> * PANEL<T>, pages[i].w);
        if (pages[i].wt) pack_transposed(w, layer.n_in, layer.n_out, lo, hi, pages[i].wt);
    }
    void pack_rest(int64_t i, const T* theta) {
        const Layer& layer = layers[i];
        if (layer.kind == Kind::periodic) return pages[i].waves.pack(theta + layer.w);
        std::copy_n(theta + (layer.kind == Kind::scale ? layer.w : layer.b), layer.n_out, pages[i].b);
    }
    void pack_all(const T* theta) {
        this->theta = theta;
        for (int64_t i = 0; i < n_layers; i++) {
            if (layers[i].kind == Kind::dense) pack_rows(i, theta, 0, layers[i].n_in);
            if (pages[i].b || pages[i].waves.packed) pack_rest(i, theta);
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
    bool learns;
    bool packed = true;
    const T* theta = nullptr;
    uint32_t seed = 0;   // of dropout
    bool drops = false;  // whether this is a pass of training
    Matrix<T> x;
    std::vector<Page<T>> pages;

  private:
    int64_t last = -1;

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
                        each(layer, lo, hi, [&](int64_t r, int64_t j) {
                            store(page.v.row(r) + j, load(u.row(r) + j));
                        });
                        break;
                    }
                    const uint32_t key = key_of(seed, place.step, layer.draw);
                    const uint32_t threshold = uint32_t(layer.rate * 4294967296.0);
                    const T rest = T(1 / (1 - layer.rate));
                    each(layer, lo, hi, [&](int64_t r, int64_t j) {
                        const uint64_t cell = (place.row + r) * layer.n_out + j;
                        const Vec<T> m = mask<T>(key, cell, threshold, rest);
                        store(page.slope.row(r) + j, m);
                        store(page.v.row(r) + j, load(u.row(r) + j) * m);
                    });
                    break;
                }
                case Kind::scale:
                    each(layer, lo, hi, [&](int64_t r, int64_t j) {
                        store(page.v.row(r) + j, load(u.row(r) + j) * load(page.b + j));
                    });
                    break;
                case Kind::periodic:
                    for (int64_t r = lo; r < hi; r++) page.waves.forward(r, u.row(r), page.v.row(r));
                    break;
                case Kind::residual: {
                    forward(i + 1, i + 1 + layer.inside, lo, hi, place);
                    const Matrix<T> a = pages[page.inner].v;
                    each(layer, lo, hi, [&](int64_t r, int64_t j) {
                        store(page.v.row(r) + j, load(u.row(r) + j) + load(a.row(r) + j));
                    });
                }
            }
        }
    }

    void dense(const Layer& layer, Page<T>& page, int64_t lo, int64_t hi) {
        constexpr int64_t STRIP = 8 * TILE_ROWS;  // rows whose sums are still in the cache
        const Matrix<T> u = page.u;
        for (int64_t r0 = lo; r0 < hi; r0 += STRIP) {
            const int64_t r1 = std::min(hi, r0 + STRIP);
            multiply<T>(r1 - r0, layer.n_out, layer.n_in, {u.row(r0), u.ld, 1}, page.w,
                        packed ? nullptr : theta + layer.w, {page.v.row(r0), page.v.ld}, page.b);
            with_activation<T>(layer.activation, [&](auto f) {
                using F = decltype(f);
                if constexpr (std::is_same_v<F, Identity<T>>) return;
                each(layer, r0, r1, [&](int64_t r, int64_t j) {
                    Vec<T> slope;
                    const Vec<T> v = F::value(load(page.v.row(r) + j), slope);
                    store(page.v.row(r) + j, v);
                    if constexpr (!F::from_value)
                        if (learns) store(page.slope.row(r) + j, slope);
                });
            });
        }
    }

    // The way back, from layer i to the first of its stack.
    void backward_from(int64_t i, int64_t lo, int64_t hi) {
        for (; i >= 0; i = pages[i].before) {
            const Layer& layer = layers[i];
            Page<T>& page = pages[i];
            const Matrix<T> to = page.du, dv = page.dv;
            switch (layer.kind) {
                case Kind::dense:
                    with_activation<T>(layer.activation, [&](auto f) {
                        using F = decltype(f);
                        if constexpr (std::is_same_v<F, Identity<T>>) return;
                        each(layer, lo, hi, [&](int64_t r, int64_t j) {
                            Vec<T> slope;
                            if constexpr (F::from_value) slope = F::slope_at(load(page.v.row(r) + j));
                            else slope = load(page.slope.row(r) + j);
                            store(dv.row(r) + j, load(dv.row(r) + j) * slope);
                        });
                    });
                    if (to.at)
                        multiply<T>(hi - lo, layer.n_in, layer.n_out, {dv.row(lo), dv.ld, 1}, page.wt,
                                    nullptr, {to.row(lo), to.ld}, nullptr);
                    break;
                case Kind::dropout:
                    if (to.at) each(layer, lo, hi, [&](int64_t r, int64_t j) {
                        const Vec<T> d = load(dv.row(r) + j);
                        store(to.row(r) + j, drops ? d * load(page.slope.row(r) + j) : d);
                    });
                    break;
                case Kind::scale:
                    if (to.at) each(layer, lo, hi, [&](int64_t r, int64_t j) {
                        store(to.row(r) + j, load(dv.row(r) + j) * load(page.b + j));
                    });
                    break;
                case Kind::periodic:
                    if (to.at)
                        for (int64_t r = lo; r < hi; r++) page.waves.backward(r, dv.row(r), to.row(r));
                    break;
                case Kind::residual: {
                    const Matrix<T> inner = pages[page.inner].dv;
                    each(layer, lo, hi, [&](int64_t r, int64_t j) {
                        store(inner.row(r) + j, load(dv.row(r) + j));
                    });
                    backward_from(page.inner, lo, hi);
                    if (to.at) each(layer, lo, hi, [&](int64_t r, int64_t j) {
                        store(to.row(r) + j, load(to.row(r) + j) + load(dv.row(r) + j));
                    });
                }
            }
        }
    }

    // Every vector of rows lo ... hi of a layer's output.
    template <class Job> static void each(const Layer& layer, int64_t lo, int64_t hi, Job job) {
        for (int64_t r = lo; r < hi; r++)
            for (int64_t j = 0; j < layer.n_out; j += LANES<T>) job(r, j);
    }
};

}  // namespace jubako
