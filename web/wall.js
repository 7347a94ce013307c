/** @file The wall: positions a tile for every entry of the album. */

/** @import {Album} from "./album.js" */

import { the } from "./dom.js";
import { ratioOf } from "./record.js";
import { arrange } from "./rows.js";
import { Tile } from "./tile.js";

const NARROW = 640;

export class Wall {
  #list = the("#wall", HTMLElement);
  /** @type {Map<string, Tile>} */
  #tiles = new Map();

  /**
   * @param {Album} album
   * @param {(id: string) => void} onDelete
   */
  constructor(album, onDelete) {
    this.album = album;
    this.onDelete = onDelete;
    album.addEventListener("change", () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.#list);
  }

  #draw() {
    const entries = this.album.shown;
    const width = this.#list.clientWidth;
    const room = { width, height: width < NARROW ? 150 : 230, gap: width < NARROW ? 6 : 10 };
    const { boxes, height } = arrange(entries.map(ratioOf), room);
    const former = this.#tiles;
    this.#tiles = new Map();
    /** @type {Element | null} */
    let next = this.#list.firstElementChild;
    entries.forEach((entry, at) => {
      const box = boxes[at];
      if (!box) return;
      const tile = former.get(entry.id) ?? renamed(former, entry.id) ?? new Tile(entry, this.onDelete);
      this.#tiles.set(entry.id, tile);
      tile.show(entry, box);
      if (tile.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(tile.element, next);
    });
    const kept = new Set(this.#tiles.values());
    for (const tile of former.values()) if (!kept.has(tile)) tile.element.remove();
    this.#list.style.height = `${height}px`;
  }
}

/**
 * Find the tile of an entry whose id has changed.
 * @param {Map<string, Tile>} tiles
 * @param {string} id
 */
function renamed(tiles, id) {
  return [...tiles.values()].find((tile) => tile.entry.id === id);
}
