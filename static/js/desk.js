// The desk's script, ≤ 5 KB gz. Every page works without it.
//
// Keys       [data-key="p"] is pressed (a link or button), opened (details) or focused (a field) by its key; [data-go="q"]
//            by g and then its letter; [data-send] by Ctrl+Enter. [data-row] is walked with j and k, [data-row=buyer] with
//            [ and data-row=merchant with ]; m goes to the next burden not decided; 1 to 5 choose in the row in focus, Enter opens it or writes its reason.
//            Single keys do nothing while a field has the focus, while an IME composes, or when they are switched off
//            (<… id="keys" data-shortcuts="off">).
// Missing    [data-need="words"] without a value is listed, with a link, in [data-missing] [data-list].
// Dismissed  a claim dismissed in [data-dismiss] has no points, no amount and no freight of the other side: they are
//            cleared, and come back with a remedy. The server does the same.
// Rest       [data-insert] puts a template into the first empty field; [data-search] narrows a list.

const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
const keys = document.getElementById("keys");
const on = keys?.dataset.shortcuts === "on";
const rows = () => $("[data-row]").filter((node) => node.getClientRects().length && !node.closest("details:not([open])"));
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let row = null, lead = 0;

const isField = (node) => node?.closest?.("input, textarea, select, [contenteditable]");

function focusRow(next) {
  if (!next) return;
  row?.classList.remove("is-focus");
  row = next;
  row.classList.add("is-focus");
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  if (row.dataset.row === "issue") link();
}
function link() {
  const cited = new Set($("input[type=checkbox]:checked", row).map((box) => box.value));
  for (const item of $("[data-item]")) item.classList.toggle("is-linked", cited.has(item.dataset.item));
}
function step(by, kind) {
  const all = rows().filter((node) => !kind || node.dataset.row === kind);
  const at = all.indexOf(row);
  focusRow(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : kind ? (at + by + all.length) % all.length : at + by]);
}
function choose(n) {
  const radio = row && $("input[type=radio]", row)[n - 1];
  if (!radio) return press(String(n));
  radio.checked = true;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}
function press(key) {
  const node = $(`[data-key="${CSS.escape(key)}"]`).find((one) => !one.disabled);
  if (!node) return false;
  const fold = node.dataset.fold && document.getElementById(node.dataset.fold);
  node.closest("details:not([open])")?.setAttribute("open", "");
  if (fold) { fold.open = !fold.open; fold.querySelector("summary").focus(); fold.scrollIntoView({ block: "nearest" }); }
  else if (isField(node)) node.focus();
  else node.click();
  return true;
}
function open() {
  if (!row) return press("Enter");
  const field = $("input[data-need], textarea[data-need]", row)[0] || $("input.input, textarea, select", row)[0];
  const to = row.querySelector("a[href]");
  if (field) { field.focus(); field.select?.(); }
  else to?.click();
  return true;
}
const acts = {
  j: () => step(1), k: () => step(-1), "[": () => step(1, "buyer"), "]": () => step(1, "merchant"), Enter: open,
  m: () => {
    const here = row ? $("select[data-need]", row) : [], all = [...here, ...$("select[data-need]")];
    (all.find((one) => !one.value) || all[0])?.focus();
  },
  v: () => (document.getElementById("result") ? focusRow(document.getElementById("result")) : press("v")),
};

const readOnly = matchMedia("(max-width: 767px) and (pointer: coarse)"); // as in app.css: a phone decides nothing
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.key === "Process" || readOnly.matches) return;
  const dialog = document.querySelector("dialog[open]");
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const send = document.querySelector("[data-send]");
    if (send && !dialog) { event.preventDefault(); send.click(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || dialog) return;
  const field = isField(event.target);
  if (field) {
    const line = field.matches("[data-row] input.input");
    if ((event.key === "Enter" && line) || (event.key === "Escape" && !field.closest("dialog"))) {
      event.preventDefault();
      const home = field.closest("[data-row]");
      home ? focusRow(home) : field.blur();
    }
    return;
  }
  if (!on) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  let done;
  if (lead && event.timeStamp - lead < 1500) {
    lead = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    done = link || event.key === "q";
    if (done) location.href = link?.href || "/desk/queue/";
  } else if (event.key === "g") { lead = event.timeStamp; return; }
  else if (acts[event.key]) { acts[event.key](); done = true; }
  else if (/^[1-5]$/.test(event.key)) done = choose(Number(event.key));
  else done = event.key.length === 1 && press(event.key);
  if (done) event.preventDefault();
});
document.addEventListener("focusin", (event) => {
  const inside = event.target.closest("[data-row]");
  if (!inside || inside === row) return;
  row?.classList.remove("is-focus");
  row = inside;
  row.classList.add("is-focus");
  if (row.dataset.row === "issue") link();
});

// What is still missing, kept true while one works.
const missing = document.querySelector("[data-missing]");
function fen(text) {
  const plain = text.trim().replace(/^[¥￥]\s*/, "").replace(/，/g, ",");
  const match = /^(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(\d{1,2}))?$/.exec(plain);
  return match ? Number(match[1].replaceAll(",", "")) * 100 + Number((match[2] || "").padEnd(2, "0")) : NaN;
}
function lacks(node) {
  if (node.dataset.cap) { const typed = fen(node.value || "0"); return !(typed <= Number(node.dataset.cap)); }
  if (node.matches("input, textarea, select")) return !node.value.trim();
  return !node.querySelector("input:checked");
}
function list(event) {
  const place = missing.querySelector("[data-list]");
  const requests = $("[data-request]");
  const stands = requests.length && requests.every((one) => one.querySelector("[value=uphold]:checked"));
  const lacking = $("[data-need]").filter((node) => (!stands || node.closest("[data-request], [data-new]")) && lacks(node));
  for (const node of $("input[data-need]")) node.classList.toggle("is-missing", lacking.includes(node));
  missing.classList.toggle("notice--wait", lacking.length > 0);
  missing.classList.toggle("notice--ok", lacking.length === 0);
  if (!event && lacking.length === Number(place.dataset.count)) return; // the server has said it, in as much room
  place.textContent = "";
  if (!lacking.length) { place.textContent = missing.dataset.none; return; }
  const head = document.createElement("strong");
  head.textContent = missing.dataset.lead;
  place.append(head, " ");
  lacking.slice(0, 4).forEach((node, index) => {
    const link = document.createElement("a");
    link.href = `#${node.id}`;
    link.textContent = node.dataset.need;
    if (index) place.append(missing.dataset.comma);
    place.append(link);
  });
  if (lacking.length > 4) place.append(` … +${lacking.length - 4}`);
}
if (missing) {
  list();
  document.addEventListener("input", list);
  document.addEventListener("input", (event) => { if (row?.contains(event.target) && row.dataset.row === "issue") link(); });
  missing.addEventListener("click", (event) => {
    const target = event.target.closest("a") && document.getElementById(event.target.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    const home = target.closest("[data-row]");
    if (home) focusRow(home);
    (isField(target) || target.querySelector("input") || target).focus();
  });
}

// A dismissed claim lays nothing on the other side.
const remedy = document.querySelector("[data-dismiss]");
const laid = { points: "0", amount_fen: "0.00", penalty_fen: "0.00", freight_by: "none" };
function dismiss() {
  for (const [name, nothing] of Object.entries(laid)) {
    const field = remedy.form?.elements[name] || document.getElementsByName(name)[0];
    if (!field) continue;
    if (!remedy.value && field.dataset.before === undefined) {
      field.dataset.before = field.value;
      if (name !== "freight_by" || field.value === "respondent") field.value = nothing;
    } else if (remedy.value && field.dataset.before !== undefined) {
      field.value = field.dataset.before;
      delete field.dataset.before;
    }
  }
}
if (remedy) {
  remedy.addEventListener("input", dismiss);
  if (!remedy.value) dismiss();
}

// Templates, and the search in the clauses.
for (const button of $("[data-insert]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const fields = $(`[name="${button.dataset.insert}"]`);
    const field = fields.find((one) => !one.value.trim()) || fields.at(-1);
    field.value = field.value.trim() ? `${field.value}\n${button.nextElementSibling.textContent}` : button.nextElementSibling.textContent;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}
for (const field of $("[data-search]")) {
  field.hidden = false;
  field.addEventListener("input", (event) => {
    event.stopPropagation();
    const words = field.value.trim().toLowerCase();
    for (const item of $("li", document.querySelector(field.dataset.search))) item.hidden = !item.textContent.toLowerCase().includes(words);
  });
}
for (const link of $("[data-fold]")) {
  link.addEventListener("click", () => { const fold = document.getElementById(link.dataset.fold); fold.open = true; });
}
// Background: what stands in <details data-page="/its/page/"> is fetched when somebody opens it, and not before.
for (const fold of $("details[data-page]")) {
  const place = fold.querySelector("[id]");
  let fetched = false;
  fold.addEventListener("toggle", async () => {
    if (!fold.open || fetched) return;
    fetched = true;
    const answer = await fetch(fold.dataset.page, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) { fetched = false; return; } // the link to the page stays
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.getElementById(place.id).childNodes);
  });
}
// The minute is over: the page says so by itself.
const undo = document.querySelector("[data-until] [data-due]");
if (undo) setTimeout(() => location.reload(), Math.max(0, undo.dataset.due - undo.dataset.now) + 1500);
