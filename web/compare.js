/** @file Compare the original with its rendition, with a slider between them. */

/** @import {ImageRecord} from "./types.js" */

import { the } from "./dom.js";
import { change, size } from "./format.js";
import { whole } from "./record.js";

export class Comparison {
  #button = the("#lightbox .compare", HTMLButtonElement);
  #box = the("#comparison", HTMLElement);
  #original = the("#comparison img", HTMLImageElement);
  #slider = the("#comparison input", HTMLInputElement);
  active = false;

  constructor() {
    this.#slider.addEventListener("input", () => this.#cut());
    this.#original.addEventListener("error", () => {
      if (this.active) this.#say("This browser cannot show the original.");
    });
  }

  /**
   * @param {ImageRecord} record
   * @param {string} address URL of the original
   */
  begin(record, address) {
    const made = whole(record).at(-1);
    const before = record.original?.bytes ?? 0;
    this.#turn(true);
    this.#original.src = address;
    this.#slider.value = "50";
    this.#cut();
    this.#say(made ? `${size(before)} → ${size(made.bytes)} (${change(before, made.bytes)})` : "");
    this.#slider.focus();
  }

  end() {
    this.#turn(false);
    this.#original.removeAttribute("src");
  }

  /** @param {boolean} active */
  #turn(active) {
    this.active = active;
    this.#box.hidden = !active;
    this.#button.setAttribute("aria-pressed", String(active));
  }

  #cut() {
    const { value } = this.#slider;
    this.#box.style.setProperty("--cut", `${value}%`);
    this.#slider.setAttribute("aria-valuetext", `original ${value} %`);
  }

  /** @param {string} text */
  #say(text) {
    the("#comparison output", HTMLElement).textContent = text;
  }
}
