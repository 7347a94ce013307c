/** @file One tile of the wall: the ThumbHash, then the image, or the reason of an error. */

/** @import {Box, Entry} from "./types.js" */

import { copyOf, the } from "./dom.js";
import { change, size } from "./format.js";
import { addressOf, bytesOut, stateOf, whole } from "./picture.js";
import { decode } from "./thumbhash.js";
import { reason, STATES } from "./words.js";

export class Tile {
  element = copyOf("tile");
  #link = the("a", HTMLAnchorElement, this.element);
  #canvas = the("canvas", HTMLCanvasElement, this.element);
  #image = the("img", HTMLImageElement, this.element);
  #bin = the("button", HTMLButtonElement, this.element);
  #progress = the("progress", HTMLProgressElement, this.element);
  #drawn = "";
  #source = "";

  /**
   * @param {Entry} entry
   * @param {(id: string) => void} onDelete
   */
  constructor(entry, onDelete) {
    this.entry = entry;
    this.#bin.addEventListener("click", () => onDelete(this.entry.id));
    this.#image.addEventListener("load", () => this.element.classList.add("sharp"));
    this.#image.addEventListener("error", () => this.#fallBack());
  }

  /**
   * @param {Entry} entry
   * @param {Box} box
   */
  show(entry, box) {
    this.entry = entry;
    this.#place(box);
    this.#tell(stateOf(entry));
    this.#paint();
    this.#sharpen(box);
  }

  /** @param {Box} box */
  #place({ x, y, width, height }) {
    const { style } = this.element;
    style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    style.width = `${width.toFixed(1)}px`;
    style.height = `${height.toFixed(1)}px`;
  }

  /** @param {string} state */
  #tell(state) {
    const { id, name, picture, job } = this.entry;
    this.element.dataset.state = state;
    this.element.classList.toggle("note", ["rejected", "failed", "lost"].includes(state));
    this.element.classList.toggle("moving", ["queued", "sending", "pending"].includes(state));
    this.#link.href = `#picture=${id}`;
    this.#image.alt = name;
    this.#say(".name", name);
    this.#say(".state", state === "ready" ? "" : (STATES[state] ?? state));
    this.#say(".why", picture?.error ? reason(picture.error.code) : (job?.why ?? ""));
    const before = picture?.original?.bytes ?? 0;
    this.#say(".saved", state === "ready" && picture ? summary(before, bytesOut(picture)) : "");
    this.#bin.hidden = !picture || picture.status === "pending";
    this.#bin.setAttribute("aria-label", `Delete ${name}`);
    this.#progress.hidden = state !== "sending";
    this.#progress.setAttribute("aria-label", `${name}: uploaded`);
    if (job) this.#progress.value = job.file.size ? job.sent / job.file.size : 0;
  }

  /**
   * @param {string} selector
   * @param {string} text
   */
  #say(selector, text) {
    const element = the(selector, HTMLElement, this.element);
    if (element.textContent !== text) element.textContent = text;
  }

  /** Draw the placeholder: the ThumbHash, or a preview of the local file. */
  #paint() {
    const { picture, preview } = this.entry;
    const wanted = picture?.placeholder ?? (preview ? "file" : "");
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    const pixels = picture?.placeholder ? decode(picture.placeholder) : preview?.pixels;
    const context = this.#canvas.getContext("2d");
    if (!pixels || !context) return;
    this.#canvas.width = pixels.width;
    this.#canvas.height = pixels.height;
    if (pixels instanceof ImageData) context.putImageData(pixels, 0, 0);
    else context.drawImage(pixels, 0, 0);
  }

  /** @param {Box} box */
  #sharpen({ width }) {
    const { picture } = this.entry;
    const choices = picture?.status === "ready" ? whole(picture) : [];
    const largest = choices.at(-1);
    if (!picture || !largest) return;
    this.#image.sizes = `${Math.ceil(width)}px`;
    const source = addressOf(picture, largest);
    if (source === this.#source) return;
    this.#source = source;
    this.element.classList.remove("sharp");
    this.#image.srcset = choices.map((one) => `${addressOf(picture, one)} ${one.width}w`).join(", ");
    this.#image.src = source;
  }

  /** If the distribution fails, load the presigned URL: browsers change the path of some keys. */
  #fallBack() {
    const { picture } = this.entry;
    const largest = picture && whole(picture).at(-1);
    const preset = picture && Object.keys(picture.renditions).find((name) => picture.renditions[name] === largest);
    const signed = preset && picture.links.renditions[preset];
    if (!signed || this.#image.src === signed) return;
    this.#image.srcset = "";
    this.#image.src = signed;
  }
}

/**
 * @param {number} before
 * @param {number} after
 */
function summary(before, after) {
  return `${size(before)} → ${size(after)} (${change(before, after)})`;
}
