/**
 * Makes elements, and watches them. Text becomes text nodes, so what comes from files is never
 * markup.
 *
 * @typedef {Node | string | number | false | null | undefined} Child
 * @typedef {Child | Child[]} Children
 * @typedef {Record<string, unknown>} Props  on… are listeners; class, style and dataset are set as
 *   such; true and false are attributes without a value; null and undefined are left out
 */

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
function setProp(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
  } else if (name === "style") {
    // A style attribute would need 'unsafe-inline'; its properties do not.
    for (const [key, text] of Object.entries(/** @type {object} */ (value))) {
      /** @type {HTMLElement} */ (element).style.setProperty(key, text);
    }
  } else if (name === "dataset") {
    Object.assign(/** @type {HTMLElement} */ (element).dataset, value);
  } else if (name === "value" || name === "checked" || name === "indeterminate") {
    /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (element))[name] = value;
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * @param {ParentNode} parent
 * @param {Children[]} children
 */
function append(parent, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Props | null} [props]
 * @param {...Children} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  append(element, children); // first: the value of a select is one of its options
  for (const [name, value] of Object.entries(props ?? {})) setProp(element, name, value);
  return element;
}

/**
 * The same for SVG.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Props | null} [props]
 * @param {...Children} children
 * @returns {SVGElementTagNameMap[T]}
 */
export function s(tag, props, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(element, name, value);
  append(element, children);
  return element;
}

/**
 * Replaces what is in an element.
 * @template {Element} E
 * @param {E} element
 * @param {...Children} children
 * @returns {E}
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/**
 * Joins names of classes; what is false is left out.
 * @param {...(string | false | null | undefined)} names
 */
export function cls(...names) {
  return names.filter(Boolean).join(" ");
}

/**
 * Of a strip that scrolls sideways: shows all of the link that gets the focus. Browsers are content
 * with an edge of it.
 * @param {Event} event  focusin
 */
export function showFocused({ target }) {
  /** @type {Element} */ (target).scrollIntoView({ block: "nearest", inline: "nearest" });
}

/**
 * Tells whether an element is near the window, whenever that changes.
 * @param {Element} element
 * @param {(isNear: boolean) => void} onchange
 */
export function watchNear(element, onchange) {
  const observer = new IntersectionObserver(
    (entries) => onchange(entries.some((entry) => entry.isIntersecting)),
    { rootMargin: "200px" },
  );
  observer.observe(element);
}
