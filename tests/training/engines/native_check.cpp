// The native engine against a textbook loop in double, for machines where Python does not run the
// tests: `make neon` compiles this for ARM and runs it in an emulator. It trains and predicts with
// networks of many sizes, of every activation, in both precisions, and with 1, 2 and 3 threads.
#include <cstdio>
#include <random>
#include <string>

#include "../../../src/jubako/training/engines/native/predictor.hpp"
#include "../../../src/jubako/training/engines/native/trainer.hpp"

using namespace jubako;
using Numbers = std::vector<double>;

int failures = 0;

void expect(bool holds, const std::string& fact) {
    if (!holds) failures++, printf("FAILED: %s\n", fact.c_str());
}

double value(int activation, double a) {
    switch (activation) {
        case 0: return a;
        case 1: return std::max(a, 0.0);
        case 2: return a < 0 ? 0.01 * a : a;
        case 3: return a < 0 ? std::expm1(a) : a;
        case 4: return 1.0507009873554805 * (a < 0 ? 1.6732632423543772 * std::expm1(a) : a);
        case 5: return a * 0.5 * std::erfc(-a / std::sqrt(2.0));
        case 6: return a / (1 + std::exp(-1.702 * a));
        case 7: return a / (1 + std::exp(-a));
        case 8: return a * std::tanh(std::log1p(std::exp(a)));
        case 9: return std::log1p(std::exp(a));
        case 10: return std::tanh(a);
        default: return 1 / (1 + std::exp(-a));
    }
}

// Its derivative, by central differences; no input of the tests is that near to a kink.
double slope(int activation, double a) {
    return (value(activation, a + 1e-6) - value(activation, a - 1e-6)) / 2e-6;
}

struct Stack {
    std::vector<int64_t> sizes;
    int activation;
    std::vector<Layer> layers;
    int64_t n_params = 0;

    Stack(std::vector<int64_t> sizes, int activation) : sizes(sizes), activation(activation) {
        for (size_t i = 0; i + 1 < sizes.size(); i++) {
            Layer layer{};
            layer.kind = Kind::dense;
            layer.activation = i + 2 < sizes.size() ? activation : 0;
            layer.n_in = sizes[i], layer.n_out = sizes[i + 1];
            layer.w = n_params, layer.b = layer.w + layer.n_in * layer.n_out;
            layer.lr_multiplier[0] = layer.lr_multiplier[1] = layer.decay_multiplier[0] = 1;
            n_params = layer.b + layer.n_out;
            layers.push_back(layer);
        }
    }

    // The sums a of every layer for one row.
    std::vector<Numbers> forward(const Numbers& theta, Numbers u) const {
        std::vector<Numbers> sums;
        for (const Layer& layer : layers) {
            Numbers a(theta.begin() + layer.b, theta.begin() + layer.b + layer.n_out), v;
            for (int64_t i = 0; i < layer.n_in; i++)
                for (int64_t j = 0; j < layer.n_out; j++) a[j] += u[i] * theta[layer.w + i * layer.n_out + j];
            for (double one : a) v.push_back(value(layer.activation, one));
            sums.push_back(a), u = v;
        }
        return sums;
    }

    // Add s times the gradient of one row's cross-entropy.
    void backward(const Numbers& theta, const Numbers& x, int64_t label, double s, Numbers& grad) const {
        const std::vector<Numbers> sums = forward(theta, x);
        Numbers delta = sums.back();
        const double largest = *std::max_element(delta.begin(), delta.end());
        double total = 0;
        for (double& d : delta) total += d = std::exp(d - largest);
        for (double& d : delta) d *= s / total;
        delta[label] -= s;
        for (size_t l = layers.size(); l-- > 0;) {
            const Layer& layer = layers[l];
            Numbers before(layer.n_in);
            for (int64_t i = 0; i < layer.n_in; i++) {
                const double a = l ? sums[l - 1][i] : 0, u = l ? value(activation, a) : x[i];
                for (int64_t j = 0; j < layer.n_out; j++) {
                    grad[layer.w + i * layer.n_out + j] += u * delta[j];
                    before[i] += delta[j] * theta[layer.w + i * layer.n_out + j];
                }
                if (l) before[i] *= slope(activation, a);
            }
            for (int64_t j = 0; j < layer.n_out; j++) grad[layer.b + j] += delta[j];
            delta = before;
        }
    }
};

template <class T> void compare(const Stack& stack, int64_t n_rows, int64_t batch_size) {
    std::mt19937 random(1);
    std::normal_distribution<double> normal;
    const int64_t P = stack.n_params, n_in = stack.sizes.front(), n_out = stack.sizes.back();
    const int64_t n_steps = (n_rows + batch_size - 1) / batch_size, n_epochs = 2;
    std::vector<T> x(n_rows * n_in), y(n_rows), w(n_rows, 1), start(P);
    for (T& a : x) a = T(normal(random));
    for (T& a : y) a = T(random() % n_out);
    for (const Layer& layer : stack.layers)
        for (int64_t i = layer.w; i < layer.b + layer.n_out; i++)
            start[i] = T(normal(random) / std::sqrt(double(layer.n_in)));
    const uint32_t seed = 5;
    std::vector<uint32_t> order(n_epochs * n_rows), own(n_rows);
    for (int64_t e = 0; e < n_epochs; e++) {
        RowOrder().write(seed, e, n_rows, &order[e * n_rows]);
        std::vector<uint32_t> sorted(&order[e * n_rows], &order[e * n_rows] + n_rows);
        std::sort(sorted.begin(), sorted.end());
        for (int64_t i = 0; i < n_rows; i++) expect(sorted[i] == i, "an order has each row once");
    }

    // the textbook; epsilon is large, so that Adam does not magnify the rounding of gradients near 0
    const double rate = 0.01, beta_1 = 0.9, beta_2 = 0.999, epsilon = 0.01;
    Numbers theta(start.begin(), start.end()), m(P), v(P);
    int64_t t = 0;
    for (int64_t e = 0; e < n_epochs; e++)
        for (int64_t begin = 0; begin < n_rows; begin += batch_size) {
            Numbers grad(P);
            const int64_t n = std::min(batch_size, n_rows - begin);
            for (int64_t i = begin; i < begin + n; i++) {
                const int64_t r = order[e * n_rows + i];
                stack.backward(theta, Numbers(&x[r * n_in], &x[r * n_in] + n_in), int64_t(y[r]), 1.0 / n, grad);
            }
            t++;
            for (int64_t i = 0; i < P; i++) {
                m[i] += (1 - beta_1) * (grad[i] - m[i]);
                v[i] += (1 - beta_2) * (grad[i] * grad[i] - v[i]);
                theta[i] -= rate * std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t)) * m[i] /
                            (std::sqrt(v[i]) + epsilon);
            }
        }

    std::string name = sizeof(T) == 4 ? "float" : "double";
    for (int64_t size : stack.sizes) name += " " + std::to_string(size);
    name += ", activation " + std::to_string(stack.activation) + ", batch " + std::to_string(batch_size);
    // rounding of some hundred terms in each of some steps; central differences are good to 1e-9
    const double bound = sizeof(T) == 4 ? 1e-5 : 1e-8;
    std::vector<T> first;
    for (int64_t n_threads = 1; n_threads <= 3; n_threads++) {
        std::vector<T> ours = start, mine(P), vine(P), grad(n_epochs * P), rates(n_epochs * n_steps, T(rate));
        std::vector<double> losses(n_epochs), steps(1);
        std::vector<int64_t> done(1), ordered(1, -1);
        Job job{};
        job.layers = stack.layers.data(), job.n_layers = stack.layers.size(), job.n_params = P;
        job.loss = 7, job.rule = Rule::adam;
        job.settings[0] = beta_1, job.settings[1] = beta_2, job.settings[2] = epsilon;
        job.max_grad_norm = INFINITY;
        job.x = x.data(), job.x_row = n_in, job.x_col = 1, job.y = y.data(), job.y_cols = 1, job.w = w.data();
        job.n_rows = job.most_rows = n_rows, job.batch_size = batch_size;
        job.n_networks = 1, job.n_epochs = n_epochs, job.n_steps = n_steps;
        job.theta = ours.data(), job.m = mine.data(), job.v = vine.data(), job.t = steps.data();
        job.seeds = &seed, job.order = own.data(), job.ordered = ordered.data(), job.rates = rates.data(), job.losses = losses.data(), job.grad = grad.data();
        job.done = done.data(), job.n_threads = n_threads;
        while (!train<T>(job, 1)) continue;
        double worst = 0;
        for (int64_t i = 0; i < P; i++) worst = std::max(worst, std::abs(ours[i] - theta[i]));
        expect(worst < bound, "training, " + name + ": off by " + std::to_string(worst));
        if (n_threads == 1) first = ours;
        expect(!memcmp(first.data(), ours.data(), P * sizeof(T)), "the same bits for any threads, " + name);
    }

    std::vector<T> out(n_rows * n_out);
    int64_t done = 0;
    PredictJob question{stack.layers.data(), int64_t(stack.layers.size()), P, x.data(), n_in, 1, n_rows,
                 first.data(), 1, out.data(), &done, 2};
    PredictorOf<T> predictor(question);
    while (!predictor.run(0)) continue;
    const Numbers learnt(first.begin(), first.end());
    double worst = 0;
    for (int64_t r = 0; r < n_rows; r++) {
        const Numbers b = stack.forward(learnt, Numbers(&x[r * n_in], &x[r * n_in] + n_in)).back();
        for (int64_t j = 0; j < n_out; j++) worst = std::max(worst, std::abs(out[r * n_out + j] - b[j]));
    }
    expect(worst < bound, "prediction, " + name + ": off by " + std::to_string(worst));
}

int main() {
    for (int activation = 0; activation < 12; activation++) {
        compare<float>({{5, 19, 7, 3}, activation}, 40, 9);
        compare<double>({{5, 19, 7, 3}, activation}, 40, 9);
    }
    for (int64_t size : {1, 2, 3, 4, 8, 11, 12, 13, 16, 17, 24, 31, 33, 63, 65}) {
        compare<float>({{size, 33, size + 1}, 10}, 50, 1 + size);
        compare<double>({{33, size, 2}, 10}, 50, 1 + size);
    }
    compare<float>({{1030, 6, 2}, 10}, 20, 20);      // k is cut
    compare<float>({{150, 255, 257, 3}, 10}, 600, 600);  // so large that threads share it; two chunks
    printf("%s\n", failures ? "The native engine is wrong." : "The native engine agrees with the textbook.");
    return failures != 0;
}
