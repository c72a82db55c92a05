// What Python and C++ share: structs that library.py declares too, field by field. `jubako_abi` tells
// their sizes, and Python refuses a library in which they differ.
#pragma once
#include <cstdint>

#include "optimizers.hpp"

namespace jubako {

constexpr const char* LAYERS = "dense dropout scale embedding periodic residual";
enum class Kind : int32_t { dense, dropout, scale, embedding, periodic, residual };

// A layer, as Python describes it. A residual is followed by the `inside` layers that it contains.
struct Layer {
    Kind kind;
    int32_t activation;
    int64_t n_in, n_out, inside;
    int64_t w, b;  // where in theta its parts stand; those of other layers start at w
    double rate;
    int64_t draw;  // of dropout: which draw of the step it is, from 1
    int64_t n_numbers, n_frequencies, n_sums;  // of a periodic layer; n_numbers of an embedding too
    const int64_t* levels;  // of an embedding: of each category
    int64_t most;           // numbers in a row of its tables
    double lr_multiplier[2], decay_multiplier[2];  // of w or all parts, and of b
};

// What Python asks for when it trains. Arrays are (K, ...) for K networks, E epochs of at most S steps each.
struct Job {
    const Layer* layers;
    int64_t n_layers, n_params;
    int32_t loss;
    double loss_settings[1];  // as LOSSES names them
    double alpha;
    Rule rule;
    double settings[3];  // of the optimizer, as OPTIMIZERS names them
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

// What Python asks for when it predicts.
struct PredictJob {
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

}  // namespace jubako
