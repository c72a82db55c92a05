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
    T* packed = nullptr;  // of each number: f and c, then mix_1, mix_2 ...; after all of them, b
    T *cosines = nullptr, *sines = nullptr;  // of each row and number; of one row where it does not learn

    int64_t padded() const { return round_up(n_frequencies, LANES<T>); }
    int64_t of_number() const { return (2 + n_sums) * padded(); }
    int64_t packed_size() const { return n_numbers * (of_number() + n_sums); }
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

    int64_t place(int64_t r, int64_t i, int64_t q) const { return (r * n_numbers + i) * padded() + q; }

    // Row r: v = [u, z].
    void forward(int64_t r, Matrix<T> u, Matrix<T> v) const {
        constexpr int L = LANES<T>;
        const T* b = packed + n_numbers * of_number();
        for (int64_t i = 0; i < n_in; i++) *v.cell(r, i) = *u.cell(r, i);
        for (int64_t i = 0; i < n_numbers; i++) {
            const T *f = packed + i * of_number(), *c = f + padded(), *mix = c + padded();
            T* const here = cosines + place(sines ? r : 0, i, 0);
            for (int64_t q = 0; q < padded(); q += L) {
                Vec<T> sine;
                store(here + q, sincos(load(f + q) * *u.cell(r, i) + load(c + q), sine));
                if (sines) store(sines + place(r, i, q), sine);
            }
            for (int64_t j = 0; j < n_sums; j++) {
                Vec<T> z{};
                for (int64_t q = 0; q < padded(); q += L)
                    z += load(mix + j * padded() + q) * load(here + q);
                *v.cell(r, n_in + i * n_sums + j) = b[i * n_sums + j] + sum<T>(z);
            }
        }
    }

    // dL/d(2 pi f_q u + c_q) of row r, number i, waves q ...
    Vec<T> slope(int64_t r, int64_t i, int64_t q, Matrix<T> dv) const {
        const T* mix = packed + i * of_number() + 2 * padded() + q;
        Vec<T> d{};
        for (int64_t j = 0; j < n_sums; j++)
            d += *dv.cell(r, n_in + i * n_sums + j) * load(mix + j * padded());
        return -d * load(sines + place(r, i, q));
    }

    // Row r: du, given dv.
    void backward(int64_t r, Matrix<T> dv, Matrix<T> du) const {
        for (int64_t i = 0; i < n_in; i++) *du.cell(r, i) = *dv.cell(r, i);
        for (int64_t i = 0; i < n_numbers; i++) {
            const T* f = packed + i * of_number();
            for (int64_t q = 0; q < padded(); q += LANES<T>)
                *du.cell(r, i) += sum<T>(slope(r, i, q, dv) * load(f + q));
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
        for (int64_t i = 0; i < n_numbers; i++) {
            for (int64_t q = 0; q < n_frequencies; q += L) {
                Vec<T> df{}, dc{};
                for (int64_t r = 0; r < n; r++) {
                    const Vec<T> d = slope(r, i, q, dv);
                    dc += d;
                    df += d * (TAU * *u.cell(r, i));
                }
                put(gf + i * n_frequencies, df, q);
                put(gc + i * n_frequencies, dc, q);
                for (int64_t j = 0; j < n_sums; j++) {
                    Vec<T> dmix{};
                    for (int64_t r = 0; r < n; r++)
                        dmix += *dv.cell(r, n_in + i * n_sums + j) * load(cosines + place(r, i, q));
                    put(gmix + (i * n_sums + j) * n_frequencies, dmix, q);
                }
            }
            for (int64_t j = 0; j < n_sums; j++) {
                T total = 0;
                for (int64_t r = 0; r < n; r++) total += *dv.cell(r, n_in + i * n_sums + j);
                gb[i * n_sums + j] = adds ? gb[i * n_sums + j] + total : total;
            }
        }
    }

    static constexpr T TAU = T(6.283185307179586477);
};

}  // namespace jubako
