// The page's own script, ≤ 6 KB gz. Every page works without it.
//
// Autosave   <form data-autosave="/url/"> … <p class="saved" data-saved></p>
//            3 s after a change and when a field is left, the form's fields (no files) go to the URL by POST with
//            Accept: application/json. 200 {"saved_at": "14:05"} shows the time; anything else keeps the text, says
//            that it is not saved, and tries again after 10 s.
// Fresh      <div id="…" data-fresh>: drawn again by the server after uploads and autosaves (a checklist's state, say).
// Countdown  {% countdown %}: data-due and data-now (ms). Counted from the server's moment, never the device's clock.
// Counter    <span data-count="textarea-id">; Dialog <a href="/full/page/" data-dialog="id">, <button data-close>;
// Tone       <div data-tone="textarea-id">: 1 s after typing pauses the server is asked about the text; the note stops nothing and
//            takes no focus. What is ignored is known to this page alone.
// Copy       <button data-copy="#id">; Error summary: [data-focus] gets the focus when the page opens.

const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
const words = JSON.parse(document.body.dataset.words || "{}");
const live = document.querySelector("[role=status].live");
const fill = (text, values) => text.replace(/%\((\w+)\)[sd]/g, (_, name) => values[name]).replace("%%", "%");

let hush;
function say(text) {
  if (!live) return;
  live.textContent = text;
  clearTimeout(hush);
  hush = setTimeout(() => { live.textContent = ""; }, 6000);
}

// Countdowns: the server's moment plus what this page has lived since.
const born = performance.now();
const count = (unit, n) => fill(words[unit][n === 1 ? 0 : 1], { count: n });
function durationText(ms) {
  const minutes = Math.round(ms / 60000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (days) return count("day", days) + (hours ? ` ${count("hour", hours)}` : "");
  if (hours) return count("hour", hours) + (rest ? ` ${count("minute", rest)}` : "");
  if (minutes >= 10) return count("minute", minutes);
  const [whole, seconds] = [Math.floor(ms / 60000), Math.floor(ms / 1000) % 60];
  return [whole && count("minute", whole), (seconds || !whole) && count("second", seconds)].filter(Boolean).join(" ");
}
function tick() {
  for (const node of $("[data-due]")) {
    const left = node.dataset.due - node.dataset.now - (performance.now() - born);
    const text = fill(left > 0 ? words.left : words.over, { duration: durationText(Math.abs(left)) });
    const target = node.querySelector("span") || node;
    if (target.textContent !== text) target.textContent = text;
    node.classList.toggle("left--soon", left <= 864e5 && left > 72e5);
    node.classList.toggle("left--now", left <= 72e5);
    const before = node.left ?? left;
    node.left = left;
    if ([864e5, 72e5, 6e5].some((mark) => before > mark && left <= mark)) say(text);
  }
}
if (words.left) { tick(); setInterval(tick, 1000); }

// Counters
function counter(node) {
  const field = document.getElementById(node.dataset.count);
  if (!field) return;
  const show = () => {
    const length = field.value.length;
    node.textContent = `${length}/${node.dataset.max}`;
    node.classList.toggle("count--over", length > (node.dataset.max || Infinity));
  };
  field.addEventListener("input", show);
  show();
}

// Parts that follow from what was just saved or uploaded
async function fresh() {
  const stale = $("[data-fresh][id]");
  if (!stale.length) return;
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const node of stale) {
    const next = page.getElementById(node.id);
    if (next && next.innerHTML !== node.innerHTML) node.innerHTML = next.innerHTML;
  }
}
document.addEventListener("upload:done", fresh);

// Autosave
function autosave(form) {
  const note = form.querySelector("[data-saved]") || document.querySelector("[data-saved]");
  let timer, sending, again;
  const show = (text, bad) => {
    if (!note) return;
    note.textContent = text;
    note.classList.toggle("saved--bad", bad);
  };
  const typed = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  };
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };
  async function save() {
    clearTimeout(timer);
    timer = 0;
    if (sending) { again = true; return; }
    sending = true;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST", body: typed(), headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "error",
      });
      if (!answer.ok) throw new Error(answer.status);
      show(fill(words.saved, { time: (await answer.json()).saved_at }), false);
      fresh();
    } catch {
      show(words.unsaved, true);
      if (!timer) later(10000);
    }
    sending = false;
    if (again) { again = false; later(0); }
  }
  form.addEventListener("input", (event) => { if (event.target.type !== "file" && !timer) later(3000); });
  form.addEventListener("focusout", () => { if (timer) later(0); });
  addEventListener("pagehide", () => { if ((timer || sending) && !sent.has(form)) navigator.sendBeacon(form.dataset.autosave, typed()); });
}

// Tone
function tone(place) {
  const field = document.getElementById(place.dataset.tone);
  if (!field) return;
  const note = place.firstElementChild, button = note.querySelector("button");
  const [why, frame] = $("[data-why], [data-frame]", note);
  const ignored = new Set();
  let timer, turn = 0, hints = [];
  const show = () => {
    const hint = hints.find((one) => !ignored.has(one.why));
    note.hidden = !hint;
    if (hint && why.textContent !== hint.why) [why.textContent, frame.textContent] = [hint.why, hint.frame];
  };
  async function ask() {
    const mine = ++turn, text = field.value;
    const answer = text.trim() && await fetch("/api/v1/tone/", {
      method: "POST", body: JSON.stringify({ text }), credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": field.form?.elements.csrfmiddlewaretoken?.value ?? "" },
    }).catch(() => null);
    if (mine !== turn || (answer && !answer.ok) || answer === null) return;
    hints = answer ? (await answer.json()).hints : [];
    show();
  }
  const later = (event) => {
    turn++;
    place.classList.add("is-awake");
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, 1000);
  };
  field.addEventListener("input", later);
  field.addEventListener("compositionend", later);
  button.hidden = false;
  button.addEventListener("click", () => {
    ignored.add(why.textContent);
    show();
    if (note.hidden) field.focus({ preventScroll: true });
  });
}

// One sending per press. The button keeps its focus and its value: aria-disabled, never disabled.
let sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method")?.toLowerCase() !== "post" || event.defaultPrevented) return;
  if (sent.has(form)) { event.preventDefault(); return; }
  sent.add(form);
  event.submitter?.setAttribute("aria-disabled", "true");
  event.submitter?.setAttribute("data-sent", "");
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  sent = new WeakSet();
  for (const button of $("[data-sent]")) { button.removeAttribute("aria-disabled"); button.removeAttribute("data-sent"); }
});

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) { event.preventDefault(); dialog.showModal(); return; }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const source = document.querySelector(copy.dataset.copy);
    await navigator.clipboard?.writeText(source.value ?? source.textContent);
    say(words.copied);
  }
  for (const menu of $("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

function wake(root) {
  $("[data-count]", root).forEach(counter);
  $("form[data-autosave]", root).forEach(autosave);
  $("[data-tone]", root).forEach(tone);
}
wake(document);
document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) wake(event.target); });
document.querySelector("[data-focus]")?.focus();
