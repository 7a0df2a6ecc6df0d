"use strict";
// Brings the page up to date where it stands: focus, scrolling and what is being typed stay.

const seconds = Number(document.body.dataset.reload);
const lost = document.getElementById("lost");

function busy() {
  const focused = document.activeElement;
  return document.hidden || focused?.matches("input") || !document.getSelection().isCollapsed;
}

function replace(id, fresh) {
  const old = id === "main" ? document.querySelector("main") : document.getElementById(id);
  const next = id === "main" ? fresh.querySelector("main") : fresh.getElementById(id);
  if (!next || old.innerHTML === next.innerHTML) return;
  const focused = document.activeElement?.id;
  const scrolled = new Map([...old.querySelectorAll(".wide")].map((box) => [box.ariaLabel, box.scrollLeft]));
  old.replaceChildren(...next.childNodes);
  old.querySelectorAll(".wide").forEach((box) => { box.scrollLeft = scrolled.get(box.ariaLabel) ?? 0; });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function update() {
  if (busy()) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.redirected) { location.reload(); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (busy()) return;
    replace("now", fresh);
    replace("main", fresh);
    lost.textContent = "";
  } catch {
    lost.textContent = "The emulator does not answer: what is shown here is old.";
  }
}

setInterval(update, seconds * 1000);
