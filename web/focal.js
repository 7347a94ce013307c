/** @file Set the focal point of an image: a click, or the arrow keys and Enter. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {FocalPoint, ImageRecord} from "./types.js" */

import { made, the } from "./dom.js";
import { button, focusShown } from "./panel.js";
import { addressOf, pointText, showsWhole, whole } from "./record.js";
import { reason } from "./words.js";

/** Part of a side that an arrow key moves by, alone and with Shift. */
const STEP = 0.01;
const STRIDE = 0.1;
/** Pauses between looks at a record whose renditions are being made again, and the most looks. */
const PAUSE_MS = 500;
const MOST_LOOKS = 60;
const MIDDLE = { x: 0.5, y: 0.5 };

export class Focal {
  #box = build();
  #field = the("#focal .field", HTMLElement);
  #picture = the("#focal img", HTMLImageElement);
  #marker = the("#focal .marker", HTMLButtonElement);
  #undo = the("#focal .undo", HTMLButtonElement);
  #clear = the("#focal .clear", HTMLButtonElement);
  #button = the("#lightbox .focal", HTMLButtonElement);
  /** @type {ImageRecord | null} */
  #record = null;
  /** @type {FocalPoint} */
  #point = MIDDLE;
  /** @type {(FocalPoint | null)[]} the former points of this image */
  #former = [];

  /**
   * @param {Api} api
   * @param {Album} album
   */
  constructor(api, album) {
    this.api = api;
    this.album = album;
    new ResizeObserver(() => this.#fit()).observe(this.#box);
    this.#field.addEventListener("click", (event) => this.#click(event));
    this.#marker.addEventListener("keydown", (event) => this.#press(event));
    this.#undo.addEventListener("click", () => void this.#takeBack());
    this.#clear.addEventListener("click", () => void this.#change(null));
    the("#focal .end", HTMLElement).addEventListener("click", () => this.end());
  }

  get active() {
    return this.#record !== null;
  }

  /** @param {ImageRecord} record */
  begin(record) {
    const address = source(record);
    if (!address) return;
    this.#record = record;
    this.#former = [];
    this.#picture.src = address;
    this.#show(true);
    this.#place(record.focus);
    this.#fit();
    this.#marker.focus();
  }

  end() {
    if (!this.active) return;
    this.#record = null;
    this.#picture.removeAttribute("src");
    this.#show(false);
    focusShown(this.#button);
  }

  /** @param {boolean} active */
  #show(active) {
    this.#box.hidden = !active;
    this.#button.setAttribute("aria-pressed", String(active));
  }

  /** Fit the picture to the box, with the ratio of the original. */
  #fit() {
    const { width, height } = this.#record?.original ?? {};
    if (!width || !height) return;
    const across = Math.min(width, this.#box.clientWidth - 56, ((this.#box.clientHeight - 112) * width) / height);
    this.#field.style.width = `${Math.floor(across)}px`;
    this.#field.style.height = `${Math.floor((across * height) / width)}px`;
  }

  /**
   * Put the marker at a point, faint in the middle if the image has none.
   * @param {FocalPoint | null} focus
   */
  #place(focus) {
    this.#point = focus ?? MIDDLE;
    this.#marker.style.left = `${100 * this.#point.x}%`;
    this.#marker.style.top = `${100 * this.#point.y}%`;
    this.#marker.classList.toggle("unset", !focus);
    const words = focus ? pointText(focus) : "not set";
    this.#marker.setAttribute("aria-label", `Focal point: ${words}. Arrow keys move it, Enter sets it.`);
    this.#clear.disabled = !focus;
    this.#undo.disabled = !this.#former.length;
  }

  /** @param {MouseEvent} event */
  #click(event) {
    // A press of Enter on the marker is a click without a place.
    if (event.detail === 0) return;
    const box = this.#field.getBoundingClientRect();
    const x = (event.clientX - box.x) / box.width;
    const y = (event.clientY - box.y) / box.height;
    void this.#change({ x: within(x), y: within(y) });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const by = event.shiftKey ? STRIDE : STEP;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowLeft: () => this.#move(-by, 0),
      ArrowRight: () => this.#move(by, 0),
      ArrowUp: () => this.#move(0, -by),
      ArrowDown: () => this.#move(0, by),
      Enter: () => void this.#change(this.#point),
      Delete: () => void this.#change(null),
      Escape: () => this.end(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /**
   * @param {number} across
   * @param {number} down
   */
  #move(across, down) {
    const point = { x: within(this.#point.x + across), y: within(this.#point.y + down) };
    this.#place(point);
    this.#say(`${pointText(point)}, not set yet`);
  }

  #takeBack() {
    const former = this.#former.pop();
    return former === undefined ? undefined : this.#change(former, false);
  }

  /**
   * @param {FocalPoint | null} focus
   * @param {boolean} undoable
   */
  async #change(focus, undoable = true) {
    const record = this.#record;
    if (!record) return;
    if (undoable) this.#former.push(record.focus);
    this.#place(focus);
    this.#say("Saving");
    try {
      this.#learn(await this.api.focus(record.id, focus));
      this.#say(focus ? `Set to ${pointText(focus)}` : "Removed");
      await this.#follow(record.id);
    } catch (fault) {
      if (undoable) this.#former.pop();
      if (this.#record?.id !== record.id) return;
      this.#place(this.#record.focus);
      this.#say(reason(/** @type {{code?: string}} */ (fault).code ?? "internal"));
    }
  }

  /** @param {ImageRecord} fresh */
  #learn(fresh) {
    this.album.learn([{ ...this.album.get(fresh.id)?.record, ...fresh }]);
    if (this.#record?.id === fresh.id) this.#record = fresh;
  }

  /**
   * Read the record until its renditions show the point.
   * @param {string} id
   */
  async #follow(id) {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      await new Promise((done) => setTimeout(done, PAUSE_MS));
      const fresh = await this.api.read(id);
      this.#learn(fresh);
      if (fresh.focus_applied) return;
    }
  }

  /** @param {string} text */
  #say(text) {
    the("#focal output", HTMLElement).textContent = text;
  }
}

/**
 * The URL of the whole image: of a rendition, of a size on request, or of the original.
 * @param {ImageRecord} record
 * @returns {string | null}
 */
function source(record) {
  const best = showsWhole(record) && whole(record).at(-1);
  if (best) return addressOf(record, best);
  return record.public?.iiif ? `${record.public.iiif}/full/!1280,1280/0/default.jpg` : record.links.original;
}

/** @param {number} share */
function within(share) {
  return Math.round(10_000 * Math.min(1, Math.max(0, share))) / 10_000;
}

/** Put the elements into the page, hidden. */
function build() {
  const box = made("div", "");
  const field = made("div", "", "field");
  field.append(Object.assign(new Image(), { alt: "" }), button("", "marker"));
  const said = made("output", "");
  said.role = "status";
  const tools = made("div", "", "tools");
  tools.append(said, button("Undo", "quiet undo"), button("Remove point", "quiet clear"), button("Done", "quiet end"));
  box.append(field, tools);
  Object.assign(box, { id: "focal", hidden: true });
  the("#stage .note", HTMLElement).before(box);
  return box;
}
