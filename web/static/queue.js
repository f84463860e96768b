// The queue's live line: asks how far the box is, and offers what is new instead of moving things under the pointer.
// And two keys to walk along the cards.

import { keysAreOn } from "./page.js";

const BUSY_MS = 2000;
const IDLE_MS = 6000;

const part = (id) => document.getElementById(id);
let seen = null;
let syncing = part("sync-button").disabled;

async function look() {
  let busy = false;
  if (!document.hidden) {
    try {
      const answer = await fetch("/progress", { redirect: "error" });
      if (answer.ok) busy = show(await answer.json());
    } catch {
      // The box is being restarted, or this session has ended: the next look will tell.
    }
  }
  setTimeout(look, busy ? BUSY_MS : IDLE_MS);
}

function show(now) {
  part("progress").hidden = !now.busy && !now.intakes.length && part("fresh").hidden;
  part("intakes").hidden = !now.intakes.length;
  part("intakes").replaceChildren(...now.intakes.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
  part("bar").hidden = !now.busy;
  if (now.percent === null) part("percent").removeAttribute("value");
  else part("percent").value = now.percent;
  part("progress-line").textContent = now.line;
  if (part("announce").textContent !== now.announce) part("announce").textContent = now.announce;
  if (seen !== null && seen !== now.stamp) {
    part("fresh").hidden = false;
    part("progress").hidden = false;
  }
  seen ??= now.stamp;
  if (syncing && !now.sync) location.reload();
  syncing = Boolean(now.sync);
  if (now.sync) part("sync-line").textContent = now.sync;
  return now.busy || syncing;
}

part("fresh").addEventListener("click", () => location.reload());
look();

document.addEventListener("keydown", (event) => {
  if (!keysAreOn(event) || !["j", "k"].includes(event.key)) return;
  const cards = [...document.querySelectorAll(".card-link")];
  const at = cards.indexOf(document.activeElement);
  cards[event.key === "j" ? Math.min(at + 1, cards.length - 1) : Math.max(at - 1, 0)]?.focus();
});
