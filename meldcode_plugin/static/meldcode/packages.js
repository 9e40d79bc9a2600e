/* How far a package is, asked again and again, and copying a text; the pages work without it. */
"use strict";

const AGAIN = 1500; // milliseconds between two questions

for (const place of document.querySelectorAll("[data-progress]")) {
  const bar = place.querySelector("progress");
  const said = place.querySelector("[role=status]");
  place.querySelectorAll("[data-without-script]").forEach((one) => { one.hidden = true; });

  async function ask() {
    try {
      const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) { window.location.reload(); return; }
      const found = await answer.json();
      if (found.state !== "requested" && found.state !== "building") { window.location.reload(); return; }
      if (bar.value !== found.done) {
        bar.value = found.done;
        said.textContent = said.dataset.said.replace("{}", found.done);
      }
    } catch { /* the line is away for a moment: the next question may be answered */ }
    window.setTimeout(ask, AGAIN);
  }
  window.setTimeout(ask, AGAIN);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  const said = document.getElementById("copied");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value);
    said.textContent = said.dataset.said.replace("{}", button.dataset.name);
  });
}
