// What the pages gain when scripts run. Everything works without: each part reads data- attributes and fails softly.
//
//   data-live="/path" data-live-every="400"   on body: asks whether this page may still be seen, and leaves when it may not
//   data-upload data-swap="#a, #b"            on a form with file inputs: one request per file, with progress and cancel;
//                                             afterwards those elements are fetched afresh
//   data-confirm="What will happen?"          on a form or its button: asks first (data-confirm-action names the button)
//   data-dialog-open="id", data-dialog-close  open and close a <dialog>; the opener is a link to the page that does without
//   data-copy="text" or data-copy-from="#id"  copies, and says so
//   data-filter                               on a GET form: sends itself when something in it changes
//   data-keep="name"                          on a form: what was typed survives a lost session, until it was sent
//   data-preview                              on a form: sends itself as do=preview while it is filled in, and puts what came
//                                             back into its elements with an id and data-fresh
//   data-list                                 on a list or table: j, k, enter and x move, open and select its [data-item]s
//   data-search                               on the search input: / and Ctrl K focus it
//   data-select-all="name", data-selected     a checkbox for all of that name; what shows how many are selected
//   data-segments="id"                        says how many segments the text message typed in that field has
//   data-menu                                 on <details>: closes on Escape, and when one presses elsewhere

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const token = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/* Toasts */

const toasts = element("div", { class: "toasts", role: "status", "aria-live": "polite" });
document.body.append(toasts);

function toast(text, { name = "check-circle", tone = "success", stays = false, action } = {}) {
  const body = element("div", { class: `toast tone-${tone}` }, icon(name), element("span", { class: "grow" }, text));
  if (action) body.append(action);
  if (stays) {
    const close = element("button", { class: "button button--quiet button--icon", type: "button", "aria-label": "Close" }, icon("x"));
    close.addEventListener("click", () => body.remove());
    body.append(close);
  } else {
    setTimeout(() => body.remove(), 6000);
  }
  toasts.replaceChildren(body);
}

// The session is gone while something unsent is on the page: keep the page, and let the person sign in beside it.
function offerSignIn() {
  const link = element("a", { class: "button", href: location.pathname + location.search, target: "_blank", rel: "noopener" }, "Sign in again");
  toast("You are signed out. Nothing on this page is lost.", { name: "lock", tone: "warning", stays: true, action: link });
}

/* Fetching the page again, and putting parts of it in place */

async function refresh(selectors, keep) {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const selector of selectors.split(",").map((part) => part.trim()).filter(Boolean)) {
      const [here, there] = [document.querySelector(selector), fresh.querySelector(selector)];
      if (here && there && !(keep && here.contains(keep))) here.replaceWith(document.adoptNode(there));
    }
    enhance(document);
  } catch {
    // Offline for a moment: what is shown is only older, not wrong.
  }
}

/* Live: an open page ends when its session does */

let leaving = false;

function live({ live: path, liveEvery }) {
  const pace = Math.max(250, Number(liveEvery) || 400);
  let timer;
  let misses = 0;
  let asking = false;

  const ask = async () => {
    clearTimeout(timer);
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(path, { cache: "no-store", credentials: "same-origin", headers: { accept: "application/json" }, redirect: "manual" });
      misses = 0;
      if ([401, 404, 410].includes(answer.status) || answer.type === "opaqueredirect") {
        leaving = true;
        // Without the fragment: the same address with one would only scroll.
        location.replace(location.pathname + location.search);
        return;
      }
      if (answer.status === 429 || answer.status >= 500) misses += 1;
    } catch {
      misses += 1;
    } finally {
      asking = false;
    }
    const wait = document.hidden ? Math.max(30_000, pace) : Math.min(pace * 2 ** misses, 30_000);
    timer = setTimeout(ask, wait);
  };

  timer = setTimeout(ask, pace);
  addEventListener("focus", ask);
  addEventListener("online", ask);
  addEventListener("pageshow", (event) => event.persisted && ask());
  document.addEventListener("visibilitychange", () => !document.hidden && ask());
}

/* Uploads */

function size(bytes) {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  return bytes < 999_500 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

const AT_ONCE = 2;
const REASONS = {
  0: "The connection was interrupted. Please try again.",
  401: "You are signed out. Sign in again, then try again.",
  404: "This can no longer be provided here. Please reload the page.",
  413: "This file is too large.",
  415: "This kind of file can't be used here. Please save it as a PDF or a photo.",
  429: "Too many at once. Please wait a moment, then try again.",
};

function reason(request) {
  try {
    const problem = JSON.parse(request.responseText);
    if (problem.detail || problem.title) return problem.detail || problem.title;
  } catch {
    // Not JSON: an answer from something between the portal and here.
  }
  return REASONS[request.status] || "This file did not arrive. Please try again.";
}

function uploads(form) {
  const inputs = $$('input[type="file"]', form);
  if (!inputs.length || !("upload" in XMLHttpRequest.prototype)) return;
  const list = element("ul", { class: "uploads", "aria-label": "Files being sent" });
  const said = element("p", { class: "visually-hidden", role: "status" });
  const waiting = [];
  let running = 0;
  let arrived = 0;
  form.append(list, said);
  form.classList.add("is-enhanced");
  for (const input of inputs) {
    input.required = false;
    input.addEventListener("change", () => {
      for (const file of input.files) add(file, input.name);
      input.value = "";
    });
  }

  function add(file, name) {
    const bar = element("progress", { class: "progress", max: "1", value: "0", "aria-label": `Sending ${file.name}` });
    const note = element("span", { class: "meta" }, `${size(file.size)}, waiting`);
    const cancel = element("button", { class: "button button--quiet", type: "button", "aria-label": `Cancel ${file.name}` }, "Cancel");
    const row = element(
      "li",
      { class: "uploads__item" },
      icon("document"),
      element("span", {}, element("bdi", { class: "uploads__name" }, file.name), " ", note),
      cancel,
      bar,
    );
    const job = { file, name, bar, note, cancel, row, key: token() };
    cancel.addEventListener("click", () => drop(job));
    list.append(row);
    waiting.push(job);
    next();
  }

  function drop(job) {
    const place = waiting.indexOf(job);
    if (place >= 0) waiting.splice(place, 1);
    job.request?.abort();
    job.row.remove();
    said.textContent = `${job.file.name} cancelled`;
    form.querySelector('input[type="file"]')?.focus();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) send(waiting.shift());
    if (!running && !waiting.length && arrived) {
      said.textContent = arrived === 1 ? "1 file sent" : `${arrived} files sent`;
      toast(said.textContent);
      arrived = 0;
      // A file that failed stays on the page until the person has decided about it.
      const failed = list.querySelector(".is-failed") && form;
      refresh(form.dataset.swap || "", failed).then(() => $$(".is-done", list).forEach((row) => row.remove()));
    }
  }

  function send(job) {
    const body = new FormData();
    for (const [name, value] of new FormData(form)) if (!(value instanceof File)) body.append(name, value);
    body.append(job.name, job.file, job.file.name);
    const request = new XMLHttpRequest();
    job.request = request;
    running += 1;
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", job.key);
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      job.bar.value = event.loaded / event.total;
      const percent = Math.round((100 * event.loaded) / event.total);
      job.note.textContent = percent < 100 ? `${size(job.file.size)}, ${percent} %` : `${size(job.file.size)}, being checked`;
    });
    request.addEventListener("loadend", () => {
      running -= 1;
      if (request.status >= 200 && request.status < 300) {
        arrived += 1;
        job.row.classList.add("is-done");
        job.row.firstElementChild.replaceWith(icon("check-circle"));
        job.note.textContent = `${size(job.file.size)}, sent`;
        job.bar.remove();
        job.cancel.remove();
      } else if (job.row.isConnected) {
        fail(job, reason(request));
        if (request.status === 401) offerSignIn();
      }
      next();
    });
    job.note.textContent = `${size(job.file.size)}, sending`;
    request.send(body);
  }

  function fail(job, why) {
    const again = element("button", { class: "button button--quiet", type: "button", "aria-label": `Try again: ${job.file.name}` }, "Try again");
    again.addEventListener("click", () => {
      job.row.remove();
      add(job.file, job.name);
    });
    const remove = element("button", { class: "button button--quiet", type: "button", "aria-label": `Remove ${job.file.name}` }, "Remove");
    remove.addEventListener("click", () => drop(job));
    job.row.classList.add("is-failed");
    job.row.firstElementChild.replaceWith(icon("alert"));
    job.note.textContent = size(job.file.size);
    job.bar.replaceWith(element("p", { class: "field__error" }, element("span", {}, why)));
    job.cancel.replaceWith(element("span", { class: "row" }, again, remove));
    said.textContent = `${job.file.name}: ${why}`;
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  const main = inputs.find((input) => !input.hasAttribute("capture")) || inputs[0];
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    form.addEventListener(type, (event) => {
      if (![...(event.dataTransfer?.types || [])].includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("is-over", type === "dragenter" || type === "dragover");
      if (type === "drop") for (const file of event.dataTransfer.files) add(file, main.name);
    });
  }
  addEventListener("beforeunload", (event) => !leaving && (running || waiting.length) && event.preventDefault());
}

/* Dialogs, and asking before a destructive act */

function confirming(form) {
  form.addEventListener("submit", (event) => {
    const text = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!text || form.dataset.confirmed || !HTMLDialogElement.prototype.showModal) {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    const submitter = event.submitter;
    const act = element("button", { class: "button button--danger", value: "yes" }, form.dataset.confirmAction || submitter?.textContent.trim() || "Continue");
    const keep = element("button", { class: "button", value: "", autofocus: "" }, "Cancel");
    const heading = element("h2", { id: "confirm-title" }, form.dataset.confirmTitle || "Are you sure?");
    const dialog = element(
      "dialog",
      { class: "dialog", "aria-labelledby": "confirm-title" },
      element("form", { method: "dialog", class: "stack" }, heading, element("p", {}, text), element("div", { class: "dialog__actions" }, keep, act)),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue !== "yes") return submitter?.focus();
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/* Forms that keep what was typed */

function keeping(form) {
  const key = `keep:${location.pathname}:${form.dataset.keep}`;
  const secret = (field) => field.type === "password" || field.type === "file" || field.type === "hidden" || field.autocomplete === "one-time-code";
  const fields = () => [...form.elements].filter((field) => field.name && !secret(field) && "value" in field && field.tagName !== "BUTTON");
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) || "null");
    // What the server put there after refusing a form is newer than what was kept.
    if (kept && !form.querySelector("[aria-invalid]")) {
      for (const field of fields()) {
        const value = kept[`${field.name}=${field.type === "checkbox" || field.type === "radio" ? field.value : ""}`];
        if (typeof value === "boolean") field.checked = value;
        else if (typeof value === "string") field.value = value;
      }
    }
    form.addEventListener("input", () => {
      const now = {};
      for (const field of fields()) {
        const choice = field.type === "checkbox" || field.type === "radio";
        now[`${field.name}=${choice ? field.value : ""}`] = choice ? field.checked : field.value;
      }
      sessionStorage.setItem(key, JSON.stringify(now));
    });
    form.addEventListener("submit", () => {
      sessionStorage.setItem("keep:sent", key);
    });
  } catch {
    // Storage is switched off: the form works as any other.
  }
}

// A form counts as sent once a page of a living session followed it without errors. The sign-in page has no live check.
function forgetWhatWasSent() {
  try {
    const key = sessionStorage.getItem("keep:sent");
    sessionStorage.removeItem("keep:sent");
    if (key && document.body.dataset.live && !document.querySelector("[aria-invalid]")) sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
}

/* Forms that show what they would bring about */

const PAUSE = 500;

function previewing(form) {
  let timer;
  let asked;

  const look = async () => {
    asked?.abort();
    const own = (asked = new AbortController());
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "preview");
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" }, credentials: "same-origin", signal: own.signal });
      // A session that ended answers with the way to sign in, which is no answer to this.
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const here of $$("[data-fresh][id]", form)) {
        const there = fresh.getElementById(here.id);
        if (there && here !== document.activeElement && here.innerHTML !== there.innerHTML) here.replaceChildren(...there.childNodes);
      }
    } catch {
      // Asked again meanwhile, or offline for a moment: what is shown is only older.
    } finally {
      if (asked === own) form.removeAttribute("aria-busy");
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asked?.abort();
  });
}

/* Lists by keyboard */

function listing(list) {
  const items = () => $$("[data-item]", list);
  let at = -1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const rows = items();
    const step = { j: 1, k: -1 }[event.key];
    if (step) {
      at = Math.min(Math.max(at + step, 0), rows.length - 1);
      rows.forEach((row, index) => row.classList.toggle("is-active", index === at));
      rows[at]?.querySelector("a")?.focus({ preventScroll: true });
      rows[at]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "x" && rows[at]) {
      rows[at].querySelector('input[type="checkbox"]')?.click();
    } else if (event.key === "Enter" && rows[at] && !event.target.closest("a, button, summary")) {
      rows[at].querySelector("a")?.click();
    } else {
      return;
    }
    event.preventDefault();
  });
}

const typing = (target) => target instanceof Element && target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog, [contenteditable]");

function selecting(all) {
  const boxes = () => $$(`input[type="checkbox"][name="${CSS.escape(all.dataset.selectAll)}"]`);
  const count = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
    for (const shown of $$("[data-selected]")) {
      shown.closest("[data-selected-bar]")?.toggleAttribute("hidden", chosen === 0);
      shown.textContent = chosen;
    }
  };
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    count();
  });
  document.addEventListener("change", (event) => event.target.name === all.dataset.selectAll && count());
  count();
}

function filtering(form) {
  let timer;
  const send = () => {
    clearTimeout(timer);
    form.requestSubmit();
  };
  form.addEventListener("change", (event) => event.target.type !== "search" && event.target.type !== "text" && send());
  form.addEventListener("input", (event) => {
    if (event.target.type !== "search") return;
    clearTimeout(timer);
    timer = setTimeout(send, 400);
  });
}

/* How long a text message is, as networks count (3GPP TS 23.038); the server counts again */

const GSM = "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5\u0394_\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9 !\"#\u00a4%&'()*+,-./0123456789:;<=>?\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc\u00a7\u00bfabcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0";
const GSM_TWICE = "\f^{}\\[~]|\u20ac";

function segmentsOf(text) {
  const signs = [...text];
  const isPlain = signs.every((sign) => GSM.includes(sign) || GSM_TWICE.includes(sign));
  const sizes = signs.map((sign) => (isPlain ? 1 + GSM_TWICE.includes(sign) : sign.length));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const [alone, joined] = isPlain ? [160, 153] : [70, 67];
  if (units <= alone) return [units, units > 0 ? 1 : 0];
  let segments = 1;
  let filled = 0;
  for (const size of sizes) {
    if (filled + size > joined) [segments, filled] = [segments + 1, 0];
    filled += size;
  }
  return [units, segments];
}

function counting(output) {
  const field = document.getElementById(output.dataset.segments);
  const show = () => {
    const [units, segments] = segmentsOf(field.value.trim());
    output.textContent = units === 0 ? "" : `${units} signs, ${segments} segment${segments === 1 ? "" : "s"}`;
  };
  field?.addEventListener("input", show);
  if (field) show();
}

/* Everything is found by its attribute, once */

const PARTS = {
  "form[data-upload]": uploads,
  "form[data-keep]": keeping,
  "form[data-filter]": filtering,
  "form[data-preview]": previewing,
  "[data-list]": listing,
  "[data-select-all]": selecting,
  "[data-segments]": counting,
  "form[data-confirm], form:has([data-confirm])": confirming,
};
const done = new WeakMap();

function enhance(root) {
  for (const [selector, part] of Object.entries(PARTS)) {
    for (const found of $$(selector, root)) {
      const parts = done.get(found) || new Set();
      if (parts.has(part)) continue;
      done.set(found, parts.add(part));
      part(found);
    }
  }
}

document.addEventListener("click", async (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest("[data-dialog-open]");
  const dialog = opener && document.getElementById(opener.dataset.dialogOpen);
  if (dialog?.showModal && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    dialog.showModal();
  }
  if (target?.closest("[data-dialog-close]")) target.closest("dialog")?.close();
  for (const menu of $$("details[data-menu][open]")) if (!menu.contains(target)) menu.open = false;

  const copier = target?.closest("[data-copy], [data-copy-from]");
  if (copier) {
    const from = copier.dataset.copyFrom && document.querySelector(copier.dataset.copyFrom);
    try {
      await navigator.clipboard.writeText(copier.dataset.copy ?? from.value ?? from.textContent.trim());
      toast("Copied");
    } catch {
      if (from) getSelection()?.selectAllChildren(from);
      toast("Press Ctrl C to copy", { name: "copy", tone: "info" });
    }
  }
});

document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-search]");
  const asked = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing(event.target));
  if (search && asked && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

forgetWhatWasSent();
enhance(document);
document.querySelector("[data-focus]")?.focus();
if (document.body.dataset.live) live(document.body.dataset);
