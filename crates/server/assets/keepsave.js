// The pages' one script. Everything works without it: it only makes things quicker.
// Order: words, focus, keys, pad, menus, times, toasts, live, uploads.
"use strict";

const words = document.getElementById("words");
const say = (name, given = {}) =>
  (words?.dataset[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => given[key] ?? "");
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// ---- Focus: arrows go to the nearest stop in that direction ----

const STOPS = "a[href], button:not([disabled]), summary, input:not([type=hidden]):not([disabled]), select, textarea, [tabindex='0']";

const seen = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;
const openMenu = () => document.querySelector("details.menu[open]");
// Never out of an open menu or dialog.
const ground = () => document.querySelector("dialog[open]") ?? openMenu() ?? document;
const stops = (within = ground()) => all(STOPS, within).filter((stop) => seen(stop) && !stop.matches(".skip"));

function go(stop) {
  if (!stop) return false;
  stop.focus({ preventScroll: true });
  stop.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

function first() {
  return document.querySelector("[data-first]") ?? stops(document.getElementById("main"))[0] ?? stops()[0];
}

const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function nearest(from, [x, y]) {
  const here = from.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const stop of stops()) {
    if (stop === from || from.contains(stop) || stop.contains(from)) continue;
    const there = stop.getBoundingClientRect();
    // How far ahead its near edge is, and how far off the line between the two it stands.
    const ahead = x ? (x > 0 ? there.left - here.right : here.left - there.right)
      : (y > 0 ? there.top - here.bottom : here.top - there.bottom);
    if (ahead < -Math.min(8, (x ? here.width : here.height) / 2)) continue;
    const [a, b, c, d] = x ? [here.top, here.bottom, there.top, there.bottom]
      : [here.left, here.right, there.left, there.right];
    const apart = Math.max(0, c - b, a - d);
    const off = Math.abs((a + b) / 2 - (c + d) / 2);
    const far = Math.max(0, ahead) + apart * 4 + off * (x ? 0.4 : 0.2);
    if (far < least) [least, best] = [far, stop];
  }
  return best;
}

function step(key) {
  const at = document.activeElement;
  if (!at || at === document.body || at.id === "main") return go(first());
  // In a timeline up and down move between titles, right enters the row, left returns.
  const row = at.closest("li.version");
  if (row && !openMenu()) {
    const title = (of) => of?.querySelector("h3 a");
    const rows = all("li.version", row.closest("section") ?? document);
    const index = rows.indexOf(row);
    if (key === "ArrowLeft" && at !== title(row)) return go(title(row));
    if (key === "ArrowRight" && at === title(row)) return go(stops(row).find((stop) => stop !== at));
    const other = title(rows[index + (key === "ArrowDown" ? 1 : -1)]);
    if ((key === "ArrowUp" || key === "ArrowDown") && at === title(row) && other) return go(other);
  }
  return go(nearest(at, DIRECTIONS[key]));
}

// First and last of the row or list that the focus stands in.
function end(key) {
  const at = document.activeElement;
  const list = at?.closest("ul, ol, nav, .row, .bar") ?? document.getElementById("main");
  const within = stops(list);
  return go(key === "Home" ? within[0] : within.at(-1));
}

// Back restores the last stop, unless the address names one.
const stopsKey = () => "stop:" + location.pathname + location.search;
addEventListener("pagehide", () => {
  const index = stops(document).indexOf(document.activeElement);
  if (index >= 0) sessionStorage.setItem(stopsKey(), index);
});
addEventListener("pageshow", (event) => {
  const kind = performance.getEntriesByType("navigation")[0]?.type;
  const kept = sessionStorage.getItem(stopsKey());
  if (kept !== null && !location.hash && (event.persisted || kind === "back_forward")) go(stops(document)[kept]);
  if (location.hash) document.getElementById(location.hash.slice(1))?.closest("[tabindex]")?.focus();
});

// ---- Keys ----

const isField = (element) => element?.matches?.("input, textarea, select, [contenteditable]");
const isText = (element) => isField(element) && !element.matches("[type=checkbox], [type=radio], [type=submit], [readonly]");

function back() {
  const menu = openMenu();
  if (menu) {
    menu.open = false;
    return go(menu.querySelector("summary"));
  }
  if (history.length > 1) history.back();
  return true;
}

function tab(towards) {
  const tabs = all(".tabs a");
  const at = tabs.findIndex((link) => link.hasAttribute("aria-current"));
  const to = tabs[at + towards];
  if (at >= 0 && to) to.click();
  return at >= 0;
}

function search() {
  const field = all("input[type=search]").find(seen);
  if (!field) return document.querySelector("a[href='/library#find']")?.click() ?? false;
  field.select();
  return go(field);
}

function help() {
  let dialog = document.querySelector("dialog.keys");
  if (!dialog) {
    dialog = words?.content.querySelector("dialog")?.cloneNode(true);
    if (!dialog) return false;
    document.body.append(dialog);
  }
  dialog.showModal();
  return true;
}

function press(key) {
  const at = document.activeElement;
  const writes = isText(at);
  if (key in DIRECTIONS) {
    const sideways = key === "ArrowLeft" || key === "ArrowRight";
    if (writes && (sideways || at.matches("textarea, select"))) return false;
    if (at?.matches?.("select")) return false;
    return step(key);
  }
  if (key === "Escape") {
    if (document.querySelector("dialog[open]")) return false;
    if (writes && !openMenu()) return at.blur() ?? true;
    return back();
  }
  if (writes) return false;
  switch (key) {
    case "Backspace": return back();
    case "Home": case "End": return end(key);
    case "[": return tab(-1);
    case "]": return tab(1);
    case "/": return search();
    case "?": return help();
    default: return false;
  }
}

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (press(event.key)) event.preventDefault();
});

// ---- Pad, where the browser gives one ----

const PAD = { 0: "Enter", 1: "Escape", 2: "menu", 3: "/", 4: "[", 5: "]", 12: "ArrowUp", 13: "ArrowDown", 14: "ArrowLeft", 15: "ArrowRight" };
let held = new Set();

function padPress(key) {
  const at = document.activeElement;
  if (key === "Enter") at?.click();
  else if (key === "menu") at?.closest("li, section")?.querySelector("details.menu > summary")?.click();
  else press(key);
}

function pads() {
  const now = new Set();
  let isThere = false;
  for (const pad of navigator.getGamepads()) {
    if (!pad) continue;
    isThere = true;
    pad.buttons.forEach((button, index) => button.pressed && PAD[index] && now.add(PAD[index]));
    const [x, y] = pad.axes;
    if (Math.abs(x) > 0.6) now.add(x < 0 ? "ArrowLeft" : "ArrowRight");
    if (Math.abs(y) > 0.6) now.add(y < 0 ? "ArrowUp" : "ArrowDown");
  }
  for (const key of now) if (!held.has(key)) padPress(key);
  held = now;
  if (isThere) requestAnimationFrame(pads);
}
addEventListener("gamepadconnected", pads);

// ---- Menus, copying, choices that need no button ----

addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast(say("copied")));
});
addEventListener("change", (event) => {
  if (event.target.matches("select[data-go]")) event.target.form.requestSubmit();
});

// ---- Times: those of the last half day are kept up to date ----

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) document.cookie = `keepsave_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;

const ago = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
function refreshTimes() {
  for (const time of all("time[data-fresh]")) {
    const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60000);
    if (minutes < 1 || minutes >= 12 * 60) continue;
    const text = minutes < 60 ? ago.format(-minutes, "minute") : ago.format(-Math.floor(minutes / 60), "hour");
    if (time.textContent !== text) time.textContent = text;
  }
}
setInterval(refreshTimes, 30000);

// ---- What an upload was answered with, on the page that it led to ----

const SAID = "said";
const carried = sessionStorage.getItem(SAID);
if (carried) {
  sessionStorage.removeItem(SAID);
  const page = new DOMParser().parseFromString(carried, "text/html");
  document.querySelector("header.top")?.after(...page.body.childNodes);
}

// ---- Toasts: a notice that was carried here becomes one, with its way back ----

const TOAST_SECONDS = 10;

function toast(text, ...more) {
  const made = words?.content.querySelector(".toast")?.cloneNode(true);
  if (!made) return null;
  made.querySelector("[data-text]").textContent = text;
  made.querySelector("[data-text]").after(...more);
  made.querySelector("[data-close]").addEventListener("click", () => made.remove());
  // What can be taken back stays until it is closed.
  if (!more.length) setTimeout(() => made.remove(), TOAST_SECONDS * 1000);
  all(".toast").forEach((old) => old.remove());
  document.body.append(made);
  return made;
}

// ---- Live: what changes meanwhile is said, and shown when wanted ----

// A page that wants to hear has `data-live` on its main part: the game's id, or `all`.
function listen(part) {
  const source = new EventSource("/api/keepsave/events");
  let news = 0;
  const heard = (event) => {
    const what = JSON.parse(event.data || "{}");
    const about = part.dataset.live;
    if (about !== "all" && what.rom_id !== undefined && String(what.rom_id) !== about) return;
    if (event.type === "changed") news += 1;
    if (document.activeElement?.closest("form") && isText(document.activeElement)) return offer();
    refresh(part).then((isShown) => isShown || offer());
  };
  const offer = () => {
    const show = document.createElement("button");
    show.className = "btn quiet compact";
    show.textContent = say("show");
    show.addEventListener("click", () => location.reload());
    toast(news === 1 ? say("newOne") : say("newOther").replace("2", news), show);
  };
  for (const name of ["changed", "conflict", "deleted", "finished", "missed"]) source.addEventListener(name, heard);
  addEventListener("pagehide", () => source.close());
}

// Fetches the page anew and puts in what can change without anything moving under the finger:
// parts marked with `data-patch` and an id. Anything above the focus waits until it is wanted.
async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return true;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  let isShown = true;
  const focus = document.activeElement;
  for (const part of all("[data-patch]")) {
    const now = fresh.getElementById(part.id);
    if (!now || now.innerHTML === part.innerHTML) continue;
    const isBefore = focus !== document.body && part.compareDocumentPosition(focus) & Node.DOCUMENT_POSITION_FOLLOWING;
    const grows = now.children.length !== part.children.length || now.childElementCount !== part.childElementCount;
    if (part.contains(focus) || (isBefore && grows)) isShown = false;
    else part.replaceChildren(...now.childNodes);
  }
  return isShown;
}
const live = document.querySelector("[data-live]");
if (live && window.EventSource) listen(live);

// Work that goes on is looked at again, until it has ended.
const LOOK_MS = 1500;
(function lookAgain() {
  if (document.querySelector("[data-again]")) setTimeout(() => refresh().then(lookAgain), LOOK_MS);
})();

// ---- Uploads: a file dropped anywhere goes to the form, which says how far it is ----

const size = (bytes) => {
  const step = bytes < 1024 ? 0 : bytes < 1048576 ? 1 : 2;
  return `${+(bytes / 1024 ** step).toFixed(step === 2 ? 1 : 0)} ${["B", "KB", "MB"][step]}`;
};

const upload = document.querySelector("form[data-upload]");
if (upload) {
  const field = upload.querySelector("input[type=file]");
  const opened = upload.closest("details, dialog");
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", (event) => event.relatedTarget ?? document.body.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    field.files = event.dataTransfer.files;
    if (opened) opened.open = true;
    go(upload.querySelector("button:not([type=button])"));
  });
  upload.addEventListener("submit", (event) => {
    const file = field.files[0];
    const limit = Number(upload.dataset.upload);
    if (!file) return;
    event.preventDefault();
    if (limit && file.size > limit) return void toast(say("tooBig", { size: size(file.size), limit: size(limit) }));
    send(file);
  });

  const send = (file) => {
    const label = upload.querySelector("[data-progress-label]");
    const bar = upload.querySelector("progress");
    const request = new XMLHttpRequest();
    const tell = (sent) => {
      if (label) label.textContent = say("sending", { file: file.name, sent: size(sent), size: size(file.size) });
      if (bar) [bar.hidden, bar.max, bar.value] = [false, file.size, sent];
    };
    tell(0);
    request.upload.addEventListener("progress", (event) => tell(Math.min(event.loaded, file.size)));
    request.addEventListener("load", () => {
      // The form answers with a page: where it led is where to go. What it said, it said there: once.
      if (request.status < 400 && request.responseURL) {
        const page = new DOMParser().parseFromString(request.responseText, "text/html");
        const said = page.querySelector(".top-notice")?.parentElement.outerHTML;
        if (said) sessionStorage.setItem(SAID, said);
        location.assign(request.responseURL);
      } else replaceWith(request.responseText);
    });
    request.addEventListener("error", () => toast(say("failed", { file: file.name })));
    request.open("POST", upload.action);
    request.setRequestHeader("accept", "text/html");
    request.send(new FormData(upload));
  };

  // A refusal is a page, too: what it says is said here.
  const replaceWith = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const said = page.querySelector(".notice.bad p, .field-error");
    toast(said?.textContent.trim() || say("failed", { file: field.files[0]?.name ?? "" }));
  };
}

// ---- Older versions: fetched and put below, without leaving the page ----

addEventListener("click", async (event) => {
  const link = event.target.closest(".older a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: { accept: "text/html" } }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const line = page && page.querySelector(".line:has(.version)");
  if (!line) return void location.assign(link.href);
  const first = line.querySelector(".version h3 a");
  link.closest(".older").replaceWith(...line.childNodes);
  go(first);
});

// ---- Notes: what is typed is saved after a while, and said ----

const AUTOSAVE_MS = 1200;

for (const form of all("form[data-autosave]")) {
  const state = form.querySelector("[data-autosave-state]");
  let waiting = 0;
  const save = async () => {
    if (!form.reportValidity()) return;
    state.textContent = form.dataset.saving;
    // A form without files is sent as the button sends it.
    const body = new URLSearchParams(new FormData(form));
    body.set("quiet", "yes");
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
    const isSaved = answer?.type === "opaqueredirect" || answer?.ok;
    state.textContent = isSaved ? form.dataset.saved : form.dataset.notSaved;
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, AUTOSAVE_MS);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
}
