// The photo page: keeps up with the box, and lets a person look, point, name and cover. Every change is a form that is sent.

import { startDrawing } from "./draw.js";
import { startNaming } from "./naming.js";

const RENDERING_MS = 700;
const IDLE_MS = 5000;
const BOXES_OFF = "boxes-off";

const photo = document.getElementById("photo");
const overlay = document.getElementById("overlay");

/** Reloads as soon as anything about the photo is other than what is shown; never under an open dialog. */
async function keepUp() {
  const rendering = photo.dataset.rendering === "true";
  if (!document.hidden && !document.prerendering) {
    try {
      const answer = await fetch(photo.dataset.state, { redirect: "error" });
      const now = answer.ok ? await answer.json() : null;
      const changed = now && now.version !== photo.dataset.version && (photo.dataset.version || now.state !== "admitted");
      if (changed && !document.querySelector("dialog[open], .drawing")) return location.reload();
    } catch {
      // The box is being restarted, or this session has ended: the next look will tell.
    }
  }
  setTimeout(keepUp, rendering ? RENDERING_MS : IDLE_MS);
}

function toggleBoxes(button) {
  const show = () => {
    const off = Boolean(sessionStorage.getItem(BOXES_OFF));
    overlay.classList.toggle("off", off);
    button.setAttribute("aria-pressed", String(!off));
  };
  button.addEventListener("click", () => {
    if (sessionStorage.getItem(BOXES_OFF)) sessionStorage.removeItem(BOXES_OFF);
    else sessionStorage.setItem(BOXES_OFF, "yes");
    show();
  });
  show();
}

function toggleProof(button) {
  const proof = document.getElementById("proof");
  button.addEventListener("click", () => {
    proof.src ||= proof.dataset.src;
    proof.hidden = !proof.hidden;
    document.getElementById("staff-only").hidden = proof.hidden;
    document.getElementById("stage").classList.toggle("uncovered", !proof.hidden);
    button.setAttribute("aria-pressed", String(!proof.hidden));
    for (const image of document.querySelectorAll(".faces image")) {
      image.dataset.covered ??= image.getAttribute("href");
      image.setAttribute("href", proof.hidden ? image.dataset.covered : proof.dataset.src);
    }
  });
}

/** Numbers keep their size on the screen, whatever the size of the picture. */
function scaleBadges() {
  const scale = 1 / overlay.getScreenCTM().a;
  for (const badge of overlay.querySelectorAll(".badge")) {
    badge.setAttribute("transform", `translate(${badge.dataset.x} ${badge.dataset.y}) scale(${scale})`);
  }
}

/** Marks one face, on the picture and in the list. */
function select(face, { scroll = false } = {}) {
  for (const element of document.querySelectorAll("[data-face]")) {
    element.classList.toggle("selected", element.dataset.face === face);
  }
  const row = document.getElementById(`face-${face}`);
  if (!scroll || !row) return;
  row.closest("details")?.setAttribute("open", "");
  row.scrollIntoView({ block: "nearest" });
}

function startSelecting() {
  overlay.addEventListener("click", (event) => {
    const mark = event.target.closest(".mark-face");
    if (!mark) return;
    event.preventDefault();
    select(mark.dataset.face, { scroll: true });
  });
  const list = document.querySelector(".people");
  for (const kind of ["focusin", "pointerover"]) {
    list.addEventListener(kind, (event) => {
      const row = event.target.closest(".face");
      if (row && (kind === "focusin" || !document.querySelector(".face:focus-within"))) select(row.dataset.face);
    });
  }
  const needing = overlay.querySelector(".needs-person") ?? overlay.querySelector(".mark-face");
  if (needing) document.querySelector(`[data-names="${needing.dataset.face}"]`)?.setAttribute("data-key", "n");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "n") return;
    const chosen = document.querySelector(".face.selected [data-names]");
    if (!chosen) return;
    document.querySelector('[data-key="n"]')?.removeAttribute("data-key");
    chosen.setAttribute("data-key", "n");
  }, { capture: true });
}

if (photo) keepUp();
if (overlay) {
  toggleBoxes(document.getElementById("boxes-button"));
  if (document.getElementById("proof-button")) toggleProof(document.getElementById("proof-button"));
  new ResizeObserver(scaleBadges).observe(overlay);
  startSelecting();
  startDrawing(overlay, document.getElementById("drawn"), document.getElementById("draw-form"), document.getElementById("cover-button"));
  startNaming();
}
