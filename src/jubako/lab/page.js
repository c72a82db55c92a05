// What the page can't do from Python: apply changes to pictures, keys, files. Nothing here decides.
const jubako = {
  // {id: {attribute: value}}; "text" and "html" stand for what is inside, "number" for what is in a field
  show(changes) {
    for (const [id, attributes] of Object.entries(changes)) {
      const element = document.getElementById(id);
      if (!element) continue;
      for (const [name, value] of Object.entries(attributes)) {
        if (name === "text") element.textContent = value;
        else if (name === "number") { if (document.activeElement !== element) element.value = value; }
        else if (name === "html") element.innerHTML = value;
        else element.setAttribute(name, value);
      }
    }
    return true;
  },

  focused: "",
  refocus() { // after parts of the page were made anew
    const lost = !document.activeElement || document.activeElement === document.body;
    if (lost && jubako.focused) document.getElementById(jubako.focused)?.focus({ preventScroll: true });
  },

  edges() { // marks where a part of the page can be scrolled sideways
    for (const part of document.querySelectorAll(".scroll")) {
      const left = part.scrollLeft, right = part.scrollWidth - part.clientWidth - left;
      const more = [left > 1 ? "left" : "", right > 1 ? "right" : ""].join(" ").trim();
      if ((part.dataset.more ?? "") !== more) part.dataset.more = more;
    }
    jubako.waiting = false;
  },
  look() {
    if (!jubako.waiting) requestAnimationFrame(jubako.edges);
    jubako.waiting = true;
  },

  theme(name) {
    const dark = name === "dark" || (name === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    jubako.chosen = name;
  },

  address(letters) {
    history.replaceState(null, "", letters ? `/?setup=${letters}` : "/");
  },

  async send(file) {
    if (!file) return;
    const given = file.name.toWellFormed?.() ?? file.name; // a name may hold halves of characters
    emitEvent("sending", { name: given });
    try {
      const name = encodeURIComponent(given);
      const answer = await fetch(`/file?name=${name}`, { method: "POST", body: file });
      emitEvent("sent", { answer: await answer.text(), status: answer.status });
    } catch {
      emitEvent("sent", { answer: "", status: 0 });
    }
  },
};

document.addEventListener("focusin", (event) => { if (event.target.id) jubako.focused = event.target.id; });

const keys = { " ": "run", ".": "step-batch", ">": "step-epoch", "<": "step-back", r: "reset" };
document.addEventListener("keydown", (event) => {
  const button = event.target.closest("[role=button]");
  const pressed = event.key === "Enter" || event.key === " ";
  if (button && pressed) {
    event.preventDefault();
    button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (pressed && event.target.closest("button, summary, a, [tabindex='0']")) return;
  if (keys[event.key]) {
    event.preventDefault();
    document.getElementById(keys[event.key])?.click();
  }
});

document.addEventListener("click", (event) => {
  const formula = event.target.closest("[data-f]"); // a unit in the picture of the trace
  if (formula) document.getElementById(formula.dataset.f)?.showPopover();
  const element = event.target.closest("[data-event]");
  if (element) emitEvent(element.dataset.event, { value: element.dataset.value });
});

document.addEventListener("click", async (event) => {
  const source = document.getElementById(event.target.closest("[data-copy]")?.dataset.copy);
  if (!source) return;
  const text = source.id === "address" ? location.origin + source.textContent : source.textContent;
  try { await navigator.clipboard.writeText(text); emitEvent("copied"); } catch { getSelection().selectAllChildren(source); }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.id === "file") {
    jubako.send(field.files[0]);
    field.value = "";
  }
  if (field.dataset.change) {
    const value = field.type === "checkbox" ? field.checked : field.value;
    emitEvent("edited", { key: field.dataset.change, value });
  }
});

document.addEventListener("visibilitychange", () => emitEvent("hidden", { hidden: document.hidden }));

document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  jubako.send(event.dataTransfer.files[0]);
});

addEventListener("resize", jubako.look);
document.addEventListener("scroll", jubako.look, { capture: true, passive: true });
new MutationObserver(jubako.look).observe(document, { childList: true, subtree: true });

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => jubako.theme(jubako.chosen ?? "auto"));
