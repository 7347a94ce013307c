/** @file Compare the original with its rendition, with a slider between them. */

/** @import {ImageRecord} from "./types.js" */

import { the } from "./dom.js";
import { change } from "./format.js";
import { bytesOf } from "./record.js";

/** Width that a smaller image is enlarged to, in CSS px. */
export const LEAST_PX = 320;

export class Comparison {
  #button = the("#lightbox .compare", HTMLButtonElement);
  #box = the("#comparison", HTMLElement);
  #original = the("#comparison img", HTMLImageElement);
  #slider = the("#comparison input", HTMLInputElement);
  /** @type {ImageRecord | null} */
  #record = null;
  active = false;

  constructor() {
    this.#slider.addEventListener("input", () => this.#cut());
    this.#original.addEventListener("error", () => this.#replace());
    this.#original.addEventListener("load", () => this.#box.classList.add("loaded"));
  }

  /**
   * @param {ImageRecord} record
   * @param {string} address URL of the original
   */
  begin(record, address) {
    const bytes = bytesOf(record);
    this.#turn(true);
    this.#record = record;
    this.#original.src = address;
    this.#slider.value = "50";
    this.#cut();
    this.#say(bytes ? change(bytes.before, bytes.after) : "");
    this.#slider.focus();
  }

  end() {
    this.#turn(false);
    this.#original.removeAttribute("src");
  }

  /** @param {boolean} enlarged whether the frame is larger than both images */
  enlarge(enlarged) {
    this.#box.classList.toggle("enlarged", enlarged);
  }

  /** @param {boolean} active */
  #turn(active) {
    this.active = active;
    this.#box.hidden = !active;
    this.#box.classList.remove("loaded", "alone");
    this.#label("Original");
    this.#button.setAttribute("aria-pressed", String(active));
  }

  /** If the browser cannot decode the original, such as HEIC or TIFF, show a JPEG of it, or else only the rendition. */
  #replace() {
    const { original, public: addresses } = this.#record ?? {};
    if (!this.active || !original) return;
    const kind = (original.format ?? "").toUpperCase();
    this.#box.classList.remove("loaded");
    const address = addresses?.iiif && `${addresses.iiif}/full/max/0/default.jpg`;
    if (address && this.#original.src !== address) {
      this.#original.src = address;
      this.#label(`Original, ${kind} as JPEG`);
      return;
    }
    this.#box.classList.add("alone");
    this.#original.removeAttribute("src");
    this.#say(`This browser cannot show ${kind}: this is the largest rendition.`);
  }

  /** @param {string} text above the original */
  #label(text) {
    the("#comparison .left", HTMLElement).textContent = text;
  }

  #cut() {
    const { value } = this.#slider;
    this.#box.parentElement?.style.setProperty("--cut", `${value}%`);
    this.#slider.setAttribute("aria-valuetext", `original ${value} %`);
  }

  /** @param {string} text */
  #say(text) {
    the("#comparison output", HTMLElement).textContent = text;
  }
}
