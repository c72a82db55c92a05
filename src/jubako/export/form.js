"use strict";
// The form: reads its fields, predicts, and shows the prediction and what each value adds to it.

const model = load(document.getElementById("model").textContent, document.getElementById("weights").textContent);
const page = document.querySelector(".jubako");
const fields = [...page.querySelectorAll("[data-column]")];
const show = (id, value) => { page.querySelector(id).textContent = value; };
const language = () => page.querySelector("header input:checked").value;

const rounded = (x, digits = 5) => String(Number(x.toPrecision(digits))).replace("-", "−");
const percent = (p) => `${(100 * p).toFixed(1).replace("-", "−")} %`;

// The value of a field as `predict` takes it; NaN where it can't be read.
function valueOf(field) {
  const text = field.value, kind = field.dataset.kind;
  if (field.validity?.badInput) return NaN;
  if (text.trim() === "") return null;
  if (kind === "number") return Number(text);
  if (kind === "date") return Date.parse(text.includes("T") ? `${text}Z` : `${text}T00:00Z`) / 1000;
  if (kind === "time") {
    const [hour, minute, second = 0] = text.split(":").map(Number);
    return 3600 * hour + 60 * minute + second;
  }
  return text;
}

page.querySelector("form").reset(); // some browsers keep what was typed before
const typical = Object.fromEntries(fields.map((field) => [field.dataset.column, valueOf(field)]));

function currentRow() {
  const row = {};
  for (const field of fields) {
    const value = valueOf(field), unreadable = Number.isNaN(value) || Math.abs(value) === Infinity;
    field.setAttribute("aria-invalid", unreadable);
    const { low, high } = field.dataset;
    field.closest(".field").classList.toggle("far", low !== undefined && (value < +low || value > +high) && value !== null);
    if (unreadable) return null;
    row[field.dataset.column] = value;
  }
  return row;
}

// The change of the prediction when each value is replaced by a typical one.
function contributions(row, full) {
  const measure = (result) => (full.probabilities ? result.probabilities[full.best] : result.value);
  return fields.map((field) => {
    const name = field.dataset.column;
    if (row[name] === typical[name]) return { name, change: 0 };
    return { name, change: measure(full) - measure(predict(model, { ...row, [name]: typical[name] })) };
  }).sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
}

function bar(share, negative) {
  const outer = document.createElement("span"), inner = document.createElement("span");
  outer.className = "bar";
  inner.style.width = `${100 * share}%`;
  if (negative) inner.dataset.s = "-";
  outer.append(inner);
  return outer;
}

// A list of names, bars and numbers; the old entries make way.
function list(id, entries) {
  page.querySelector(id).replaceChildren(...entries.map(({ name, share, negative, text }) => {
    const item = document.createElement("li"), label = document.createElement("span"), number = document.createElement("b");
    label.textContent = name;
    number.textContent = text;
    item.append(label, bar(share, negative), number);
    return item;
  }));
}

function update() {
  const row = currentRow();
  page.classList.toggle("unreadable", row === null);
  if (row === null) return;
  const full = predict(model, row);
  const isClass = Boolean(full.probabilities);
  show("#prediction", isClass ? full.value : rounded(full.value));
  if (full.interval) show("#interval", full.interval.map((end) => rounded(end)).join(" … "));
  if (full.set) show("#interval", full.set.join(", "));
  if (isClass) {
    list("#probabilities", model.target.classes
      .map((name, i) => ({ name, share: full.probabilities[i], text: percent(full.probabilities[i]) }))
      .sort((a, b) => b.share - a.share));
  }
  const changes = contributions(row, full);
  const most = Math.max(...changes.map(({ change }) => Math.abs(change))) || 1;
  list("#contributions", changes.map(({ name, change }) => ({
    name, share: Math.abs(change) / most, negative: change < 0,
    text: `${change > 0 ? "+" : ""}${isClass ? percent(change) : rounded(change, 4)}`,
  })));
}

function translate() {
  document.documentElement.lang = language();
  for (const option of page.querySelectorAll("option[data-en]")) option.textContent = option.dataset[language()];
}

let waiting = 0;
page.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(update, 50);
});
page.querySelector("header").addEventListener("change", translate);
page.querySelector("form").addEventListener("reset", () => setTimeout(update));
page.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
translate();
update();
