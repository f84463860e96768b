// A cover in one drag. What is sent are pixels of the upright original, whatever the size on the screen.

const SMALLEST_DRAG_PX = 6;

/** Lets a mouse or pen draw a rectangle on `overlay` and sends it with `form`; fingers only while `button` is on. */
export function startDrawing(overlay, rectangle, form, button) {
  let from = null;

  button.addEventListener("click", () => {
    const on = overlay.classList.toggle("covering");
    button.setAttribute("aria-pressed", String(on));
  });

  overlay.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || (event.pointerType === "touch" && !overlay.classList.contains("covering"))) return;
    from = { client: [event.clientX, event.clientY], point: pointOf(overlay, event) };
  });

  overlay.addEventListener("pointermove", (event) => {
    if (!from) return;
    const moved = Math.hypot(event.clientX - from.client[0], event.clientY - from.client[1]);
    if (moved < SMALLEST_DRAG_PX && !overlay.classList.contains("drawing")) return;
    if (!overlay.classList.contains("drawing")) overlay.setPointerCapture(event.pointerId);
    overlay.classList.add("drawing");
    rectangle.removeAttribute("hidden");
    const box = boxOf(from.point, pointOf(overlay, event), overlay.viewBox.baseVal);
    for (const [name, value] of Object.entries({ x: box.x, y: box.y, width: box.w, height: box.h })) {
      rectangle.setAttribute(name, value);
    }
  });

  overlay.addEventListener("pointerup", (event) => {
    if (!from || !overlay.classList.contains("drawing")) return giveUp();
    const box = boxOf(from.point, pointOf(overlay, event), overlay.viewBox.baseVal);
    from = null;
    for (const name of ["x", "y", "w", "h"]) form.elements[name].value = box[name];
    if (box.w >= 1 && box.h >= 1) form.requestSubmit();
    else giveUp();
  });

  // A drag that ends on a face must not also select it.
  overlay.addEventListener("click", (event) => {
    if (!overlay.classList.contains("drawing")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  overlay.addEventListener("dragstart", (event) => event.preventDefault());
  overlay.addEventListener("pointercancel", giveUp);
  document.addEventListener("keydown", (event) => event.key === "Escape" && giveUp());

  function giveUp() {
    from = null;
    overlay.classList.remove("drawing");
    rectangle.setAttribute("hidden", "");
  }
}

function pointOf(overlay, event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(overlay.getScreenCTM().inverse());
}

/** The rectangle between two points, inside the picture, in whole pixels. */
function boxOf(a, b, picture) {
  const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
  const [left, right] = [within(Math.min(a.x, b.x), picture.width), within(Math.max(a.x, b.x), picture.width)];
  const [top, bottom] = [within(Math.min(a.y, b.y), picture.height), within(Math.max(a.y, b.y), picture.height)];
  return { x: left, y: top, w: right - left, h: bottom - top };
}
