/** @file The wall: a position for every entry of the album, and tiles for those near the viewport. */

/** @import {Album} from "./album.js" */
/** @import {Pace} from "./pace.js" */
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
  /** @type {Pace | null} */
  #pace = null;

  /**
   * @param {Album} album
   * @param {((id: string) => void) | null} onDelete null if nothing can be deleted
   */
  constructor(album, onDelete) {
    this.album = album;
    this.onDelete = onDelete;
    album.addEventListener("change", () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.#list);
    addEventListener("scroll", () => void this.#scrolled(), { passive: true });
    addEventListener("resize", () => this.#soon());
    this.#list.addEventListener("focusout", () => this.#soon());
  }

  /** @returns {Entry[]} the entries in the viewport, newest first */
  get visible() {
    return this.#between(0).map((at) => this.album.shown[at]).filter((entry) => entry !== undefined);
  }

  async #scrolled() {
    this.#soon();
    const { Pace } = await import("./pace.js");
    this.#pace ??= new Pace(this.#list, () => this.#fill(true));
    this.#pace.note();
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
    const [known, isSame] = [this.#ratios, width === this.#width];
    const other = ratios.findIndex((one, at) => one !== known[at]);
    if (!isSame || ratios.length !== known.length || other >= 0) {
      const room = { width, height: width < NARROW ? 150 : 230, gap: width < NARROW ? 6 : 10 };
      const same = isSame ? (other < 0 ? ratios.length : other) : 0;
      const { boxes, height } = arrange(ratios, room, this.#boxes.slice(0, same));
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
    const shown = this.#between(AROUND, focused?.entry.id);
    const ids = new Set(shown.map((at) => entries[at]?.id));
    // First: a tile that moves loses the focus.
    for (const [id, tile] of former) if (!ids.has(id)) tile.leave();
    /** @type {Element | null} */
    let next = this.#list.firstElementChild;
    for (const at of shown) {
      const [entry, box] = [entries[at], this.#boxes[at]];
      if (!entry || !box) continue;
      const known = former.get(entry.id) ?? (entry.job ? renamed(former, entry.id) : undefined);
      const tile = known ?? new Tile(entry, this.onDelete);
      this.#tiles.set(entry.id, tile);
      if (isChanged || !known) tile.show(entry, box, at + 1, entries.length, !!this.#pace?.isFast);
      if (tile.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(tile.element, next);
    }
  }

  /**
   * @param {number} around CSS px above and below the viewport
   * @param {string} [also] id of an entry that is included wherever it is
   * @returns {number[]} the indexes of the entries there, in order
   */
  #between(around, also) {
    const top = -this.#list.getBoundingClientRect().top;
    const boxes = this.#boxes;
    const lead = (around && this.#pace?.lead) || 0;
    const from = firstOf(boxes, ({ y, height }) => y + height > top - around + Math.min(0, lead));
    const end = firstOf(boxes, ({ y }) => y >= top + innerHeight + around + Math.max(0, lead));
    const found = Array.from({ length: Math.max(0, end - from) }, (_, at) => from + at);
    const kept = also ? this.album.shown.findIndex(({ id }) => id === also) : -1;
    if (kept >= end) found.push(kept);
    else if (kept >= 0 && kept < from) found.unshift(kept);
    return found;
  }
}

/**
 * @param {Box[]} boxes
 * @param {(box: Box) => boolean} isBehind true from some box on, whose index is the result
 */
function firstOf(boxes, isBehind) {
  let [low, high] = [0, boxes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBehind(/** @type {Box} */ (boxes[middle]))) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Find the tile of an entry whose id has changed.
 * @param {Map<string, Tile>} tiles
 * @param {string} id
 */
function renamed(tiles, id) {
  return [...tiles.values()].find((tile) => tile.entry.id === id);
}
