/* Makes the pages kinder; every page works without it. It keeps nothing in the browser: text stays in the page
   and goes to the server as a draft. */
"use strict";

const EVERY = 4000; // milliseconds between two savings of a draft
const LARGEST = 25 * 1024 * 1024; // bytes of one file
const LAST_WORDS = 60_000; // characters that a browser still sends when its page is gone

let away = false; // somebody must leave at once: nothing is asked of them

const tokenOf = (form) => form.elements.namedItem("csrf_token").value;

/* --- where the reader must look first: the field itself when one thing is wrong with it, else what is said --- */

const told = document.querySelector("[data-focus]");
const links = told?.querySelectorAll("a[href^='#']") ?? [];
((links.length === 1 && document.getElementById(links[0].hash.slice(1))) || told)?.focus();

/* --- a question that waits for another: what was typed there stays --- */

for (const later of document.querySelectorAll("[data-after]")) {
  const first = document.getElementById(later.dataset.after);
  const wait = () => { later.readOnly = !first.value.trim(); };
  first.addEventListener("input", wait);
  wait();
}

/* --- leave at once: another page, and no way back with one click --- */

for (const way of document.querySelectorAll("[data-leave]")) {
  way.addEventListener("click", (event) => {
    event.preventDefault();
    away = true;
    document.querySelectorAll("form[data-draft]").forEach((form) => navigator.sendBeacon(form.dataset.draft, wordsOf(form)));
    document.body.hidden = true;
    window.location.replace(way.href);
  });
}

/* --- one click is one post --- */

for (const form of document.querySelectorAll(".meldcode form[method=post]:not([data-draft])")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-disabled", "true");
  });
}

/* Whoever comes back, or stays after all, can press again. */
function pressAgain() {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
}

window.addEventListener("pageshow", pressAgain);

/* --- a form without drafts: before typed words go with the page, the browser asks --- */

function isUnsent(area) {
  const form = area.form;
  if (form?.method !== "post" || form.dataset.draft || form.dataset.sent) return false;
  return area.value !== area.defaultValue || (area.value && form.querySelector(".fault"));
}

window.addEventListener("beforeunload", (event) => {
  if (away || ![...document.querySelectorAll(".meldcode textarea")].some(isUnsent)) return;
  event.preventDefault();
  window.setTimeout(pressAgain);
});

/* --- the form of a signal: drafts, files, and no word lost when the line is cut --- */

function wordsOf(form) {
  const words = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") words.append(name, value);
  return words;
}

function draftOf(form) {
  const line = form.querySelector("#saved");
  let dirty = false;
  let failed = false;
  let running = null;

  function tell(key, clock = "") {
    line.classList.toggle("worry", key === "cut" || key === "out");
    const said = key ? line.dataset[key].replace("{}", clock) : "";
    if (line.textContent !== said) line.textContent = said;
  }

  function hint(nudges) {
    for (const place of form.querySelectorAll("[data-nudge]")) {
      const said = (nudges[place.dataset.nudge] ?? []).join("\n");
      if (place.textContent !== said) place.textContent = said;
    }
  }

  /* Returns whether the server was reached; what it could not take stays dirty. */
  async function save(leaving) {
    dirty = failed = false;
    const body = wordsOf(form);
    const keepalive = leaving && body.toString().length < LAST_WORDS;
    try {
      const headers = { "X-CSRF-Token": tokenOf(form) };
      const answer = await fetch(form.dataset.draft, { method: "POST", body, headers, keepalive });
      if (answer.ok) {
        const found = answer.status === 204 ? null : await answer.json();
        tell(found ? "saved" : "", found?.saved);
        hint(found?.nudges ?? {});
      } else {
        dirty = failed = true;
        tell(answer.status === 401 ? "out" : "cut");
      }
      return true;
    } catch {
      dirty = failed = true;
      tell("cut");
      return false;
    }
  }

  function saveOnce(leaving = false) {
    running ??= save(leaving).finally(() => { running = null; });
    return running;
  }

  form.addEventListener("input", (event) => { dirty ||= event.target.type !== "file"; });
  window.setInterval(() => { if (dirty && !form.dataset.sent) saveOnce(); }, EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty && !form.dataset.sent) saveOnce(true);
  });
  window.addEventListener("beforeunload", (event) => {
    const tooLong = () => wordsOf(form).toString().length >= LAST_WORDS;
    if (!away && !form.dataset.sent && dirty && (failed || tooLong())) event.preventDefault();
  });
  return { saveOnce, tell };
}

function filesOf(form) {
  const part = form.querySelector("[data-upload]");
  const chosen = part.querySelector("input[type=file]");
  const bar = part.querySelector("progress");
  const line = part.querySelector("[role=status]");
  part.querySelector("[data-without-script]").hidden = true;

  function post(file) {
    return new Promise((done) => {
      const body = new FormData();
      body.append(chosen.name, file);
      const call = new XMLHttpRequest();
      call.open("POST", part.dataset.upload);
      call.setRequestHeader("X-CSRF-Token", tokenOf(form));
      call.setRequestHeader("Accept", "application/json");
      call.upload.addEventListener("progress", (event) => { bar.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0; });
      call.addEventListener("loadend", () => {
        try { done(JSON.parse(call.responseText)); } catch { done(null); }
      });
      call.send(body);
    });
  }

  function show(files) {
    let list = part.querySelector(".files");
    if (!list) {
      list = document.createElement("ul");
      list.className = "files";
      part.insertBefore(list, part.querySelector("label"));
    }
    list.replaceChildren(...files.map(row));
  }

  function row(file) {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const size = document.createElement("span");
    const away = document.createElement("button");
    name.textContent = file.name;
    size.textContent = file.size;
    size.className = "quiet";
    away.className = "link";
    away.name = "action";
    away.value = `remove:${file.id}`;
    away.textContent = part.dataset.remove;
    away.setAttribute("aria-label", `${part.dataset.remove} ${file.name}`);
    item.append(name, " ", size, " ", away);
    for (const hint of file.hints) {
      const said = document.createElement("p");
      said.className = "hint";
      said.textContent = hint;
      item.append(said);
    }
    return item;
  }

  async function send() {
    const refused = [];
    bar.hidden = false;
    for (const file of chosen.files) {
      bar.value = 0;
      line.textContent = part.dataset.busy.replace("{}", file.name);
      const answer = file.size > LARGEST ? { refused: part.dataset.large.replace("{}", file.name) } : await post(file);
      if (answer === null) refused.push(part.dataset.cut.replace("{}", file.name));
      else if (answer.refused) refused.push(answer.refused);
      if (answer?.files) show(answer.files);
    }
    bar.hidden = true;
    chosen.value = "";
    line.textContent = refused.join(" ") || part.dataset.done;
    line.classList.toggle("worry", refused.length > 0);
  }

  let running = Promise.resolve();
  chosen.addEventListener("change", () => { running = send(); });
  return { settled: () => running };
}

/* The list of files may have been drawn again since a button in it was pressed. */
function stillThere(button) {
  return button?.isConnected === false ? document.querySelector(`button[value="${CSS.escape(button.value)}"]`) : button;
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  const draft = draftOf(form);
  const files = filesOf(form);

  /* First the words to the server as a draft, then the post itself: a cut line leaves everything on the screen. */
  form.addEventListener("submit", async (event) => {
    if (form.dataset.sent === "go") return;
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "wait";
    event.submitter?.setAttribute("aria-disabled", "true");
    draft.tell("busy");
    await files.settled();
    if (await draft.saveOnce()) {
      form.dataset.sent = "go";
      form.requestSubmit(stillThere(event.submitter));
    } else {
      delete form.dataset.sent;
      event.submitter?.removeAttribute("aria-disabled");
    }
  });
}
