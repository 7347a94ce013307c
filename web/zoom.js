/** @file Look at the original closely: tiles of it are loaded for the part that is visible. */

/** @import {Source, Tile, View} from "./tiles.js" */

import { made, the } from "./dom.js";
import { button, focusShown } from "./panel.js";
import { factorFor, fitting, magnified, visible, within } from "./tiles.js";

/** Tiles that are kept, about 1 MB each when decoded. */
const MOST_TILES = 120;
/** Steps of the buttons and keys, and the part of the stage that an arrow key moves by. */
const STEP = 1.6;
const MOVE = 0.15;
/** Zoom of a pixel of the wheel, as a power of e. */
const WHEEL = 0.002;

export class Zoom {
  #box = build();
  #canvas = the("#zoom canvas", HTMLCanvasElement);
  #button = the("#lightbox .zoom", HTMLButtonElement);
  /** @type {Source | null} */
  #source = null;
  /** @type {HTMLImageElement | null} */
  #base = null;
  /** @type {View} */
  #view = { x: 0, y: 0, scale: 1 };
  /** @type {Map<string, HTMLImageElement>} */
  #tiles = new Map();
  /** @type {Map<number, {x: number, y: number}>} */
  #fingers = new Map();
  #waiting = false;

  constructor() {
    new ResizeObserver(() => this.#moveTo(this.#view)).observe(this.#canvas);
    this.#canvas.addEventListener("wheel", (event) => this.#turn(event), { passive: false });
    this.#canvas.addEventListener("keydown", (event) => this.#press(event));
    for (const [name, times] of /** @type {const} */ ([["closer", STEP], ["farther", 1 / STEP]]))
      the(`#zoom .${name}`, HTMLElement).addEventListener("click", () => this.#magnify(times));
    the("#zoom .end", HTMLElement).addEventListener("click", () => this.end());
    this.#followFingers();
  }

  get active() {
    return this.#source !== null;
  }

  /**
   * @param {Source} source
   * @param {HTMLImageElement} base shown until tiles have been loaded
   */
  begin(source, base) {
    this.#source = source;
    this.#base = base;
    this.#show(true);
    this.#canvas.focus();
    const scale = Math.max(STEP * fitting(source, this.#stage), 1 / devicePixelRatio);
    this.#moveTo({ x: source.width / 2, y: source.height / 2, scale });
  }

  end() {
    if (!this.active) return;
    this.#source = this.#base = null;
    for (const image of this.#tiles.values()) image.removeAttribute("src");
    this.#tiles.clear();
    this.#show(false);
    focusShown(this.#button);
  }

  /** @param {boolean} active */
  #show(active) {
    this.#box.hidden = !active;
    this.#button.setAttribute("aria-pressed", String(active));
  }

  get #stage() {
    return { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
  }

  /** @param {View} view */
  #moveTo(view) {
    if (!this.#source || !this.#stage.width) return;
    this.#view = within(this.#source, view, this.#stage);
    this.#redraw();
  }

  /**
   * @param {number} times
   * @param {{x: number, y: number}} point
   */
  #magnify(times, point = { x: 0, y: 0 }) {
    this.#moveTo(magnified(this.#view, times, point));
  }

  /**
   * @param {number} across CSS px
   * @param {number} down
   */
  #shift(across, down) {
    const { x, y, scale } = this.#view;
    this.#moveTo({ x: x - across / scale, y: y - down / scale, scale });
  }

  /** @param {WheelEvent} event */
  #turn(event) {
    event.preventDefault();
    this.#magnify(Math.exp(-event.deltaY * WHEEL), this.#place(event));
  }

  /** @param {MouseEvent} event */
  #place(event) {
    const box = this.#canvas.getBoundingClientRect();
    return { x: event.clientX - box.x - box.width / 2, y: event.clientY - box.y - box.height / 2 };
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [across, down] = [MOVE * this.#stage.width, MOVE * this.#stage.height];
    /** @type {Record<string, () => void>} */
    const acts = {
      "+": () => this.#magnify(STEP),
      "=": () => this.#magnify(STEP),
      "-": () => this.#magnify(1 / STEP),
      0: () => this.#moveTo({ ...this.#view, scale: 0 }),
      ArrowLeft: () => this.#shift(across, 0),
      ArrowRight: () => this.#shift(-across, 0),
      ArrowUp: () => this.#shift(0, down),
      ArrowDown: () => this.#shift(0, -down),
      Escape: () => this.end(),
      z: () => this.end(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** One finger or the mouse moves the image, two magnify it. */
  #followFingers() {
    this.#canvas.addEventListener("pointerdown", (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#fingers.set(event.pointerId, this.#place(event));
    });
    this.#canvas.addEventListener("pointermove", (event) => this.#drag(event));
    for (const name of ["pointerup", "pointercancel"])
      this.#canvas.addEventListener(name, (event) =>
        this.#fingers.delete(/** @type {PointerEvent} */ (event).pointerId),
      );
    this.#canvas.addEventListener("dblclick", (event) => this.#magnify(STEP * STEP, this.#place(event)));
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = this.#place(event);
    const [other] = [...this.#fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    this.#fingers.set(event.pointerId, now);
    if (!other) return this.#shift(now.x - before.x, now.y - before.y);
    const [was, is] = [distance(before, other), distance(now, other)];
    this.#shift((now.x - before.x) / 2, (now.y - before.y) / 2);
    if (was > 0 && is > 0) this.#magnify(is / was, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  }

  #redraw() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#draw();
    });
  }

  #draw() {
    const [source, base, paper] = [this.#source, this.#base, this.#canvas.getContext("2d")];
    if (!source || !paper) return;
    const { width, height } = this.#stage;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    const scale = this.#view.scale * devicePixelRatio;
    paper.translate(this.#canvas.width / 2 - this.#view.x * scale, this.#canvas.height / 2 - this.#view.y * scale);
    paper.scale(scale, scale);
    if (base?.naturalWidth) paper.drawImage(base, 0, 0, source.width, source.height);
    const wanted = visible(source, this.#view, this.#stage, factorFor(source, scale));
    for (const tile of wanted) this.#drawTile(paper, tile);
    this.#forget(new Set(wanted.map(({ address }) => address)));
  }

  /**
   * @param {CanvasRenderingContext2D} paper
   * @param {Tile} tile
   */
  #drawTile(paper, { left, top, width, height, address }) {
    const image = this.#tiles.get(address) ?? this.#load(address);
    if (image.complete && image.naturalWidth) paper.drawImage(image, left, top, width, height);
  }

  /** @param {string} address */
  #load(address) {
    const image = new Image();
    image.addEventListener("load", () => this.#redraw());
    image.src = address;
    this.#tiles.set(address, image);
    return image;
  }

  /** @param {Set<string>} wanted */
  #forget(wanted) {
    for (const [address, image] of this.#tiles) {
      if (this.#tiles.size <= MOST_TILES) return;
      if (wanted.has(address)) continue;
      image.removeAttribute("src");
      this.#tiles.delete(address);
    }
  }
}

/**
 * @param {{x: number, y: number}} a
 * @param {{x: number, y: number}} b
 */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Put the elements into the page, hidden. */
function build() {
  const box = made("div", "");
  const canvas = Object.assign(document.createElement("canvas"), { tabIndex: 0, role: "application" });
  canvas.ariaLabel = "The original, magnified. Plus and minus magnify, arrows move, Escape ends.";
  const [farther, closer] = [button("−", "icon farther"), button("+", "icon closer")];
  [farther.ariaLabel, closer.ariaLabel] = ["Zoom out", "Zoom in"];
  const tools = made("div", "", "tools");
  tools.append(farther, closer, button("End zoom", "quiet end"));
  box.append(canvas, tools);
  Object.assign(box, { id: "zoom", hidden: true });
  the("#stage .note", HTMLElement).before(box);
  return box;
}
