// Boxes over a picture or a page, ≤ 2 KB gz. The page works without it: each box is a row of numbers, which stay the
// truth here too. A mouse draws a box by dragging; a finger taps to set one, so that the page still scrolls under it.
// Every box is a button: arrow keys move it, with Shift they resize it, Delete takes it away; [data-do] do the same.

const form = document.querySelector("form[data-cover]");
const list = form.querySelector("[data-rows]");
const tools = form.querySelector("[data-tools]");
const model = form.querySelector("template[data-row]");
const stages = [...form.querySelectorAll(".cover")];
const STEP = 1, LEAST = 1, START = 14;
let hand = null;

const field = (row, name) => row.querySelector(`[name="${name}[]"]`);
const number = (row, name) => Number(field(row, name).value) || 0;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const tidy = (value) => String(Math.round(value * 100) / 100);
const stageOf = (row) => stages.find((stage) => stage.dataset.page === field(row, "page").value)?.querySelector(".cover__stage");

function place(row, { x = number(row, "x"), y = number(row, "y"), width = number(row, "width"), height = number(row, "height") }) {
  width = clamp(width, LEAST, 100);
  height = clamp(height, LEAST, 100);
  const at = { width, height, x: clamp(x, 0, 100 - width), y: clamp(y, 0, 100 - height) };
  for (const [name, value] of Object.entries(at)) field(row, name).value = tidy(value);
  draw(row);
}
function draw(row) {
  const stage = stageOf(row);
  if (!row.box) row.box = made(row);
  if (stage && row.box.parentNode !== stage) stage.append(row.box);
  if (!stage) row.box.remove();
  for (const [side, name] of [["left", "x"], ["top", "y"], ["width", "width"], ["height", "height"]]) row.box.style[side] = `${number(row, name)}%`;
}
function made(row) {
  const box = document.createElement("button");
  box.type = "button";
  box.className = "cover__box";
  box.append(Object.assign(document.createElement("i"), { className: "cover__grip" }));
  box.addEventListener("focus", () => take(row));
  box.addEventListener("keydown", (event) => key(event, row));
  box.addEventListener("pointerdown", (event) => drag(event, row));
  return box;
}
function count() {
  [...list.children].forEach((row, index) => {
    row.querySelector("[data-n]").textContent = index + 1;
    row.querySelector("[data-remove]").value = index;
    row.box?.setAttribute("aria-label", form.dataset.word.replace("{n}", index + 1));
  });
  if (hand && !hand.isConnected) take(null);
}
function take(row) {
  hand = row;
  for (const one of list.children) {
    one.classList.toggle("is-hand", one === row);
    one.box?.classList.toggle("is-hand", one === row);
  }
  for (const button of tools.children) button.disabled = !row;
}
function add(page, at) {
  const row = model.content.firstElementChild.cloneNode(true);
  list.append(row);
  field(row, "page").value = page;
  place(row, { width: START, height: START / 2, ...at });
  count();
  return row;
}
function remove(row) {
  const next = row.nextElementSibling || row.previousElementSibling;
  row.box?.remove();
  row.remove();
  count();
  (next?.box || form.querySelector("[data-add]")).focus();
}
const acts = {
  left: (row) => place(row, { x: number(row, "x") - STEP }),
  right: (row) => place(row, { x: number(row, "x") + STEP }),
  up: (row) => place(row, { y: number(row, "y") - STEP }),
  down: (row) => place(row, { y: number(row, "y") + STEP }),
  narrower: (row) => place(row, { width: number(row, "width") - STEP }),
  wider: (row) => place(row, { width: number(row, "width") + STEP }),
  lower: (row) => place(row, { height: number(row, "height") - STEP }),
  taller: (row) => place(row, { height: number(row, "height") + STEP }),
  remove,
};
const KEYS = { ArrowLeft: ["left", "narrower"], ArrowRight: ["right", "wider"], ArrowUp: ["up", "lower"], ArrowDown: ["down", "taller"], Delete: ["remove", "remove"], Backspace: ["remove", "remove"] };
function key(event, row) {
  const act = KEYS[event.key]?.[event.shiftKey ? 1 : 0];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  acts[act](row);
}

const part = (event, stage) => {
  const at = stage.getBoundingClientRect();
  return { x: ((event.clientX - at.left) / at.width) * 100, y: ((event.clientY - at.top) / at.height) * 100 };
};
function follow(event, node, moved) {
  node.setPointerCapture(event.pointerId);
  node.addEventListener("pointermove", moved);
  const end = () => { node.removeEventListener("pointermove", moved); };
  node.addEventListener("pointerup", end, { once: true });
  node.addEventListener("pointercancel", end, { once: true });
}
function drag(event, row) {
  if (event.button) return;
  event.stopPropagation();
  const stage = stageOf(row), from = part(event, stage), grip = event.target.classList.contains("cover__grip");
  const was = { x: number(row, "x"), y: number(row, "y"), width: number(row, "width"), height: number(row, "height") };
  follow(event, row.box, (move) => {
    const to = part(move, stage), by = { x: to.x - from.x, y: to.y - from.y };
    place(row, grip ? { width: was.width + by.x, height: was.height + by.y } : { x: was.x + by.x, y: was.y + by.y });
  });
}
for (const figure of stages) {
  const stage = figure.querySelector(".cover__stage");
  stage.classList.add("is-live");
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType === "touch") return;
    event.preventDefault();
    const from = part(event, stage);
    let row;
    follow(event, stage, (move) => {
      const to = part(move, stage);
      const at = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) };
      if (!row && (at.width > LEAST || at.height > LEAST)) row = add(figure.dataset.page, at);
      if (row) place(row, at);
    });
    stage.addEventListener("pointerup", () => row?.box.focus(), { once: true });
  });
  stage.addEventListener("click", (event) => {
    if (event.pointerType !== "touch" || event.target.closest(".cover__box")) return;
    const at = part(event, stage);
    add(figure.dataset.page, { x: at.x - START / 2, y: at.y - START / 4 }).box.focus();
  });
}
list.addEventListener("input", (event) => draw(event.target.closest("li")));
list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove]");
  if (button) { event.preventDefault(); remove(button.closest("li")); }
});
form.querySelector("[data-add]").addEventListener("click", (event) => {
  event.preventDefault();
  const page = stages[0]?.dataset.page || "1";
  const shift = list.children.length * 3;
  const row = add(page, { x: 43 + (shift % 30), y: 46 + (shift % 30) });
  (row.box.isConnected ? row.box : field(row, "x")).focus();
});
tools.addEventListener("click", (event) => {
  const act = event.target.closest("[data-do]")?.dataset.do;
  if (act && hand) acts[act](hand);
});

if (stages.length) {
  tools.classList.remove("is-later");
  form.querySelector("[data-hint]").classList.remove("is-later");
}
for (const row of list.children) draw(row);
take(null);
count();
