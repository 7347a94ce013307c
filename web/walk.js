/** @file Go from tile to tile with the arrow keys. */

/** Focus the next tile in the direction of an arrow key, if a tile has the focus. */
export function walkOnArrows() {
  // A browser scrolls to the focus, but leaves it beneath the header.
  addEventListener("focusin", ({ target }) => {
    const isShown = target instanceof Element && target.matches(".tile :focus-visible");
    if (isShown) target.closest(".tile")?.scrollIntoView({ block: "nearest" });
  });
  addEventListener("keydown", (event) => {
    const tile = document.activeElement?.closest(".tile");
    if (!tile || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const next = besides(tile, event.key);
    if (next === undefined) return;
    event.preventDefault();
    next?.querySelector("a")?.focus();
  });
}

/**
 * @param {Element} tile
 * @param {string} key
 * @returns {Element | null | undefined} null if there is no tile, undefined if the key is no arrow
 */
function besides(tile, key) {
  if (key === "ArrowRight") return tile.nextElementSibling;
  if (key === "ArrowLeft") return tile.previousElementSibling;
  if (key === "ArrowDown") return inRow(tile, (one, other) => one.top - other.bottom);
  if (key === "ArrowUp") return inRow(tile, (one, other) => other.top - one.bottom);
  return undefined;
}

/**
 * @param {Element} tile
 * @param {(one: DOMRect, other: DOMRect) => number} distance from the tile to another one in the direction of the key
 * @returns {Element | null} of the nearest row there, the tile whose middle is nearest
 */
function inRow(tile, distance) {
  const here = tile.getBoundingClientRect();
  const across = (/** @type {DOMRect} */ box) => Math.abs(box.x + box.width / 2 - here.x - here.width / 2);
  const others = [...(tile.parentElement?.children ?? [])].map((one) => ({ one, box: one.getBoundingClientRect() }));
  const ahead = others.filter(({ box }) => distance(box, here) > -1);
  const nearest = Math.min(...ahead.map(({ box }) => distance(box, here)));
  const row = ahead.filter(({ box }) => distance(box, here) < nearest + 1);
  return row.sort((a, b) => across(a.box) - across(b.box))[0]?.one ?? null;
}
