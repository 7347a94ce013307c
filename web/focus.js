/** @file Give the focus to a tile of the wall, or to an open dialog, when the element that had it is gone. */

/**
 * @param {string} id
 * @returns {HTMLAnchorElement | null} the link of its tile, if the tile is near the screen
 */
export function linkOf(id) {
  return document.querySelector(`#wall a[href="#picture=${CSS.escape(id)}"]`);
}

/**
 * Focus a tile; while an image is open in full size, the button that closes it.
 * @param {string[]} ids of images; if none has a tile, the first tile on the screen gets the focus
 */
export function focusTile(...ids) {
  const closing = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#lightbox[open] :is(.close, .leave)"));
  if (closing.length) return [...closing].find((button) => button.checkVisibility())?.focus();
  const wanted = ids.map(linkOf).find((link) => link !== null);
  const links = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#wall .tile a"))];
  (wanted ?? links.find((link) => link.getBoundingClientRect().bottom > 0))?.focus({ preventScroll: true });
}
