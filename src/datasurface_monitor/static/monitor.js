// Brings the parts of a page that are marked data-live up to date, every few seconds, until somebody pauses it.
"use strict";

const SECONDS = 5;
const KEPT = "datasurface-monitor-paused";
const button = document.querySelector("[data-pause]");
const state = document.querySelector("[data-pause-state]");
let paused = sessionStorage.getItem(KEPT) === "yes";

function show(text) {
  if (state.textContent !== text) state.textContent = text;
}

function isInUse(part) {
  const chosen = document.getSelection();
  return part.contains(document.activeElement) || (chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode));
}

function bringIn(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const parts = [...document.querySelectorAll("[data-live]")];
  if (parts.some((part) => !page.getElementById(part.id))) {
    location.reload(); // another page now: something went wrong, or is well again
    return;
  }
  for (const part of parts) {
    const next = page.getElementById(part.id);
    if (isInUse(part)) continue;
    // What somebody has opened stays open.
    const open = [...part.querySelectorAll("details")].map((each) => each.open);
    next.querySelectorAll("details").forEach((each, index) => { each.open = open[index] ?? each.open; });
    part.replaceWith(document.adoptNode(next));
  }
}

async function refresh() {
  if (paused || document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!(answer.headers.get("content-type") || "").startsWith("text/html")) throw new Error(String(answer.status));
    bringIn(await answer.text());
    show("");
  } catch {
    show("Not reached; trying again.");
  }
}

if (button && document.querySelector("[data-live]")) {
  const name = () => { button.textContent = paused ? "Go on updating" : "Pause updates"; };
  button.hidden = false;
  name();
  button.addEventListener("click", () => {
    paused = !paused;
    sessionStorage.setItem(KEPT, paused ? "yes" : "no");
    name();
    refresh();
  });
  const again = () => setTimeout(() => refresh().finally(again), SECONDS * 1000);
  again();
}
