/**
 * Moves a view by mouse, touch and wheel: drag pans, wheel and two fingers zoom, a click without a
 * drag picks.
 *
 * @typedef {object} Gestures
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, x: number, y: number) => void} zoom
 * @property {(x: number, y: number) => void} pick
 * @property {(x: number, y: number) => void} hover
 * @property {() => void} leave
 */

/** A press that moves less than this is a click, in pixels. */
const CLICK = 4;

/**
 * @param {HTMLElement} element
 * @param {Gestures} does
 */
export function useGestures(element, does) {
  const pointers = new Map(/** @type {[number, {x: number, y: number}][]} */ ([]));
  let moved = 0;

  const placeOf = (/** @type {MouseEvent} */ event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, size: Math.hypot(a.x - b.x, a.y - b.y) };
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (pointers.size === 0) moved = 0;
    pointers.set(event.pointerId, placeOf(event));
    element.setPointerCapture(event.pointerId);
  });

  element.addEventListener("pointermove", (event) => {
    const now = placeOf(event);
    const last = pointers.get(event.pointerId);
    if (!last) {
      does.hover(now.x, now.y);
      return;
    }
    const before = pointers.size === 2 ? spread() : null;
    pointers.set(event.pointerId, now);
    moved += Math.abs(now.x - last.x) + Math.abs(now.y - last.y);
    if (before) {
      const after = spread();
      does.pan(after.x - before.x, after.y - before.y);
      if (before.size > 0) does.zoom(after.size / before.size, after.x, after.y);
    } else if (moved > CLICK) {
      does.pan(now.x - last.x, now.y - last.y);
    }
  });

  element.addEventListener("pointerup", (event) => {
    if (!pointers.delete(event.pointerId)) return;
    const { x, y } = placeOf(event);
    if (pointers.size === 0 && moved <= CLICK) does.pick(x, y);
  });
  element.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
  element.addEventListener("pointerleave", () => does.leave());

  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const { x, y } = placeOf(event);
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const speed = event.ctrlKey ? 0.01 : 0.002; // a touchpad's pinch has small steps
      const change = Math.max(-200, Math.min(200, event.deltaY * lines));
      does.zoom(Math.exp(-change * speed), x, y);
    },
    { passive: false },
  );
}
