// Where the numbers of a network stand: its pages, and its parameters in panels, as products read them.
//
// Those that are learnt are in `params`, cut into blocks. Each block is read from theta when a run
// begins, and written back when it ends.
#pragma once
#include <algorithm>
#include <memory>
#include <new>
#include <vector>

#include "job.hpp"
#include "embedding.hpp"
#include "panels.hpp"
#include "periodic.hpp"
#include "profile.hpp"

namespace jubako {

// Memory for one team, allocated once and zeroed.
class Arena {
  public:
    template <class T> T* take(int64_t n) {
        const size_t size = round_up(std::max<int64_t>(n, 1) * sizeof(T), 64);
        void* p = ::operator new(size, LINE);
        memset(p, 0, size);
        parts.emplace_back(p);
        return static_cast<T*>(p);
    }
    template <class T> Matrix<T> matrix(int64_t rows, int64_t cols) {
        return {take<T>(size_in_panels<T>(rows, cols)), rows};
    }

  private:
    static constexpr std::align_val_t LINE{64};  // as long as a line of the cache
    struct Free {
        void operator()(void* p) const { ::operator delete(p, LINE); }
    };
    std::vector<std::unique_ptr<void, Free>> parts;
};

// What one layer writes in one pass, and its parameters in the order in which products read them.
template <class T> struct Page {
    Matrix<T> u;      // its input
    Matrix<T> v;      // its output
    Matrix<T> slope;  // f'(a), or the mask of dropout, or their product
    const Layer* dropout = nullptr;  // of a dense layer: the one after it, which works in its pages
    Matrix<T> dv;     // dL/dv; of a dense layer at last delta = dL/da
    Matrix<T> du;     // where dL/du goes; nowhere if nobody asks
    int64_t before = -1, inner = -1;  // the layer before this one in its stack; the last inside
    Matrix<T> w, wt;  // w, and w transposed where the way back needs it
    const T* edge = nullptr;  // of a w that is not copied: its last panel, if that is not full
    bool turned = false;  // whether wt is what is learnt, and w its copy
    T* b = nullptr;   // bias, scale or tables, padded
    Waves<T> waves;   // of a periodic layer
    Tables<T> tables;  // of an embedding
};

// Some rows of one panel of a layer's w (or wt), or its other parameters: what a thread updates at a
// time. They stand at begin ... end of `params`, row after row.
struct ParameterBlock {
    bool is_weight;
    int64_t lo, hi;     // rows; of other parameters there is one
    int64_t col, cols;  // its first column, and how many
    int64_t at, row, step;  // in theta: the first number, the way to the next row and column
    int64_t layer = 0, begin = 0, end = 0;
    double lr_multiplier = 1, decay_multiplier = 1;
};

constexpr int64_t BLOCK_SIZE = 4096;  // parameters in a block, about: its moments and gradient fit the cache

template <class T> class Layout {
  public:
    // Pages for passes of at most `rows` rows; for the way back too if it `learns`. For few rows it
    // does not pay to copy w to panels: those that are full are read in theta.
    Layout(const Layer* layers, int64_t n_layers, int64_t rows, bool learns, bool packs, Arena& arena)
        : layers(layers), n_layers(n_layers), learns(learns), packs(packs), pages(n_layers) {
        for (int64_t i = 0; i < n_layers; i++) {
            const Layer& layer = layers[i];
            Page<T>& page = pages[i];
            if (layer.kind == Kind::periodic) {
                page.waves = {layer.n_in, layer.n_numbers, layer.n_frequencies, layer.n_sums};
                page.waves.packed = arena.take<T>(page.waves.packed_size());
                const int64_t all = layer.n_numbers * page.waves.padded();
                page.waves.cosines = arena.take<T>(learns ? rows * all : all);
                if (learns) page.waves.sines = arena.take<T>(rows * all);
            }
            if (layer.kind == Kind::embedding)
                page.tables = {layer.n_in, layer.n_numbers, layer.levels, layer.most};
            // a narrow w would fill its vectors badly: then its transpose is what is learnt
            page.turned = learns && layer.n_out < LANES<T> && layer.n_in > layer.n_out;
            cut(i);
        }
        params = arena.take<T>(n_padded);
        for (const ParameterBlock& block : blocks) {
            const Layer& layer = layers[block.layer];
            Page<T>& page = pages[block.layer];
            if (!block.is_weight) page.b = block.col ? page.b : params + block.begin;
            else if (!packs) page.edge = block.lo ? page.edge : params + block.begin;
            else if (!block.lo && !block.col && page.turned) {
                page.w = arena.matrix<T>(layer.n_in, layer.n_out);
                page.wt = {params + block.begin, layer.n_out};
            } else if (!block.lo && !block.col) {
                page.w = {params + block.begin, layer.n_in};
                if (learns && block.layer) page.wt = arena.matrix<T>(layer.n_out, layer.n_in);
            }
        }
        x = arena.matrix<T>(rows, layers[0].n_in);
        last = wire(0, n_layers, x, {}, arena);
    }

    // Copy a block's numbers from theta, or an array like it, to an array like `params`; or back.
    void read(const ParameterBlock& block, const T* from, T* to) const {
        for (int64_t i = 0; i < block.hi - block.lo; i++) {
            const T* row = from + block.at + i * block.row;
            T* cells = to + block.begin + i * PANEL<T>;
            if (block.step == 1) std::copy_n(row, block.cols, cells);
            else for (int64_t j = 0; j < block.cols; j++) cells[j] = row[j * block.step];
        }
    }
    void write(const ParameterBlock& block, const T* from, T* to) const {
        for (int64_t i = 0; i < block.hi - block.lo; i++) {
            T* row = to + block.at + i * block.row;
            const T* cells = from + block.begin + i * PANEL<T>;
            if (block.step == 1) std::copy_n(cells, block.cols, row);
            else for (int64_t j = 0; j < block.cols; j++) row[j * block.step] = cells[j];
        }
    }

    // Whether products read a block's transpose too.
    bool is_copied(const ParameterBlock& block) const {
        const Page<T>& page = pages[block.layer];
        return block.is_weight && (page.turned || page.wt.at);
    }

    // Bring all that depends on a block of `params` up to date.
    void refresh(const ParameterBlock& block) {
        const Timed timed(Phase::copies);
        constexpr int L = LANES<T>;
        const Page<T>& page = pages[block.layer];
        if (page.waves.packed) pages[block.layer].waves.pack(params + block.begin);
        if (!is_copied(block)) return;
        const Matrix<T> copy = page.turned ? page.w : page.wt;
        for (int64_t i = block.lo; i < block.hi; i += L)
            for (int64_t j = 0; j < block.cols; j += L)
                transpose_square(params + block.begin + (i - block.lo) * PANEL<T> + j, PANEL<T>,
                                 block.hi - i, copy.cell(block.col + j, i), PANEL<T>, block.cols - j);
    }

    void take_over(const T* theta) {
        this->theta = theta;
        for (const ParameterBlock& block : blocks) {
            read(block, theta, params);
            refresh(block);
        }
    }

    Page<T>& last_page() { return pages[last]; }
    int64_t n_out() const { return layers[last].n_out; }

    const Layer* layers;
    int64_t n_layers;
    bool learns, packs;
    T* params = nullptr;
    int64_t n_padded = 0;  // numbers in params, and in arrays like it
    std::vector<ParameterBlock> blocks;
    Matrix<T> x;
    std::vector<Page<T>> pages;

  protected:
    int64_t last = -1;
    const T* theta = nullptr;  // where those panels of w are read that are not copied

  private:
    // Cut the parameters of layer i into blocks, and give them their place in `params`.
    void cut(int64_t i) {
        const Layer& layer = layers[i];
        auto add = [&](ParameterBlock block, int64_t size) {
            block.layer = i, block.begin = n_padded, block.end = n_padded += size;
            block.lr_multiplier = layer.lr_multiplier[!block.is_weight && layer.kind == Kind::dense];
            block.decay_multiplier = layer.decay_multiplier[!block.is_weight && layer.kind == Kind::dense];
            blocks.push_back(block);
        };
        auto others = [&](int64_t at, int64_t n) {
            add({.is_weight = false, .lo = 0, .hi = 1, .col = 0, .cols = n, .at = at, .row = n, .step = 1},
                round_up(n, PANEL<T>));
        };
        if (layer.kind == Kind::scale) others(layer.w, layer.n_out);
        if (layer.kind == Kind::periodic) others(layer.w, layer.b - layer.w);
        if (layer.kind == Kind::embedding && learns) {  // else it is read in theta
            constexpr int64_t part = BLOCK_SIZE / PANEL<T> * PANEL<T>;
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
        const int64_t height = std::max<int64_t>(1, BLOCK_SIZE / PANEL<T> / PANEL<T>) * PANEL<T>;
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

    // Give layers begin ... end their pages, for as many rows as u has: they read u, and the gradient of u
    // goes to du. Return the last layer. A dropout layer after a dense one is part of it.
    int64_t wire(int64_t begin, int64_t end, Matrix<T> u, Matrix<T> du, Arena& arena) {
        int64_t before = -1;
        for (int64_t i = begin; i < end; i += 1 + layers[i].inside) {
            const Layer& layer = layers[i];
            Page<T>& page = pages[i];
            page.u = u, page.du = du, page.before = before;
            if (layer.kind == Kind::dropout && before >= 0 && layers[before].kind == Kind::dense &&
                !pages[before].dropout) {
                page.v = u;
                pages[before].dropout = &layer;
                continue;
            }
            page.v = arena.matrix<T>(u.rows, layer.n_out);
            if (learns) page.dv = arena.matrix<T>(u.rows, layer.n_out);
            if (learns && (layer.kind == Kind::dense || layer.kind == Kind::dropout))
                page.slope = arena.matrix<T>(u.rows, layer.n_out);
            if (layer.kind == Kind::residual)
                page.inner = wire(i + 1, i + 1 + layer.inside, u, du, arena);
            u = page.v, du = page.dv, before = i;
        }
        return before;
    }
};

}  // namespace jubako
