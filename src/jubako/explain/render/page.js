"use strict";
for (const root of document.querySelectorAll(".jubako:not([data-live])")) {
  root.dataset.live = "";

  // units of the picture open their formula
  const open = (event) => {
    const unit = event.target.closest("[data-f]");
    if (!unit || !root.contains(unit)) return;
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    document.getElementById(unit.dataset.f)?.showPopover();
  };
  root.addEventListener("click", open);
  root.addEventListener("keydown", open);

  // other units of large layers: they are unpacked when they are chosen
  const content = root.querySelector(".content");
  const chooser = root.querySelector(".parts select");
  const shown = {}; // what was unpacked, by part
  const turn = async () => {
    const part = chooser.value;
    if (!shown[part]) {
      const packed = root.querySelector(`script[data-part="${part}"]`).textContent;
      const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      shown[part] = await new Response(stream).json();
    }
    if (part !== chooser.value) return; // the reader was faster
    const kind = (input) => input.className.split("-").pop(); // forward, backward, row0 ...
    const chosen = [...content.querySelectorAll("input:checked")].map(kind);
    content.innerHTML = shown[part].html;
    for (const input of content.querySelectorAll("input[type=radio]")) {
      if (chosen.includes(kind(input))) input.checked = true;
    }
    root.dispatchEvent(new CustomEvent("turned", { detail: shown[part] }));
  };
  if (chooser) {
    shown[chooser.value] = { html: content.innerHTML };
    chooser.addEventListener("change", turn);
    for (const button of root.querySelectorAll("[data-turn]")) {
      button.addEventListener("click", () => {
        const at = chooser.selectedIndex + Number(button.dataset.turn);
        if (at < 0 || at >= chooser.length) return;
        chooser.selectedIndex = at;
        turn();
      });
    }
  }

  // a recorded training: all numbers of the step that is chosen
  const data = root.querySelector("script.recorded");
  if (!data) continue;
  const recorded = JSON.parse(data.textContent);
  const steps = recorded.steps;
  let numbers = recorded.numbers;
  let places = [...root.querySelectorAll("[data-n]")];
  if (chooser) shown[chooser.value].numbers = numbers;
  root.addEventListener("turned", (event) => {
    numbers = event.detail.numbers;
    places = [...root.querySelectorAll("[data-n]")];
    show(Number(range.value));
  });
  const range = root.querySelector(".steps input");
  const said = root.querySelector(".steps output");
  const dots = root.querySelectorAll(".curve circle");
  const read = (text) => Number(text.replace("−", "-").replace(/[()]/g, ""));
  const show = (at) => {
    range.value = at;
    for (const place of places) {
      const text = numbers[at][place.dataset.n];
      const largest = Number(place.dataset.m);
      if (place.dataset.m === undefined) {
        place.textContent = text;
      } else {
        const size = largest ? Math.min(Math.abs(read(text)) / largest, 1) : 0;
        place.style.setProperty("--t", size);
        place.toggleAttribute("data-s", text.startsWith("−"));
        if (text.startsWith("−")) place.dataset.s = "-";
      }
    }
    said.value = `${steps[at].step} / ${steps[steps.length - 1].step}`;
    range.setAttribute("aria-valuetext", said.value);
    dots.forEach((dot, i) => {
      dot.setAttribute("cx", steps[at].dots[i][0]);
      dot.setAttribute("cy", steps[at].dots[i][1]);
    });
  };
  let timer = 0;
  const play = root.querySelector("[data-do=play]");
  const pause = () => {
    clearInterval(timer);
    timer = 0;
    play.setAttribute("aria-pressed", "false");
  };
  const go = (by) => {
    const at = Number(range.value) + by;
    if (at < 0 || at >= steps.length) return pause();
    show(at);
  };
  const toggle = () => {
    if (timer) return pause();
    if (Number(range.value) === steps.length - 1) show(0);
    timer = setInterval(go, 500, 1);
    play.setAttribute("aria-pressed", "true");
  };
  play.addEventListener("click", toggle);
  root.querySelector("[data-do=back]").addEventListener("click", () => { pause(); go(-1); });
  root.querySelector("[data-do=on]").addEventListener("click", () => { pause(); go(1); });
  range.addEventListener("input", () => { pause(); show(Number(range.value)); });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, button, [data-f], [popover]")) return;
    if (event.key === "ArrowLeft") { pause(); go(-1); }
    else if (event.key === "ArrowRight") { pause(); go(1); }
    else if (event.key === " ") { event.preventDefault(); toggle(); }
  });
  show(0);
}
