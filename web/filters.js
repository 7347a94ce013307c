/** @file The form with the filters of a search: in the URL as the visitor entered them, in requests as the API takes them. */

import { made } from "./dom.js";
import { STATES } from "./words.js";

/** How long after a letter the search begins. */
const TYPING_MS = 400;
/** Width of a window in which the filters are open at first, in CSS px. */
const WIDE = 1000;
const BYTES_PER_MB = 1e6;
const FORMATS = ["avif", "bmp", "gif", "heic", "ico", "jp2", "jpeg", "jxl", "png", "tiff", "webp"];
const STATUSES = ["pending", "ready", "rejected", "failed"];

export class FilterForm {
  element = document.createElement("form");
  #order = choice("sort", [["", "Newest first"], ["oldest", "Oldest first"], ["name", "A to Z"], ["name_desc", "Z to A"]]);
  #name = entry("name", "search");
  #timer = 0;
  #isShown = false;

  /** @param {(filters: URLSearchParams, isTyping: boolean) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.element.role = "search";
    this.#build();
    this.element.addEventListener("input", ({ target }) => {
      clearTimeout(this.#timer);
      if (target === this.#name) this.#timer = setTimeout(() => this.#commit(true), TYPING_MS);
    });
    this.element.addEventListener("change", () => this.#commit(false));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#commit(false);
    });
  }

  #build() {
    this.#name.maxLength = 255;
    this.#name.autocomplete = "off";
    const more = made("details", "");
    const clear = made("button", "Clear", "quiet");
    clear.setAttribute("type", "button");
    clear.addEventListener("click", () => this.#clear());
    const fields = made("div", "", "fields");
    fields.append(
      labelled("State", choice("status", [["", "Any"], ...STATUSES.map((one) => pair(one, STATES[one] ?? one))])),
      labelled("Format", choice("format", [["", "Any"], ...FORMATS.map((one) => pair(one, one.toUpperCase()))])),
      labelled("Uploaded from", entry("from", "date")),
      labelled("Uploaded to", entry("to", "date")),
      labelled("At least, MB", entry("min", "number")),
      labelled("At most, MB", entry("max", "number")),
      clear,
    );
    more.append(made("summary", "Filters"), fields);
    this.element.append(labelled("Name", this.#name), labelled("Order", this.#order), more);
  }

  get hasFocus() {
    return this.element.contains(document.activeElement);
  }

  /** Leave out the orders that the API has for all images only. */
  orderByTimeOnly() {
    for (const option of this.#order.querySelectorAll("[value^=name]")) option.remove();
  }

  focus() {
    this.#name.focus({ preventScroll: true });
  }

  /** @returns {URLSearchParams} the filters that are set */
  get filters() {
    const filled = this.#fields.filter((one) => one.value.trim() && !one.closest("[hidden]"));
    return new URLSearchParams(filled.map((one) => pair(one.name, one.value.trim())));
  }

  /** Whether all images match. */
  get isBlank() {
    return [...this.filters.keys()].every((name) => name === "sort");
  }

  /** @returns {(HTMLInputElement | HTMLSelectElement)[]} */
  get #fields() {
    return [...this.element.querySelectorAll(/** @type {"input"} */ ("input, select"))];
  }

  /** @param {URLSearchParams} asked what the URL says; a value that no filter has is left out */
  show(asked) {
    const order = /** @type {HTMLElement} */ (this.#order.parentElement);
    order.hidden = asked.has("folder");
    for (const field of this.#fields) {
      const value = asked.get(field.name) ?? "";
      if (field.value.trim() !== value) field.value = value;
      if (field instanceof HTMLSelectElement && field.selectedIndex < 0) field.selectedIndex = 0;
    }
    const details = /** @type {HTMLDetailsElement} */ (this.element.querySelector("details"));
    const set = [...this.filters.keys()].some((name) => !["name", "sort"].includes(name));
    details.open ||= set || (!this.#isShown && innerWidth >= WIDE);
    this.#isShown = true;
  }

  /**
   * @param {string | null} folder prefix of the folder; null to search all images
   * @returns {URLSearchParams} the parameters of the request
   */
  query(folder) {
    const query = this.filters;
    const take = (/** @type {string} */ name) => {
      const value = query.get(name);
      query.delete(name);
      return value;
    };
    const [from, to, min, max] = [take("from"), take("to"), take("min"), take("max")];
    if (from) query.set("since", midnight(from, 0));
    if (to) query.set("until", midnight(to, 1));
    if (min) query.set("min_bytes", bytes(min));
    if (max) query.set("max_bytes", bytes(max));
    if (folder) query.set("prefix", folder);
    return query;
  }

  #clear() {
    for (const field of this.#fields) field.value = "";
    this.#commit(false);
    this.focus();
  }

  /** @param {boolean} isTyping */
  #commit(isTyping) {
    clearTimeout(this.#timer);
    this.onChange(this.filters, isTyping);
  }
}

/**
 * @param {string} one
 * @param {string} other
 * @returns {[string, string]}
 */
function pair(one, other) {
  return [one, other];
}

/**
 * @param {string} text
 * @param {HTMLElement} field
 */
function labelled(text, field) {
  const label = document.createElement("label");
  label.append(made("span", text), field);
  return label;
}

/**
 * @param {string} name
 * @param {string} type
 */
function entry(name, type) {
  const field = Object.assign(document.createElement("input"), { name, type });
  if (type === "number") Object.assign(field, { min: "0", step: "any", max: "1000000" });
  return field;
}

/**
 * @param {string} name
 * @param {[string, string][]} options values and their texts
 */
function choice(name, options) {
  const field = Object.assign(document.createElement("select"), { name });
  for (const [value, text] of options) field.add(new Option(text, value));
  return field;
}

/**
 * @param {string} day such as 2026-05-04
 * @param {number} later days after it
 * @returns {string} the time at which the day begins here
 */
function midnight(day, later) {
  const time = new Date(`${day}T00:00`);
  time.setDate(time.getDate() + later);
  return time.toISOString();
}

/** @param {string} megabytes */
function bytes(megabytes) {
  return String(Math.round(Math.min(Number(megabytes), 1e6) * BYTES_PER_MB));
}
