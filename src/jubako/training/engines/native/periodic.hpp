// Periodic layers: of each number u, sums of waves z_j = sum_q mix_jq cos(2 pi f_q u + c_q) + b_j.
//
// The waves of one number lie side by side, padded to whole vectors. A padded wave is cos 0 = 1, and
// its place in mix is 0, so that it adds nothing.
#pragma once
#include "panels.hpp"
#include "vectormath.hpp"

namespace jubako {

template <class T> struct Waves {
    int64_t n_in = 0, n_numbers = 0, n_frequencies = 0, n_sums = 0;
    T* packed = nullptr;  // of each number: f and c, then mix_1, mix_2 ...; after all of them b, and a vector
    T *cosines = nullptr, *sines = nullptr;  // of each row and number; of one row where it does not learn

    int64_t padded() const { return round_up(n_frequencies, LANES<T>); }
    int64_t of_number() const { return (2 + n_sums) * padded(); }
    int64_t packed_size() const { return n_numbers * (of_number() + n_sums) + LANES<T>; }
    int64_t n_params() const { return n_numbers * ((2 + n_sums) * n_frequencies + n_sums); }

    // Take over the parameters: f, c (n_numbers, n_frequencies), mix (n_numbers, n_sums, n_frequencies), b.
    void pack(const T* p) {
        const T *f = p, *c = f + n_numbers * n_frequencies, *mix = c + n_numbers * n_frequencies;
        for (int64_t i = 0; i < n_numbers; i++) {
            T* to = packed + i * of_number();
            for (int64_t q = 0; q < n_frequencies; q++) to[q] = TAU * f[i * n_frequencies + q];
            std::copy_n(c + i * n_frequencies, n_frequencies, to + padded());
            for (int64_t j = 0; j < n_sums; j++)
                std::copy_n(mix + (i * n_sums + j) * n_frequencies, n_frequencies, to + (2 + j) * padded());
        }
        std::copy_n(mix + n_numbers * n_sums * n_frequencies, n_numbers * n_sums,
                    packed + n_numbers * of_number());
    }

    // Row r: v = [u, z].
    void forward(int64_t r, Matrix<T> u, Matrix<T> v) const {
        constexpr int L = LANES<T>;
        const int64_t n_waves = padded();
        copy_vectors(n_in, r, u, v);
        const T *f = packed, *b = packed + n_numbers * of_number();
        T* here = cosines + (sines ? place(r, 0) : 0);
        T* sine_here = sines ? sines + place(r, 0) : nullptr;
        Vec<T> z[L] = {};  // waves of the next n sums, which are added up together
        int64_t n = 0, out = n_in;
        auto finish = [&] {
            const Vec<T> total = load(b) + sums<T>(z);
            if (n == L && out % PANEL<T> <= PANEL<T> - L) {
                store(v.cell(r, out), total);
            } else {  // near the edge of a panel, or the last ones
                T part[L];
                store(part, total);
                for (int64_t l = 0; l < n; l++) *v.cell(r, out + l) = part[l];
            }
            out += n, b += n, n = 0;
        };
        for (int64_t i = 0; i < n_numbers; i++, f += of_number()) {
            const T *c = f + n_waves, *mix = c + n_waves, x = *u.cell(r, i);
            for (int64_t q = 0; q < n_waves; q += L) {
                Vec<T> sine;
                store(here + q, sincos(load(f + q) * x + load(c + q), sine));
                if (sines) store(sine_here + q, sine);
            }
            for (int64_t j = 0; j < n_sums; j++, mix += n_waves) {
                z[n] = Vec<T>{};
                for (int64_t q = 0; q < n_waves; q += L) z[n] += load(mix + q) * load(here + q);
                if (++n == L) finish();
            }
            if (sines) here += n_waves, sine_here += n_waves;
        }
        if (n) finish();
    }

    // Row r: du, given dv. Without `asks`, nobody reads that of the numbers.
    void backward(int64_t r, Matrix<T> dv, Matrix<T> du, bool asks) const {
        copy_vectors(n_in, r, dv, du);
        for (int64_t i = 0; asks && i < n_numbers; i++) {
            const T* f = packed + i * of_number();
            for (int64_t q = 0; q < padded(); q += LANES<T>)
                *du.cell(r, i) += sum<T>(Slopes(*this, i, q, dv)(r) * load(f + q));
        }
    }

    // The gradient of all parameters, over n rows; or added to it.
    void gradient(int64_t n, Matrix<T> u, Matrix<T> dv, bool adds, T* g) const {
        constexpr int L = LANES<T>;
        T *gf = g, *gc = gf + n_numbers * n_frequencies, *gmix = gc + n_numbers * n_frequencies;
        T* gb = gmix + n_numbers * n_sums * n_frequencies;
        auto put = [&](T* to, Vec<T> total, int64_t q) {
            T sums[L];
            store(sums, total);
            for (int64_t l = 0; l < std::min<int64_t>(L, n_frequencies - q); l++)
                to[q + l] = adds ? to[q + l] + sums[l] : sums[l];
        };
        const int64_t row = n_numbers * padded();  // from one row's waves to the next
        for (int64_t i = 0; i < n_numbers; i++) {
            for (int64_t q = 0; q < n_frequencies; q += L) {
                const Slopes slope(*this, i, q, dv);
                const T* x = u.cell(0, i);
                Vec<T> df{}, dc{};
                for (int64_t r = 0; r < n; r++) {
                    const Vec<T> d = slope(r);
                    dc += d;
                    df += d * (TAU * x[r * PANEL<T>]);
                }
                put(gf + i * n_frequencies, df, q);
                put(gc + i * n_frequencies, dc, q);
                for (int64_t j = 0; j < n_sums; j++) {
                    const T *dz = dv.cell(0, n_in + i * n_sums + j), *waves = cosines + place(0, i) + q;
                    Vec<T> dmix{};
                    for (int64_t r = 0; r < n; r++) dmix += dz[r * PANEL<T>] * load(waves + r * row);
                    put(gmix + (i * n_sums + j) * n_frequencies, dmix, q);
                }
            }
            for (int64_t j = 0; j < n_sums; j++) {
                const T* dz = dv.cell(0, n_in + i * n_sums + j);
                T total = 0;
                for (int64_t r = 0; r < n; r++) total += dz[r * PANEL<T>];
                gb[i * n_sums + j] = adds ? gb[i * n_sums + j] + total : total;
            }
        }
    }

    static constexpr T TAU = T(6.283185307179586477);

  private:
    // Where the waves of row r and number i begin in `cosines` and `sines`.
    int64_t place(int64_t r, int64_t i) const { return (r * n_numbers + i) * padded(); }

    // The first n numbers of row r, and what follows in their last vector.
    static void copy_vectors(int64_t n, int64_t r, Matrix<T> from, Matrix<T> to) {
        for (int64_t j = 0; j < n; j += LANES<T>) store(to.cell(r, j), load(from.cell(r, j)));
    }

    // dL/d(2 pi f_q u + c_q) of number i, waves q ... in any row.
    class Slopes {
      public:
        Slopes(const Waves& of, int64_t i, int64_t q, Matrix<T> dv)
            : of(of),
              mix(of.packed + i * of.of_number() + 2 * of.padded() + q),
              sine(of.sines + of.place(0, i) + q),
              row(of.n_numbers * of.padded()),
              first(of.n_in + i * of.n_sums),
              dv(dv) {}

        Vec<T> operator()(int64_t r) const {
            Vec<T> d{};
            for (int64_t j = 0; j < of.n_sums; j++)
                d += *dv.cell(r, first + j) * load(mix + j * of.padded());
            return -d * load(sine + r * row);
        }

      private:
        const Waves& of;
        const T *mix, *sine;
        int64_t row, first;
        Matrix<T> dv;
    };
};

}  // namespace jubako
