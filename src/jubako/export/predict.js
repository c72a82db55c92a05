"use strict";
// Predicts one row with the model in this page: the same formulas as in Jubako, one after the other.

// 1. Columns: each value becomes one or several numbers near 0. A missing value is null.

const DAY = 86400; // seconds
const bent = (z) => z / Math.sqrt(1 + (z / 3) ** 2);

function numeric(column, x, quantiles) {
  const gone = x === null;
  let z = 0;
  if (!gone) {
    z = quantiles && column.knots.length
      ? (interpolate(x, column.knots, column.scores, false) + interpolate(x, column.knots, column.scores, true)) / 2
      : bent(Math.min(Math.max((x - column.center) / column.scale, -1e6), 1e6));
  }
  return column.missing ? [z, gone ? 1 : 0] : [z];
}

// Interpolate between knots; of equal knots, take the first or the last.
function interpolate(x, knots, scores, first) {
  let low = 0, high = knots.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (first ? knots[middle] < x : knots[middle] <= x) low = middle + 1; else high = middle;
  }
  const next = first ? low : low - 1; // the knot that x lies on or beyond
  if (first) {
    if (next >= knots.length) return scores[knots.length - 1];
    if (next === 0 || knots[next] === x) return scores[next];
    return scores[next] - (scores[next] - scores[next - 1]) / (knots[next] - knots[next - 1]) * (knots[next] - x);
  }
  if (next < 0) return scores[0];
  if (next === knots.length - 1 || knots[next] === x) return scores[next];
  return scores[next] + (scores[next + 1] - scores[next]) / (knots[next + 1] - knots[next]) * (x - knots[next]);
}

function text(column, value) {
  if (value === null || !value.trim()) return null;
  return column.reading.declared ? value.replace(/^(-?(?:0|[1-9][0-9]*))\.0+$/, "$1") : value;
}

function categorical(column, value) {
  const word = text(column, value), n = column.levels.length;
  column.codes_of ??= new Map(column.levels.map((level, i) => [level, i + 1]));
  const rare = column.rare ? 1 : 0, missing = column.missing ? 1 : 0;
  const code = word === null ? missing * (n + rare + 1) : column.codes_of.get(word) ?? rare * (n + 1);
  if (column.codes) return [code];
  return Array.from({ length: n + rare + missing }, (_, i) => (code === i + 1 ? 1 : 0));
}

function discrete(column, x) {
  column.codes_of ??= new Map(column.values.map((value, i) => [Math.fround(value), i + 1]));
  return [x === null ? 0 : column.codes_of.get(Math.fround(x)) ?? 0];
}

function ordinal(column, value) {
  const levels = column.reading.levels, place = levels.indexOf(text(column, value));
  return [place < 0 ? 0 : 3 * place / (levels.length - 1) - 1.5];
}

function boolean(column, value) {
  const word = text(column, value);
  if (word === null || column.reading.missing.includes(word)) return [0];
  return [["true", "t", "yes", "y", "on", "1"].includes(word.trim().toLowerCase()) ? 1 : -1];
}

// Dates are seconds since 1970, times of day seconds since midnight.
function date(column, seconds) {
  if (seconds === null) return new Array(column.times ? 7 : 5).fill(0);
  const days = Math.floor(seconds / DAY), january1 = new Date(0);
  january1.setUTCFullYear(new Date(days * DAY * 1000).getUTCFullYear(), 0, 1);
  const shares = [(days - january1 / 1000 / DAY) / 366, (((days + 3) % 7) + 7) % 7 / 7];
  if (column.times) shares.push((seconds - days * DAY) / DAY);
  return withCircles(column, seconds, shares);
}

function timeOfDay(column, seconds) {
  return seconds === null ? [0, 0, 0] : withCircles(column, seconds, [seconds / DAY]);
}

function withCircles(column, seconds, shares) {
  const circles = shares.flatMap((share) => [Math.sin(2 * Math.PI * share), Math.cos(2 * Math.PI * share)]);
  return [bent((seconds - column.center) / column.scale), ...circles];
}

const COLUMNS = {
  numeric, duration: numeric, categorical, discrete, ordinal, boolean, date, "time of day": timeOfDay,
};

function encode(model, row, quantiles) {
  const x = new Float32Array(model.n_inputs);
  for (const column of model.columns) {
    x.set(COLUMNS[column.column](column, row[column.name] ?? null, quantiles), column.place[0]);
  }
  return Float64Array.from(x);
}

// 2. Layers: u goes in, v comes out. p has the parameters by their names, in rows.

function dense(layer, p, u) {
  const f = ACTIVATIONS[layer.activation], n = layer.n_out, a = Float64Array.from(p.b);
  for (let i = 0; i < u.length; i++) {
    if (u[i]) for (let j = 0, at = i * n; j < n; j++) a[j] += u[i] * p.w[at + j];
  }
  return a.map(f);
}

function embedding(layer, p, u) {
  const n = layer.n_in - layer.levels.length, v = [...u.subarray(0, n)];
  layer.levels.forEach((levels, j) => {
    const size = Math.min(levels, layer.most), row = Math.round(u[n + j]) - 1;
    for (let i = 0; i < size; i++) v.push(row >= 0 && row < levels ? p[`E${j + 1}`][row * size + i] : 0);
  });
  return Float64Array.from(v);
}

function periodic(layer, p, u) {
  const { n_numbers: n, n_frequencies: waves, n_sums: sums } = layer;
  const v = new Float64Array(u.length + n * sums);
  v.set(u);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < sums; j++) {
      let z = p.b[i * sums + j];
      for (let q = 0; q < waves; q++) {
        const angle = 2 * Math.PI * u[i] * p.f[i * waves + q] + p.c[i * waves + q];
        z += p.mix[(i * sums + j) * waves + q] * Math.cos(angle);
      }
      v[u.length + i * sums + j] = z;
    }
  }
  return v;
}

function residual(layer, p, u) {
  const inside = layer.layers.map((_, i) => within(`${i}.`, p));
  const v = forward(layer.layers, inside, u);
  return u.map((value, i) => value + v[i]);
}

const LAYERS = {
  dense, embedding, periodic, residual,
  dropout: (layer, p, u) => u, // only in training
  scale: (layer, p, u) => u.map((value, i) => value * p.s[i]),
};

const within = (start, p) =>
  Object.fromEntries(Object.entries(p).filter(([name]) => name.startsWith(start)).map(([name, a]) => [name.slice(start.length), a]));

const forward = (layers, params, u) =>
  layers.reduce((v, layer, i) => LAYERS[layer.layer](layer, params[i], v), u);

const logistic = (a) => 1 / (1 + Math.exp(-a));
const softplus = (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));

// The error function: its series, or far from 0 a continued fraction.
function erf(x) {
  if (x < 0) return -erf(-x);
  if (x > 3) {
    let fraction = x;
    for (let k = 30; k > 0; k--) fraction = x + k / 2 / fraction;
    return 1 - Math.exp(-x * x) / fraction / Math.sqrt(Math.PI);
  }
  let term = x, sum = x;
  for (let k = 1; Math.abs(term) > 1e-17 * sum; k++) {
    term *= -x * x / k;
    sum += term / (2 * k + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

const SCALE = 1.0507009873554805, ALPHA = 1.6732632423543772; // of selu
const ACTIVATIONS = {
  identity: (a) => a,
  relu: (a) => Math.max(a, 0),
  leaky_relu: (a) => Math.max(a, 0.01 * a),
  elu: (a) => Math.max(a, Math.expm1(Math.min(a, 0))),
  selu: (a) => SCALE * (Math.max(a, 0) + ALPHA * Math.expm1(Math.min(a, 0))),
  gelu: (a) => a * (1 + erf(a / Math.SQRT2)) / 2,
  quick_gelu: (a) => a * logistic(1.702 * a),
  silu: (a) => a * logistic(a),
  mish: (a) => a * Math.tanh(softplus(a)),
  softplus, tanh: Math.tanh, logistic,
};

function softmax(b) {
  const most = Math.max(...b), e = b.map((value) => Math.exp(value - most));
  const sum = e.reduce((total, value) => total + value, 0);
  return e.map((value) => value / sum);
}

// What the output of the last layer stands for, by the loss in training.
const same = (b) => b;
const MEANS = {
  squared_error: same, absolute_error: same, huber: same, log_cosh: same, quantile: same,
  poisson: (b) => b.map(Math.exp), binary_cross_entropy: (b) => b.map(logistic), cross_entropy: softmax,
};

// 3. The ensemble: the weighted mean of all networks, then probabilities, or a number.

function networkMean(network, views) {
  let mean = null;
  for (const params of network.params) { // K networks alike
    const b = forward(network.layers, params, views[+network.quantiles]);
    const prediction = MEANS[network.loss](b);
    mean = mean ? mean.map((value, i) => value + prediction[i]) : prediction;
  }
  return mean.map((value) => value / network.params.length);
}

function predict(model, row) {
  const views = [encode(model, row, false), encode(model, row, true)];
  let raw = null;
  for (const network of model.networks) {
    const mean = networkMean(network, views).map((value) => value * network.weight);
    raw = raw ? raw.map((value, i) => value + mean[i]) : mean;
  }
  const { target, interval } = model;
  if (target.kind === "number") {
    const number = (value) => Math.min(Math.max(value * target.scale + target.center, target.range[0]), target.range[1]);
    const reach = interval && interval.score * expectedError(interval, views);
    return { value: number(raw[0]), interval: interval && [number(raw[0] - reach), number(raw[0] + reach)] };
  }
  let p = Array.from(raw);
  if (model.temperature !== null) p = softmax(p.map((value) => Math.log(Math.max(value, 1e-12)) / model.temperature));
  if (p.length === 1 && target.classes.length === 2) p = [1 - p[0], p[0]];
  const likeliest = p.indexOf(Math.max(...p));
  const set = interval && target.classes.filter((_, i) => i === likeliest || 1 - p[i] <= interval.score);
  const expected = model.costs && p.map((_, j) => p.reduce((cost, value, i) => cost + value * model.costs[i][j], 0));
  const best = expected ? expected.indexOf(Math.min(...expected)) : likeliest;
  return { value: target.classes[best], best, probabilities: p, set };
}

function expectedError(interval, views) {
  if (!interval.network) return 1;
  const log = networkMean(interval.network, views)[0];
  return Math.exp(Math.min(Math.max(log, interval.low), interval.high)) + interval.least;
}

// The description of the model, with its parameters put where the layers find them.
function load(description, letters) {
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const numbers = new Float32Array(bytes.buffer);
  const model = JSON.parse(description);
  for (const network of [...model.networks, model.interval?.network]) {
    if (!network) continue;
    network.params = Array.from({ length: network.n_networks }, (_, k) =>
      network.places.map((layer) => Object.fromEntries(Object.entries(layer).map(
        ([name, [start, size]]) => [name, numbers.subarray(start + k * size, start + (k + 1) * size)]))));
  }
  return model;
}
