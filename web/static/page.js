// What every page has: dialogs, single keys (which can be switched off), and small conveniences. No page needs this to show facts.

const KEYS_OFF = "keys-off";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) openDialog(opener.dataset.opens, opener);
  const filler = event.target.closest("[data-fills]");
  if (filler) Object.assign(document.getElementById(filler.dataset.fills), { value: filler.textContent }).focus();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  if (event.target.matches("dialog")) event.target.close(); // a click on the backdrop
});

/** Opens a dialog and tells it what it was opened for. */
function openDialog(id, opener) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("opened", { detail: opener }));
}

/** Whether a single key may mean something here: not while somebody types, not in a dialog, not where keys are off. */
export function keysAreOn(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(KEYS_OFF)) return false;
  return !event.target.closest("input, select, textarea") && !document.querySelector("dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if (!keysAreOn(event)) return;
  const named = [...document.querySelectorAll("[data-key]")];
  const pressed = named.find((element) => element.dataset.key.split(" ").includes(event.key) && !element.disabled && element.checkVisibility());
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});

const keysOn = document.getElementById("keys-on");
if (keysOn) {
  keysOn.checked = !localStorage.getItem(KEYS_OFF);
  keysOn.addEventListener("change", () => {
    if (keysOn.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "yes");
  });
}

for (const form of document.querySelectorAll("form[data-submits]")) {
  form.classList.add("submits");
  form.addEventListener("change", () => form.requestSubmit());
}

// Pressing a button twice is harmless, but the second press should not leave the page that the first one leads to.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What has just been done is said once, not again after a reload.
const address = new URL(location.href);
if (address.searchParams.has("said")) {
  address.searchParams.delete("said");
  history.replaceState(null, "", address);
}
