/** @file The wall: a position for every entry of the album, and tiles for those near the viewport. */

/** @import {Album} from "./album.js" */
/** @import {Box, Entry} from "./types.js" */

import { the } from "./dom.js";
import { ratioOf } from "./record.js";
import { arrange } from "./rows.js";
import { Tile } from "./tile.js";

const NARROW = 640;
/** Tiles exist as far outside of the viewport, in CSS px. */
const AROUND = 900;

export class Wall {
  #list = the("#wall", HTMLElement);
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  /** @type {number[]} */
  #ratios = [];
  #width = 0;
  /** @type {Box[]} */
  #boxes = [];
  #due = false;

  /**
   * @param {Album} album
   * @param {((id: string) => void) | null} onDelete null if nothing can be deleted
   */
  constructor(album, onDelete) {
    this.album = album;
    this.onDelete = onDelete;
    album.addEventListener("change", () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.#list);
    addEventListener("scroll", () => this.#soon(), { passive: true });
    addEventListener("resize", () => this.#soon());
    this.#list.addEventListener("focusout", () => this.#soon());
  }

  /** @returns {Entry[]} the entries in the viewport, newest first */
  get visible() {
    return this.#between(0).map((at) => this.album.shown[at]).filter((entry) => entry !== undefined);
  }

  #soon() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#fill(false);
    });
  }

  #draw() {
    const width = this.#list.clientWidth;
    const ratios = this.album.shown.map(ratioOf);
    if (width !== this.#width || ratios.length !== this.#ratios.length || ratios.some((one, at) => one !== this.#ratios[at])) {
      const room = { width, height: width < NARROW ? 150 : 230, gap: width < NARROW ? 6 : 10 };
      const { boxes, height } = arrange(ratios, room);
      [this.#width, this.#ratios, this.#boxes] = [width, ratios, boxes];
      this.#list.style.height = `${height}px`;
    }
    this.#fill(true);
  }

  /**
   * Make the tiles near the viewport, and remove the others; a tile with the focus stays.
   * @param {boolean} isChanged whether the tiles that exist may have changed, not only the viewport
   */
  #fill(isChanged) {
    const entries = this.album.shown;
    const former = this.#tiles;
    this.#tiles = new Map();
    const focused = [...former.values()].find(({ element }) => element.contains(document.activeElement));
    /** @type {Element | null} */
    let next = this.#list.firstElementChild;
    for (const at of this.#between(AROUND, focused?.entry.id)) {
      const [entry, box] = [entries[at], this.#boxes[at]];
      if (!entry || !box) continue;
      const known = former.get(entry.id) ?? renamed(former, entry.id);
      const tile = known ?? new Tile(entry, this.onDelete);
      this.#tiles.set(entry.id, tile);
      if (isChanged || !known) tile.show(entry, box, at + 1, entries.length);
      if (tile.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(tile.element, next);
    }
    const kept = new Set(this.#tiles.values());
    for (const tile of former.values()) if (!kept.has(tile)) tile.element.remove();
  }

  /**
   * @param {number} around CSS px above and below the viewport
   * @param {string} [also] id of an entry that is included wherever it is
   * @returns {number[]} the indexes of the entries there, in order
   */
  #between(around, also) {
    const top = -this.#list.getBoundingClientRect().top;
    const [from, to] = [top - around, top + innerHeight + around];
    const found = [];
    for (const [at, { y, height }] of this.#boxes.entries())
      if ((y < to && y + height > from) || (also && this.album.shown[at]?.id === also)) found.push(at);
    return found;
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
