// Pictures large, one or two side by side, ≤ 7 KB gz. Without it links open the picture, and compare is a page of forms.
//
// Lightbox   a[data-view] in a list opens <dialog id="viewer"> (components/viewer.html); [ and ] step through all of them.
// Compare    [data-compare] is a link to the compare page: its [data-viewer] is shown in the same dialog, the items in
//            hand first, so that nothing typed below is left. The page itself works the same.
// Viewer     [data-viewer] has [data-pane]s with a [data-stage] (an img), a [data-strip] and a select, and [data-items].
// Keys       + - 0 zoom and fit, arrows move, r turns, s links or unlinks, [ ] step the left and the right picture (or back
//            and on where there is one), Esc leaves. The wheel zooms only with Ctrl or while a picture has the focus, and
//            never holds the page back where there is nothing left to zoom.

const $ = (selector, root = document) => [...root.querySelectorAll(selector)];
const MOST = 12;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const fresh = () => ({ z: 1, x: 0, y: 0, r: 0 });

class Pane {
  constructor(node, viewer) {
    this.node = node;
    this.viewer = viewer;
    this.stage = node.querySelector("[data-stage]");
    this.image = this.stage.querySelector("img");
    this.at = fresh();
    this.fingers = new Map();
    this.image.draggable = false;
    this.image.addEventListener("load", () => this.draw());
    this.stage.classList.add("is-live");
    this.stage.addEventListener("pointerdown", (event) => this.down(event));
    this.stage.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) this.stage.addEventListener(end, (event) => this.fingers.delete(event.pointerId));
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.stage.addEventListener("dblclick", (event) => viewer.change(this, (at) => this.toward(at, at.z > 1.01 ? 1 / at.z : 2.5, this.spot(event))));
    node.addEventListener("focusin", () => { viewer.hand = this; });
    node.querySelector("select")?.addEventListener("change", (event) => viewer.show(this, event.target.value));
    for (const button of $("[data-step]", node)) button.addEventListener("click", () => viewer.step(this, Number(button.dataset.step)));
  }
  get box() { return { width: this.stage.clientWidth || 1, height: this.stage.clientHeight || 1 }; }
  // Half of what hangs over on each side, in parts of the stage.
  over(at) {
    const { width, height } = this.box, turned = at.r % 180 !== 0;
    const [w, h] = turned ? [this.image.naturalHeight, this.image.naturalWidth] : [this.image.naturalWidth, this.image.naturalHeight];
    const fit = Math.min(width / (w || 1), height / (h || 1), 4);
    return { fit, x: Math.max(0, (w * fit * at.z) / width - 1) / 2, y: Math.max(0, (h * fit * at.z) / height - 1) / 2 };
  }
  draw() {
    const { width, height } = this.box, over = this.over(this.at);
    const x = clamp(this.at.x, -over.x, over.x), y = clamp(this.at.y, -over.y, over.y);
    this.image.style.transform = `translate(-50%,-50%) translate(${x * width}px,${y * height}px) rotate(${this.at.r}deg) scale(${over.fit * this.at.z})`;
    this.stage.classList.toggle("is-zoomed", this.at.z > 1);
  }
  settle() {
    const over = this.over(this.at);
    this.at.x = clamp(this.at.x, -over.x, over.x);
    this.at.y = clamp(this.at.y, -over.y, over.y);
  }
  // Where the pointer is, from the middle of the stage, in parts of it.
  spot(event) {
    const at = this.stage.getBoundingClientRect();
    return { x: (event.clientX - at.left) / at.width - 0.5, y: (event.clientY - at.top) / at.height - 0.5 };
  }
  // Zoom so that what is under the spot stays there.
  toward(at, by, spot = { x: 0, y: 0 }) {
    const z = clamp(at.z * by, 1, MOST), real = z / at.z;
    return { ...at, z, x: spot.x - (spot.x - at.x) * real, y: spot.y - (spot.y - at.y) * real };
  }
  down(event) {
    if (event.button) return;
    if (event.pointerType !== "touch") event.preventDefault();
    this.stage.focus({ preventScroll: true });
    this.stage.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.spot(event));
  }
  move(event) {
    const was = this.fingers.get(event.pointerId);
    if (!was) return;
    const now = this.spot(event);
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, now);
    if (other) {
      const gap = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) || 0.001;
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      this.viewer.change(this, (at) => this.toward(at, gap(now, other) / gap(was, other), middle));
    } else this.viewer.change(this, (at) => ({ ...at, x: at.x + now.x - was.x, y: at.y + now.y - was.y }));
  }
  wheel(event) {
    const by = Math.exp(-clamp(event.deltaY, -120, 120) / 240);
    const inside = event.ctrlKey || this.stage.contains(document.activeElement);
    if (!inside || (!event.ctrlKey && (by > 1 ? this.at.z >= MOST : this.at.z <= 1))) return;
    event.preventDefault();
    this.viewer.change(this, (at) => this.toward(at, by, this.spot(event)));
  }
}

class Viewer {
  constructor(root, items) {
    this.root = root;
    this.items = items;
    this.panes = $("[data-pane]", root).map((node) => new Pane(node, this));
    this.hand = this.panes[0];
    this.linked = true;
    for (const button of $("[data-act]", root)) button.addEventListener("click", () => this.act(button.dataset.act));
    for (const part of $("[data-scripted]", root)) part.classList.remove("is-later");
    for (const part of $("[data-plain]", root)) part.classList.add("is-later");
    root.addEventListener("keydown", (event) => this.key(event));
    this.watch = new ResizeObserver(() => this.draw());
    for (const pane of this.panes) {
      this.watch.observe(pane.stage);
      pane.shown = Math.max(0, items.findIndex((item) => item.key === pane.node.dataset.shown));
    }
    this.draw();
  }
  draw() { for (const pane of this.panes) pane.draw(); }
  change(pane, how) {
    this.hand = pane;
    pane.at = how(pane.at);
    pane.settle();
    if (this.linked) for (const other of this.panes) if (other !== pane) other.at = { ...pane.at };
    this.draw();
  }
  act(name) {
    const pane = this.hand;
    if (name === "in" || name === "out") this.change(pane, (at) => pane.toward(at, name === "in" ? 1.5 : 1 / 1.5));
    else if (name === "fit") this.change(pane, (at) => ({ ...fresh(), r: at.r }));
    else if (name === "turn") this.change(pane, (at) => ({ ...at, r: (at.r + 90) % 360, x: -at.y, y: at.x }));
    else if (name === "link") this.link(!this.linked);
    else if (name === "back" || name === "on") this.step(pane, name === "on" ? 1 : -1);
  }
  link(on) {
    const button = this.root.querySelector("[data-act=link]");
    if (!button) return;
    this.linked = on;
    button.setAttribute("aria-pressed", String(on));
    if (on) this.change(this.hand, (at) => at);
  }
  // Another picture in the pane; zoom, place and turn stay.
  show(pane, key) {
    const index = this.items.findIndex((item) => item.key === key);
    if (index < 0) return;
    const item = this.items[index];
    pane.shown = index;
    pane.image.src = item.src;
    pane.image.alt = item.alt;
    const select = pane.node.querySelector("select"), strip = pane.node.querySelector("[data-strip]");
    if (select) select.value = key;
    strip.replaceChildren(...item.strip());
    const count = this.root.querySelector("[data-count]");
    if (count) count.textContent = `${index + 1}/${this.items.length}`;
    pane.draw();
  }
  step(pane, by) {
    const all = this.items.filter((item) => !pane.node.dataset.side || item.side === pane.node.dataset.side);
    if (!all.length) return;
    const at = all.indexOf(this.items[pane.shown]);
    this.show(pane, all[(at + by + all.length) % all.length].key);
  }
  key(event) {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("select, input, textarea")) return;
    const pane = this.hand, [left, right = left] = this.panes;
    const nudge = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    const act = { "+": "in", "=": "in", "-": "out", 0: "fit", r: "turn", s: "link" }[event.key];
    if (event.key === "Escape" && !this.root.closest("dialog")) { document.activeElement.blur(); return; }
    if (nudge && pane.stage.contains(document.activeElement) && pane.at.z > 1) this.change(pane, (at) => ({ ...at, x: at.x + nudge[0], y: at.y + nudge[1] }));
    else if (event.key === "[" || event.key === "]") {
      if (left === right) this.step(left, event.key === "]" ? 1 : -1);
      else this.step(event.key === "]" ? right : left, event.shiftKey ? -1 : 1);
    } else if (act && this.root.dataset.shortcuts !== "off") this.act(act);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const listed = (root) => $("[data-items] > li", root).map((node) => ({
  key: node.dataset.key, side: node.dataset.side, src: node.dataset.src, alt: node.dataset.alt,
  strip: () => [...node.cloneNode(true).childNodes],
}));
const shown = () => $("a[data-view]").map((link) => {
  const card = link.closest("li, details") || link.parentElement;
  return {
    key: link.href, side: "", src: link.href, alt: link.querySelector("img")?.alt || "", link,
    strip: () => $(".exhibit__cap, .meta, .dex__facts", card).slice(0, 2).map((node) => {
      const line = document.createElement("p");
      line.className = node.className.replace("exhibit__cap", "strong row");
      line.append(...node.cloneNode(true).childNodes);
      return line;
    }),
  };
});

const dialog = document.getElementById("viewer");
function open(content, items, first) {
  const from = document.activeElement;
  dialog.querySelector("[data-room]").replaceChildren(content);
  dialog.showModal();
  const viewer = new Viewer(content, items);
  if (first) viewer.show(viewer.panes[0], first);
  viewer.panes[0].stage.focus();
  dialog.addEventListener("close", () => { viewer.watch.disconnect(); from?.focus?.(); }, { once: true });
}
async function compare(link) {
  const held = (side) => (document.querySelector(`.is-focus[data-row=${side}]`) || document.querySelector(`.is-linked[data-row=${side}]`))?.dataset.item || "";
  const address = new URL(link.href);
  for (const [name, side] of [["left", "buyer"], ["right", "merchant"]]) if (held(side)) address.searchParams.set(name, held(side));
  const answer = await fetch(address, { credentials: "same-origin" }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page && page.querySelector("[data-viewer]");
  if (!found) { location.href = address; return; }
  open(document.adoptNode(found), listed(found));
}
if (dialog) {
  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[data-view], a[data-compare]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.compare !== undefined) { compare(link); return; }
    open(dialog.querySelector("template").content.firstElementChild.cloneNode(true), shown(), link.href);
  });
}
for (const root of $("[data-viewer]")) new Viewer(root, listed(root));
