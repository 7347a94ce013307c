/** @file Select images by click, shift, keyboard and touch; delete or move the selected ones, copy their links, or process them again. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Entry, ImageRecord, Sharer} from "./types.js" */

import { made, the } from "./dom.js";
import { dragToFolders } from "./drag.js";
import { focusTile } from "./focus.js";
import { counted } from "./format.js";
import { once } from "./lazy.js";
import { say } from "./notice.js";
import { addressOf, whole } from "./record.js";

/** How long a finger rests on an image to select it, and how far it may move, in CSS px. */
const PRESS_MS = 450;
const STILL_PX = 10;
/** How long the bar says what was done. */
const TOLD_MS = 4000;

export class Selection {
  #wall = the("#wall", HTMLElement);
  #bar = made("div", "", "bar");
  #count = made("p", "");
  /** @type {Set<string>} */
  #ids = new Set();
  /** Id of the image that was selected last, from which Shift selects. */
  #last = "";
  #pressed = false;
  /** @type {Set<string> | null} ids of the images that can be selected, null after a change */
  #shown = null;
  #mover = once(async () => new (await import("./move.js")).Mover(this.api, this.album));
  /** Time until which the bar says what was done, and not what is selected. */
  #until = 0;

  /**
   * @param {Album} album
   * @param {Api} api
   * @param {((id: string) => void) | null} onDelete
   * @param {Sharer | null} share
   */
  constructor(album, api, onDelete, share) {
    this.album = album;
    this.api = api;
    this.onDelete = onDelete;
    this.share = share;
    this.#build();
    album.addEventListener("change", () => {
      this.#shown = null;
      this.#draw();
    });
    new MutationObserver(() => this.#draw()).observe(this.#wall, { childList: true });
    this.#wall.addEventListener("click", (event) => this.#click(event), { capture: true });
    addEventListener("keydown", (event) => this.#press(event));
    this.#followTouches();
    dragToFolders(this.#wall, (tile) => this.#dragged(idOf(tile)), (ids, folder) => void this.#put(ids, folder));
    this.#draw();
  }

  #build() {
    this.#bar.id = "selection";
    this.#bar.role = "toolbar";
    this.#bar.ariaLabel = "Selected images";
    this.#count.role = "status";
    const { isUser, isShared } = this.api.access;
    const acts = /** @type {[string, () => void][]} */ ([
      ["Copy links", () => void this.#copy()],
      ...(this.share ? [["Share", () => this.#share()]] : []),
      // The keys of users name their owner, not folders.
      ...(isUser ? [] : [["Move to …", () => void this.#move()]]),
      ...(isShared ? [] : [["Process again", () => void this.#repeat()]]),
      ...(this.onDelete ? [["Delete", () => this.#delete()]] : []),
      ["Clear", () => this.#clear()],
    ]);
    const buttons = acts.map(([text, act]) => {
      const button = made("button", text, "quiet");
      button.addEventListener("click", act);
      return button;
    });
    this.#bar.append(this.#count, ...buttons);
    this.#bar.hidden = true;
    the("main", HTMLElement).append(this.#bar);
  }

  /** Show on the tiles and in the bar what is selected. */
  #draw() {
    const shown = (this.#shown ??= new Set(this.#choices().map(({ id }) => id)));
    for (const id of this.#ids) if (!shown.has(id)) this.#ids.delete(id);
    const some = this.#ids.size > 0;
    this.#wall.classList.toggle("selecting", some);
    const hadFocus = !some && this.#bar.contains(document.activeElement);
    this.#bar.hidden = !some;
    if (hadFocus) focusTile(this.#last);
    const text = `${counted(this.#ids.size, "image")} selected`;
    if (some && Date.now() >= this.#until && this.#count.textContent !== text) this.#count.textContent = text;
    for (const tile of this.#wall.children) {
      const id = idOf(tile);
      const button = tile.querySelector(".pick") ?? tile.appendChild(made("button", "✓", "icon pick"));
      const picked = this.#ids.has(id);
      tile.classList.toggle("picked", picked);
      button.ariaPressed = String(picked);
      button.ariaLabel = `Select ${this.album.get(id)?.name ?? id}`;
      /** @type {HTMLElement} */ (button).hidden = !shown.has(id);
    }
  }

  /** @returns {Entry[]} the images that can be selected, newest first */
  #choices() {
    return this.album.shown.filter(({ record }) => record && record.status !== "pending");
  }

  /**
   * @param {string} id
   * @param {boolean} isRange whether all images from the last selected one are selected too
   */
  #toggle(id, isRange) {
    const ids = this.#choices().map((one) => one.id);
    const [from, to] = [ids.indexOf(this.#last), ids.indexOf(id)];
    if (to < 0) return;
    if (isRange && from >= 0) for (const one of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#ids.add(one);
    else if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#last = id;
    this.#until = 0;
    this.#draw();
  }

  #clear() {
    this.#ids.clear();
    this.#draw();
  }

  #share() {
    const images = [...this.#ids];
    const name = images.length > 1 ? counted(images.length, "image") : (this.album.get(images[0] ?? "")?.name ?? "");
    this.share?.(name, images.map((image) => ({ image })));
  }

  #delete() {
    const { onDelete } = this;
    if (!onDelete) return;
    const ids = [...this.#ids];
    this.#clear();
    for (const id of ids) onDelete(id);
  }

  /** @returns {ImageRecord[]} */
  #records() {
    return this.#choices().flatMap(({ id, record }) => (record && this.#ids.has(id) ? [record] : []));
  }

  async #repeat() {
    const records = this.#records();
    const { repeatAll } = await import("./again.js");
    this.#tell(await repeatAll(this.api, records));
  }

  async #move() {
    if (!this.api.access.isUser) (await this.#mover()).ask([...this.#ids]);
  }

  /**
   * @param {string} id of the image that is dragged
   * @returns {string[]} ids of the images that move with it
   */
  #dragged(id) {
    if (this.api.access.isUser || !this.#shown?.has(id)) return [];
    return this.#ids.has(id) ? [...this.#ids] : [id];
  }

  /**
   * @param {string[]} ids
   * @param {string} folder
   */
  async #put(ids, folder) {
    await (await this.#mover()).put(ids, folder);
  }

  async #copy() {
    const links = this.#records().flatMap((record) => {
      const best = whole(record).at(-1);
      return best ? [new URL(addressOf(record, best), location.href).href] : [];
    });
    const copied = navigator.clipboard.writeText(links.join("\n"));
    const text = await copied.then(() => `${counted(links.length, "link")} copied`, () => "Copying is not allowed");
    this.#tell(text);
  }

  /** @param {string} text */
  #tell(text) {
    this.#until = Date.now() + TOLD_MS;
    setTimeout(() => this.#draw(), TOLD_MS);
    this.#count.textContent = text;
    say(text);
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    const tile = target.closest(".tile");
    if (!tile || target.closest(".bin")) return;
    const wants = target.closest(".pick") || event.shiftKey || event.ctrlKey || event.metaKey || this.#ids.size;
    if (!wants && !this.#pressed) return;
    event.preventDefault();
    event.stopPropagation();
    if (!this.#pressed) this.#toggle(idOf(tile), event.shiftKey);
    this.#pressed = false;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (document.querySelector("dialog[open]") || event.altKey || isTyped(event)) return;
    const tile = document.activeElement?.closest(".tile");
    const all = event.key === "a" && (event.ctrlKey || event.metaKey) && (tile || this.#ids.size);
    if (all) for (const { id } of this.#choices()) this.#ids.add(id);
    else if (tile && event.key.toLowerCase() === "x") return this.#toggle(idOf(tile), event.shiftKey);
    else if (event.key === "Escape" && this.#ids.size) this.#ids.clear();
    else if (event.key === "Delete" && this.#ids.size) return this.#delete();
    else if (event.key === "m" && this.#ids.size && !event.ctrlKey && !event.metaKey) void this.#move();
    else return;
    event.preventDefault();
    this.#until = 0;
    this.#draw();
  }

  /** A finger that rests on an image selects it; from then on a tap selects. */
  #followTouches() {
    let timer = 0;
    let [x, y] = [0, 0];
    const end = () => clearTimeout(timer);
    this.#wall.addEventListener("pointerdown", (event) => {
      this.#pressed = false;
      const tile = /** @type {Element} */ (event.target).closest(".tile");
      if (event.pointerType !== "touch" || !tile) return;
      [x, y] = [event.clientX, event.clientY];
      timer = setTimeout(() => {
        this.#pressed = true;
        this.#toggle(idOf(tile), false);
      }, PRESS_MS);
    });
    this.#wall.addEventListener("pointermove", (event) => {
      if (Math.hypot(event.clientX - x, event.clientY - y) > STILL_PX) end();
    });
    for (const type of ["pointerup", "pointercancel"]) this.#wall.addEventListener(type, end);
    this.#wall.addEventListener("contextmenu", (event) => {
      if (this.#pressed) event.preventDefault();
    });
  }
}

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key is for a field of a form
 */
export function isTyped({ target }) {
  return target instanceof Element && target.matches("select, textarea, input:not([type=range])");
}

/**
 * @param {Element} tile
 * @returns {string} the id that its link names
 */
function idOf(tile) {
  return tile.querySelector("a")?.hash.replace("#picture=", "") ?? "";
}
