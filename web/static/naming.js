// The dialogs that ask who somebody is. Their lists come from the box as finished pieces of page.

const WAIT_MS = 120;

/** Makes the naming and the group dialog work. */
export function startNaming() {
  const dialog = document.getElementById("name");
  const letters = document.getElementById("name-letters");
  const list = document.getElementById("name-list");
  let timer = 0;

  dialog.addEventListener("opened", (event) => {
    const { names, number, thumb } = event.detail.dataset;
    document.getElementById("name-face").value = names;
    document.getElementById("name-title").textContent = `Who is face ${number}?`;
    showFace(document.getElementById("name-thumb"), thumb);
    letters.value = "";
    letters.focus();
    ask();
  });
  letters.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  letters.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") focusFirst(list, event);
    if (event.key !== "Enter") return;
    event.preventDefault(); // the first button of the form would say "nobody"
    focusFirst(list, event);
  });
  list.addEventListener("keydown", (event) => sendOnEnter(event, "name-save"));
  list.addEventListener("change", () => (document.getElementById("name-save").disabled = false));

  async function ask() {
    document.getElementById("name-save").disabled = true;
    await fill(list, dialog.dataset.people + encodeURIComponent(letters.value));
  }

  const groups = document.getElementById("attest");
  const groupList = document.getElementById("attest-list");
  groups.addEventListener("opened", () => fill(groupList, groups.dataset.groups));
  groupList.addEventListener("change", () => (document.getElementById("attest-save").disabled = false));
  groupList.addEventListener("keydown", (event) => sendOnEnter(event, "attest-save"));
}

/** The uncovered face is fetched only when somebody asks to name it. */
function showFace(svg, thumb) {
  svg.setAttribute("viewBox", thumb);
  const image = svg.querySelector("image");
  if (!image.hasAttribute("href")) image.setAttribute("href", image.dataset.href);
}

function focusFirst(list, event) {
  const first = list.querySelector("input");
  if (!first) return;
  event.preventDefault();
  first.focus();
  if (!first.checked) first.click();
}

function sendOnEnter(event, button) {
  if (event.key !== "Enter") return;
  event.preventDefault();
  document.getElementById(button).click();
}

async function fill(list, address) {
  const answer = await fetch(address, { redirect: "error" });
  if (!answer.ok) return;
  const piece = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceChildren(...piece.body.childNodes);
}
