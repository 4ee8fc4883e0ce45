// Files on their way in, ≤ 6 KB gz. Without it the same form sends plain files.
//
// <form data-upload="#rows" data-tus="/api/…/uploads/" data-check="/…/files/<id of zeros>/check/" action="…"
//       enctype="multipart/form-data"> … <input type="file" multiple> … <template data-row>…</template></form>
// <ul id="rows" class="uploads">
//
// A file starts as soon as it is chosen, dropped, pasted or shot; two at a time, one row each, by tus 1.0 (data-tus). Up to
// 8 MB its bytes come with its creation, in one request, tried again three times. Larger files go in pieces: 1 MB with the
// creation, so that a bad line loses little, then what the line took in four seconds, half after one that was lost. They go on after a
// lost network or a reload: choose the same file again (name, size, date) and the rest is sent. Without data-tus a file is one POST
// of the form to its action with Accept: text/html+partial. Every answer is the file's finished <li>; one with data-check is asked about again until its check is over. After
// the last one `upload:done` fires on the form. Parts of the template: data-name, data-size, data-state, data-note,
// <progress>, data-cancel, data-retry.

const LARGE = 8 << 20, PIECE = { least: 256 << 10, first: 1 << 20, most: 128 << 20 }, SPAN = 4000;
const TRIES = 3, TOGETHER = 2, TUS = "1.0.0", BYTES = "application/offset+octet-stream", NO_ID = "00000000-0000-0000-0000-000000000000";
const words = JSON.parse(document.body.dataset.words || "{}");
const live = document.querySelector("[role=status].live");
const fill = (text, values) => text.replace(/%\((\w+)\)[sd]/g, (_, name) => values[name]).replace("%%", "%");
const say = (text) => { if (live) live.textContent = text; };
const sizeText = (n) => (n >= 1048576 ? `${(n / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(n / 1024))} KB`);
const csrf = (root) => (root.querySelector("[name=csrfmiddlewaretoken]") || document.querySelector("[name=csrfmiddlewaretoken]"))?.value || "";
const later = (ms) => new Promise((go) => {
  const timer = setTimeout(go, ms);
  addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true });
});
class Refusal extends Error {}

// One request with its progress. Resolves with the request whatever its status; 0 means that the network was lost.
function ask(job, method, url, { body = null, headers = {}, progress = null } = {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    if (job) job.request = request;
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (progress) request.upload.onprogress = (event) => progress(event.loaded, event.total);
    request.onloadend = () => resolve(request);
    request.send(body);
  });
}
const lost = (request) => !request.status || request.status === 429 || request.status >= 500;
const said = (request) => {
  try { return JSON.parse(request.responseText).error.message; } catch { return words.broken; }
};

// A row that waits for its check asks until there is a verdict.
async function checked(row, root) {
  const url = row.dataset.check;
  delete row.dataset.check;
  for (let wait = 700; row.isConnected; wait = Math.min(wait * 1.5, 5000)) {
    await later(wait);
    const answer = await ask(null, "POST", url, { headers: { "X-CSRFToken": csrf(root), Accept: "text/html+partial" } });
    if (answer.status === 200 || answer.status === 422) return replace(row, answer.responseText, root);
    if (answer.status === 404) return row.remove();
  }
}
function replace(row, html, root) {
  const box = document.createElement("template");
  box.innerHTML = html.trim();
  const next = box.content.firstElementChild;
  if (!row.isConnected || !next) return null;
  row.replaceWith(next);
  const reason = next.querySelector(".err");
  if (reason) say(reason.textContent);
  return next.dataset.check ? checked(next, root) : next;
}

class Job {
  constructor(file, row, form) {
    Object.assign(this, { file, row, form });
    this.piece = PIECE.first;
    this.key = `upload:${form.dataset.tus}:${file.name}:${file.size}:${file.lastModified}`;
  }
  part(name) { return this.row.querySelector(`[data-${name}]`); }
  state(text) { this.part("state").textContent = text; }
  percent(sent) {
    const percent = Math.min(100, Math.floor((sent / Math.max(1, this.file.size)) * 100));
    const bar = this.row.querySelector("progress");
    if (bar) bar.value = percent;
    this.state(percent < 100 ? fill(words.sending, { percent }) : words.received);
  }
  async run() {
    const html = await (!this.form.dataset.tus ? this.whole() : this.file.size > LARGE ? this.pieces() : this.once());
    if (!this.gone) await replace(this.row, html, this.form);
  }
  cancel() {
    this.gone = true;
    this.request?.abort();
    if (this.place) ask(null, "DELETE", this.place, { headers: this.tus() });
    localStorage.removeItem(this.key);
    this.row.remove();
  }

  // One request, as often as it takes, up to a limit. Gives what ``made`` makes of an answer that is one.
  async tried(send, made) {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await send();
      if (this.gone) return "";
      if (!lost(answer)) return made(answer);
      if (attempt === TRIES) throw new Error(words.broken);
      this.state(words.lost);
      await later(1000 * 2 ** attempt);
    }
  }

  // No tus: the whole form with this one file.
  whole() {
    const data = new FormData(this.form);
    for (const input of this.form.querySelectorAll("input[type=file]")) data.delete(input.name);
    data.append("files", this.file);
    return this.tried(() => ask(this, "POST", this.form.getAttribute("action") || location.href, {
      body: data, headers: { Accept: "text/html+partial" }, progress: (sent) => this.percent(sent),
    }), (answer) => {
      if (answer.responseText.trimStart().startsWith("<li")) return answer.responseText;
      throw new Refusal(words.broken);
    });
  }

  // Small: its creation carries the bytes.
  once() {
    return this.tried(() => this.begin(this.file), (answer) => {
      const item = answer.getResponseHeader("Upload-Item");
      if (item) return this.row_of(item);
      throw new Refusal(said(answer));
    });
  }
  begin(body) {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.file.name)));
    return ask(this, "POST", this.form.dataset.tus, {
      body, progress: (sent) => this.percent(sent),
      headers: this.tus({ "Upload-Length": this.file.size, "Upload-Metadata": `filename ${name}`, "Content-Type": BYTES }),
    });
  }

  // Large: pieces, from where the server says it stands.
  tus(more = {}) { return { "Tus-Resumable": TUS, "X-CSRFToken": csrf(this.form), ...more }; }
  resize(times) { this.piece = Math.round(Math.min(PIECE.most, Math.max(PIECE.least, this.piece * times))); }
  async pieces() {
    this.place = localStorage.getItem(this.key);
    let offset = this.place ? await this.standing() : 0;
    for (let wait = 1000; !this.gone; ) {
      if (!this.place) {
        const start = performance.now();
        const begun = await this.begin(this.file.slice(0, this.piece));
        if (begun.status === 201) {
          this.place = begun.getResponseHeader("Location");
          offset = Number(begun.getResponseHeader("Upload-Offset"));
          localStorage.setItem(this.key, this.place);
          this.resize(SPAN / (performance.now() - start));
        } else if (!lost(begun)) throw new Refusal(said(begun));
      }
      if (this.place) {
        const start = performance.now();
        const sent = await ask(this, "PATCH", this.place, {
          body: this.file.slice(offset, offset + this.piece),
          headers: this.tus({ "Upload-Offset": offset, "Content-Type": BYTES }),
          progress: (piece) => this.percent(offset + piece),
        });
        const item = sent.getResponseHeader("Upload-Item");
        if (item) return this.row_of(item);
        if (sent.status === 204) {
          offset = Number(sent.getResponseHeader("Upload-Offset"));
          wait = 1000;
          this.resize(SPAN / (performance.now() - start));
          continue;
        }
        if (sent.status === 404 || sent.status === 410) this.forget();
        else if (![409, 423].includes(sent.status) && !lost(sent)) {
          this.forget();
          throw new Refusal(said(sent));
        }
      }
      if (this.gone) break;
      this.resize(0.5);
      this.state(words.lost);
      await later(wait);
      wait = Math.min(wait * 2, 15000);
      if (this.place) offset = await this.standing(offset);
    }
    return "";
  }
  forget() {
    this.place = null;
    localStorage.removeItem(this.key);
  }
  async standing(before = 0) {
    const answer = await ask(this, "HEAD", this.place, { headers: this.tus() });
    if (answer.status === 404 || answer.status === 410) this.forget();
    return Number(answer.getResponseHeader("Upload-Offset") ?? before);
  }
  row_of(item) {
    this.forget();
    const url = this.form.dataset.check.replace(NO_ID, item);
    const row = document.createElement("li");
    row.dataset.check = url;
    row.className = this.row.className;
    row.append(...this.row.childNodes);
    row.querySelector("[data-cancel]")?.remove();
    return row.outerHTML;
  }
}

function upload(form) {
  const inputs = [...form.querySelectorAll("input[type=file]")];
  const rows = document.querySelector(form.dataset.upload);
  const model = form.querySelector("template[data-row]");
  if (!inputs.length || !rows || !model) return;
  const waiting = [];
  let running = 0, all = 0, done = 0;

  function add(files) {
    for (const file of files) {
      const job = new Job(file, model.content.firstElementChild.cloneNode(true), form);
      job.part("name").textContent = file.name;
      job.part("size").textContent = sizeText(file.size);
      job.row.querySelector("progress")?.setAttribute("aria-label", file.name);
      job.state(words.waiting);
      job.part("cancel")?.addEventListener("click", () => {
        if (waiting.includes(job)) waiting.splice(waiting.indexOf(job), 1);
        job.cancel();
      });
      job.part("retry")?.addEventListener("click", () => {
        job.row.className = "upload is-busy";
        job.part("note").hidden = job.part("retry").hidden = true;
        job.state(words.waiting);
        waiting.push(job);
        next();
      });
      rows.append(job.row);
      all += 1;
      waiting.push(job);
    }
    for (const input of inputs) input.value = "";
    next();
  }
  function next() {
    while (running < TOGETHER && waiting.length) start(waiting.shift());
  }
  async function start(job) {
    running += 1;
    try {
      await job.run();
    } catch (error) {
      if (!job.gone) failed(job, error);
    }
    running -= 1;
    done += 1;
    next();
    if (!running) form.dispatchEvent(new CustomEvent("upload:done", { bubbles: true, detail: { all, done } }));
  }
  function failed(job, error) {
    job.row.className = "upload is-bad";
    job.state(words.failed);
    job.part("note").textContent = error.message;
    job.part("note").hidden = false;
    job.part("retry").hidden = error instanceof Refusal;
    say(`${job.file.name}: ${error.message}`);
  }

  for (const input of inputs) input.addEventListener("change", () => add(input.files));
  for (const button of form.querySelectorAll("[data-plain]")) button.hidden = true;
  const zone = form.querySelector(".drop") || form;
  zone.classList.add("is-live");
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    add(event.dataTransfer.files);
  });
  // A picture pasted anywhere is taken; text pasted into a field stays the field's.
  document.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    const field = event.target.closest?.("input, textarea, [contenteditable]");
    if (!data?.files.length || (field && data.types.includes("text/plain"))) return;
    event.preventDefault();
    add([...data.files].map((file) => (/^image\.\w+$/.test(file.name) ? renamed(file) : file)));
  });
  for (const row of rows.querySelectorAll("[data-check]")) checked(row, form);
}
function renamed(file) {
  const now = new Date().toLocaleTimeString("sv").replaceAll(":", "-");
  return new File([file], `${words.pasted} ${now}.${file.name.split(".").pop()}`, { type: file.type, lastModified: Date.now() });
}

function wake(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) if (!form.dataset.awake) { form.dataset.awake = "1"; upload(form); }
}
wake(document);
document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) wake(event.target); });
