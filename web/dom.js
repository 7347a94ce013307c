/** @file Find and create elements; text is never parsed as HTML, so file names are safe. */

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @param {ParentNode} root
 * @returns {T} the element; throws if the page has none of that kind
 */
export function the(selector, kind, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} ${selector}`);
  return found;
}

/**
 * @param {string} id of a template
 * @returns {HTMLElement} a copy of its only element
 */
export function copyOf(id) {
  const inside = the(`#${id}`, HTMLTemplateElement).content.firstElementChild;
  const copy = document.importNode(/** @type {HTMLElement} */ (inside), true);
  return copy;
}

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [name] class name
 * @returns {HTMLElement}
 */
export function made(tag, text, name) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}
