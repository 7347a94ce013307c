/** @file One image in full size with its facts; keys and swipes go to the next one. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Focal} from "./focal.js" */
/** @import {ImageRecord, Sharer} from "./types.js" */
/** @import {Zoom} from "./zoom.js" */

import { Comparison, LEAST_PX } from "./compare.js";
import { copyOnClick } from "./copy.js";
import { made, the } from "./dom.js";
import { stampOf } from "./facts.js";
import { linkOf } from "./focus.js";
import { paintGlow } from "./glow.js";
import { styled } from "./lazy.js";
import { Panel } from "./panel.js";
import { addressOf, whole } from "./record.js";
import { onSwipe } from "./swipe.js";
import { isClear } from "./thumbhash.js";
import { reason } from "./words.js";

export class Lightbox {
  #dialog = the("#lightbox", HTMLDialogElement);
  #stage = the("#stage", HTMLElement);
  #image = the("#stage .rendition", HTMLImageElement);
  /** The next image, so that the browser has it when it is shown. */
  #ahead = new Image();
  #glow = the("#stage canvas", HTMLCanvasElement);
  #comparison = new Comparison();
  #panel;
  /** @type {Zoom | null} loaded when it is first used */
  #zoom = null;
  /** @type {Focal | null} loaded when it is first used */
  #focal = null;
  /** @type {ImageRecord | null} */
  #record = null;
  #drawn = "";
  /** Id of the record that is being read. */
  #reading = "";
  /** Its place in the album, by which its neighbours are found after it is deleted. */
  #place = "";
  /** Its index, by which they are found in a search or folder. */
  #at = 0;

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {{go: (id: string | null) => void, remove: ((id: string) => void) | null, share: Sharer | null}} acts
   */
  constructor(api, album, acts) {
    this.api = api;
    this.album = album;
    this.acts = acts;
    this.#panel = new Panel(api, album, () => acts.go(null));
    this.#listen();
    this.#offerShare();
    copyOnClick();
    new ResizeObserver(() => this.#fit()).observe(this.#stage);
    album.addEventListener("change", () => this.#refresh());
  }

  /** @param {string} id */
  async show(id) {
    if (!this.#dialog.open) {
      this.#dialog.showModal();
      this.#panel.focus();
    }
    const known = this.album.get(id)?.record;
    // What is shown stays until the record is read again.
    if (known && known.id !== this.#record?.id) this.#draw(known);
    if (this.#reading === id) return;
    this.#reading = id;
    try {
      const fresh = await this.api.read(id);
      this.album.learn([fresh]);
      if (this.#dialog.open && (this.#record?.id ?? id) === id) this.#draw(fresh);
    } catch (fault) {
      const { code = "internal" } = /** @type {{code?: string}} */ (fault);
      if (!known) this.#say(reason(code));
      else if (code === "gone") this.album.drop(id);
    }
    if (this.#reading === id) this.#reading = "";
  }

  hide() {
    this.#zoom?.end();
    this.#focal?.end();
    this.#comparison.end();
    const link = this.#record && linkOf(this.#record.id);
    this.#record = null;
    this.#drawn = "";
    if (!this.#dialog.open) return;
    this.#dialog.close();
    link?.focus();
  }

  #listen() {
    const on = (/** @type {string} */ selector, /** @type {() => void} */ act) =>
      the(selector, HTMLElement, this.#dialog).addEventListener("click", act);
    on(".close", () => this.acts.go(null));
    on(".previous", () => this.#step(-1));
    on(".next", () => this.#step(1));
    on(".delete", () => this.#remove());
    on(".compare", () => this.#compare());
    on(".zoom", () => void this.#magnify());
    on(".focal", () => void this.#aim());
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.acts.go(null);
    });
    addEventListener("keydown", (event) => this.#press(event));
    this.#image.addEventListener("load", () => this.#stage.classList.add("sharp"));
    this.#image.addEventListener("dblclick", () => void this.#magnify());
    onSwipe(this.#stage, (by) => !this.#comparison.active && this.#step(by));
  }

  #offerShare() {
    const { share } = this.acts;
    if (!share) return;
    const button = made("button", "Share", "quiet share");
    button.addEventListener("click", () => this.#record && share(this.#record.filename, [{ image: this.#record.id }]));
    the(".delete", HTMLElement, this.#dialog).before(button);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (!this.#dialog.open || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest("dialog:not(#lightbox)")) return;
    const slides = event.target instanceof HTMLInputElement;
    /** @type {Record<string, () => void>} */
    const acts = {
      ...(slides ? {} : { ArrowLeft: () => this.#step(-1), ArrowRight: () => this.#step(1) }),
      Delete: () => this.#remove(),
      c: () => this.#compare(),
      z: () => void this.#magnify(),
      f: () => void this.#aim(),
      i: () => this.#panel.toggle(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @param {number} by */
  #step(by) {
    const { newer, older } = this.#around();
    const next = by < 0 ? newer : older;
    if (next) this.acts.go(next.id);
  }

  /** The entries before and after the image, with a record; also of an image that was deleted. */
  #around() {
    const shown = this.album.shown.filter((entry) => entry.record);
    const at = shown.findIndex(({ id }) => id === this.#record?.id);
    if (at >= 0) this.#at = at;
    const lost = this.album.view ? this.#at : shown.findIndex(({ place }) => place < this.#place);
    const after = at < 0 ? lost : at + 1;
    const end = after < 0 ? shown.length : after;
    return { newer: shown[at < 0 ? end - 1 : at - 1], older: shown[end] };
  }

  #remove() {
    const record = this.#record;
    const { remove } = this.acts;
    if (!remove || !record || ["pending", "deleted"].includes(record.status)) return;
    const { newer, older } = this.#around();
    remove(record.id);
    this.acts.go((older ?? newer)?.id ?? null);
  }

  #compare() {
    const record = this.#record;
    if (record?.status !== "ready" || !record.links.original) return;
    if (this.#comparison.active) this.#comparison.end();
    else this.#comparison.begin(record, record.links.original);
    this.#fit();
  }

  async #magnify() {
    if (this.#zoom?.active) return this.#zoom.end();
    const record = this.#record;
    const { width, height } = record?.original ?? {};
    const address = record?.public?.iiif;
    if (!address || !width || !height) return;
    if (!this.#zoom) {
      const { Zoom } = await import("./zoom.js");
      this.#zoom ??= new Zoom();
    }
    if (this.#record !== record) return;
    this.#comparison.end();
    this.#zoom.begin({ address, width, height }, this.#image);
  }

  async #aim() {
    if (this.#focal?.active) return this.#focal.end();
    const record = this.#record;
    if (!this.acts.remove || record?.status !== "ready" || !record.original?.width) return;
    if (!this.#focal) {
      const [{ Focal }] = await Promise.all([import("./focal.js"), styled("focal.css")]);
      this.#focal ??= new Focal(this.api, this.album);
    }
    if (this.#record !== record) return;
    this.#comparison.end();
    this.#zoom?.end();
    this.#focal.begin(record);
  }

  #refresh() {
    if (!this.#record || !this.#dialog.open) return;
    const record = this.album.get(this.#record.id)?.record;
    if (!record) this.#vanish(this.#record);
    // A list does not have everything that the panel shows.
    else if (stampOf(record) !== this.#drawn) void this.show(record.id);
    else if (record.focus !== this.#record?.focus) this.#panel.show((this.#record = record));
    this.#neighbours();
  }

  /**
   * Say that the image was deleted elsewhere, instead of showing an empty frame.
   * @param {ImageRecord} former
   */
  #vanish(former) {
    if (former.status === "deleted") return;
    const nothing = { renditions: {}, placeholder: null, links: { original: null, renditions: {} }, public: null };
    this.#draw({ ...former, ...nothing, status: "deleted" });
    this.#say(reason("gone"));
  }

  /** @param {ImageRecord} record */
  #draw(record) {
    const same = stampOf(record) === this.#drawn;
    if (record.id !== this.#record?.id) this.#focal?.end();
    this.#record = record;
    this.#place = this.album.get(record.id)?.place ?? this.#place;
    this.#panel.show(record);
    this.#neighbours();
    // The wall goes along, and loads more images before the last one is reached.
    linkOf(record.id)?.scrollIntoView({ block: "nearest" });
    if (same) return;
    this.#drawn = stampOf(record);
    this.#comparison.end();
    this.#zoom?.end();
    this.#say(record.error ? reason(record.error.code) : "");
    const best = whole(record).at(-1);
    this.#stage.classList.remove("sharp");
    this.#stage.classList.toggle("clear", isClear(record.placeholder));
    the("#stage .frame", HTMLElement).hidden = !best;
    this.#image.alt = record.filename;
    if (best) this.#image.src = addressOf(record, best);
    else this.#image.removeAttribute("src");
    paintGlow(this.#glow, record.placeholder);
    this.#fit();
  }

  /** @param {string} text */
  #say(text) {
    the("#stage .note", HTMLElement).textContent = text;
  }

  /** Enable the buttons for neighbours, and preload the next image. */
  #neighbours() {
    const { newer, older } = this.#around();
    this.#allow(".previous", newer !== undefined);
    this.#allow(".next", older !== undefined);
    const next = older?.record;
    const best = next && whole(next).at(-1);
    const address = next && best ? addressOf(next, best) : "";
    if (address && address !== this.#ahead.getAttribute("src")) this.#ahead.src = address;
  }

  /**
   * Enable or disable a button; a disabled button loses the focus.
   * @param {string} selector
   * @param {boolean} allowed
   */
  #allow(selector, allowed) {
    const button = the(selector, HTMLButtonElement, this.#dialog);
    if (!allowed && document.activeElement === button) this.#panel.focus();
    button.disabled = !allowed;
  }

  /** Fit the image to the stage, but never enlarge it, so that it stays sharp. */
  #fit() {
    const best = this.#record && whole(this.#record).at(-1);
    if (!best) return;
    const own = Math.max(best.width, this.#record?.original?.width ?? 0);
    const most = this.#comparison.active ? Math.max(own, LEAST_PX) : best.width;
    const { paddingTop, paddingBottom } = getComputedStyle(this.#stage);
    const [top, bottom] = [Number.parseFloat(paddingTop), Number.parseFloat(paddingBottom)];
    const [across, down] = [this.#stage.clientWidth - 2 * top, this.#stage.clientHeight - top - bottom];
    const width = Math.min(most, across, (down * best.width) / best.height);
    const frame = the("#stage .frame", HTMLElement);
    frame.style.width = `${Math.max(1, Math.floor(width))}px`;
    frame.style.height = `${Math.max(1, Math.floor((width * best.height) / best.width))}px`;
    this.#comparison.enlarge(width > own);
  }
}
