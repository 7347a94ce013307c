/** @file Drag images from the wall onto a folder. */

import { made } from "./dom.js";
import { counted } from "./format.js";

/**
 * @param {HTMLElement} wall
 * @param {(tile: Element) => string[]} idsOf ids of the images that are dragged with a tile; none if they cannot be moved
 * @param {(ids: string[], folder: string) => void} onDrop
 */
export function dragToFolders(wall, idsOf, onDrop) {
  /** @type {string[]} */
  let ids = [];
  wall.addEventListener("dragstart", (event) => {
    const tile = event.target instanceof Element ? event.target.closest(".tile") : null;
    if (!tile || !event.dataTransfer) return;
    ids = idsOf(tile);
    if (ids.length) showCount(event.dataTransfer, ids.length);
  });
  addEventListener("dragend", () => {
    ids = [];
  });
  for (const type of ["dragover", "dragleave", "drop"])
    addEventListener(type, (event) => {
      const link = ids.length ? folderAt(event) : null;
      if (!link) return;
      event.preventDefault();
      link.classList.toggle("over", type === "dragover");
      if (type === "drop") onDrop(ids, new URLSearchParams(link.hash.slice(1)).get("folder") ?? "");
    });
}

/**
 * @param {Event} event
 * @returns {HTMLAnchorElement | null} the link to another folder
 */
function folderAt({ target }) {
  if (!(target instanceof Element)) return null;
  return target.closest("#shelf :is(.folders, .crumbs) a:not([aria-current])");
}

/**
 * Drag the number of images along, instead of the picture of one.
 * @param {DataTransfer} transfer
 * @param {number} count
 */
function showCount(transfer, count) {
  const label = made("p", counted(count, "image"), "dragged");
  document.body.append(label);
  transfer.setDragImage(label, -12, -12);
  setTimeout(() => label.remove());
}
