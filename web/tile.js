/** @file One tile of the wall: the ThumbHash, then the image, or the reason of an error. */

/** @import {Box, Entry, Job} from "./types.js" */

import { copyOf, the } from "./dom.js";
import { change } from "./format.js";
import { addressOf, bytesOf, stateOf, whole } from "./record.js";
import { decode, isClear } from "./thumbhash.js";
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
  /** @type {unknown} the record that it shows */
  #known;
  #at = "";

  /**
   * @param {Entry} entry
   * @param {((id: string) => void) | null} onDelete
   */
  constructor(entry, onDelete) {
    this.entry = entry;
    this.onDelete = onDelete;
    this.#bin.addEventListener("click", () => onDelete?.(this.entry.id));
    this.#image.addEventListener("load", () => void this.#unveil());
    this.#image.addEventListener("error", () => this.#fallBack());
  }

  /**
   * @param {Entry} entry
   * @param {Box} box
   * @param {number} position in the list, from 1
   * @param {number} total entries of the list
   * @param {boolean} isFast whether it only passes
   */
  show(entry, box, position, total, isFast) {
    this.entry = entry;
    this.element.ariaPosInSet = String(position);
    this.element.ariaSetSize = String(total);
    const [{ record, job }, at] = [entry, Object.values(box).join()];
    const isSame = !job && record?.status !== "pending" && record === this.#known && at === this.#at;
    if (isSame && (isFast || this.#source)) return;
    [this.#known, this.#at] = [record, at];
    this.#place(box);
    this.#tell(stateOf(entry));
    this.#paint();
    if (!isFast) this.#sharpen(box);
  }

  /** Leave the wall, and stop loading. */
  leave() {
    if (!this.#image.complete) for (const name of ["srcset", "src"]) this.#image.removeAttribute(name);
    this.element.remove();
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
    const { id, name, record, job } = this.entry;
    this.element.dataset.state = state;
    this.element.classList.toggle("note", ["rejected", "failed", "lost"].includes(state));
    this.element.classList.toggle("moving", ["queued", "sending", "pending"].includes(state));
    this.#link.href = `#picture=${id}`;
    this.#image.alt = name;
    this.#say(".name", name);
    this.#say(".state", state === "ready" ? "" : (STATES[state] ?? state));
    this.#say(".why", record?.error ? reason(record.error.code) : (job?.why ?? ""));
    const bytes = state === "ready" && record && bytesOf(record);
    this.#say(".saved", bytes ? change(bytes.before, bytes.after) : "");
    this.#bin.hidden = !this.onDelete || !record || record.status === "pending";
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

  /**
   * Draw the placeholder: a preview of the local file until the image is loaded, else the ThumbHash. A file that the
   * browser cannot decode has the name of its format.
   */
  #paint() {
    const { record, preview, job } = this.entry;
    const hash = record?.placeholder;
    this.#link.dataset.kind = job && preview && !preview.pixels && !hash ? kindOf(job) : "";
    const wanted = preview?.pixels ? "file" : (hash ?? "");
    if (!wanted || wanted === this.#drawn || (job && this.#drawn === "file")) return;
    this.#drawn = wanted;
    const pixels = preview?.pixels ?? (hash && decode(hash));
    const context = this.#canvas.getContext("2d");
    if (!pixels || !context) return;
    this.#canvas.width = pixels.width;
    this.#canvas.height = pixels.height;
    if (pixels instanceof ImageData) context.putImageData(pixels, 0, 0);
    else context.drawImage(pixels, 0, 0);
  }

  /** @param {Box} box */
  #sharpen({ width }) {
    const { record } = this.entry;
    const choices = record?.status === "ready" ? whole(record) : [];
    const largest = choices.at(-1);
    if (!record || !largest) return;
    this.#image.sizes = `${Math.ceil(width)}px`;
    const source = addressOf(record, largest);
    if (source === this.#source) return;
    this.#source = source;
    this.element.classList.remove("sharp");
    this.element.classList.toggle("clear", isClear(record.placeholder));
    this.#image.srcset = choices.map((one) => `${addressOf(record, one)} ${one.width}w`).join(", ");
    this.#image.src = source;
  }

  /** Show the image when it is decoded: until then there would be nothing in place of the ThumbHash. */
  async #unveil() {
    await this.#image.decode().catch(() => {});
    this.element.classList.add("sharp");
  }

  /** If the distribution fails, load the presigned URL: browsers change the path of some keys. */
  #fallBack() {
    const { record } = this.entry;
    const largest = record && whole(record).at(-1);
    const preset = record && Object.keys(record.renditions).find((name) => record.renditions[name] === largest);
    const signed = preset && record.links.renditions[preset];
    if (!signed || this.#image.src === signed) return;
    this.#image.srcset = "";
    this.#image.src = signed;
  }
}

/**
 * @param {Job} job
 * @returns {string} the format of its file, as "HEIC"
 */
function kindOf({ file, kind }) {
  const ending = /\.([a-z0-9]{2,4})$/i.exec(file.name)?.[1];
  return (ending ?? kind.replace(/^image\//, "")).toUpperCase();
}
