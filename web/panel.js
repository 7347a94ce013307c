/** @file The panel beside an image in full size: its acts, renditions, facts and history. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {ImageRecord} from "./types.js" */

import { canRepeat, refused, repeat } from "./again.js";
import { made, the } from "./dom.js";
import { tell } from "./facts.js";
import { told } from "./history.js";
import { say } from "./notice.js";

/** Where the page remembers that the panel is hidden. */
const HIDDEN = "panel-hidden";

export class Panel {
  #dialog = the("#lightbox", HTMLDialogElement);
  #aside = the("#lightbox aside", HTMLElement);
  #switch = button("i", "icon details");
  #leave = button("", "icon leave");
  #again = button("", "quiet again");
  #said = made("output", "");
  #snippet = made("details", "", "snippet");
  #html = made("pre", "");
  #heading = made("h3", "History");
  #history = made("ol", "", "history");
  /** @type {ImageRecord | null} */
  #record = null;
  /** @type {Set<string>} ids of the images that are being processed again */
  #awaited = new Set();

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {() => void} onClose
   */
  constructor(api, album, onClose) {
    this.api = api;
    this.album = album;
    this.#build(onClose);
    this.#turn(sessionStorage.getItem(HIDDEN) === null);
  }

  /** @param {() => void} onClose */
  #build(onClose) {
    this.#aside.id = "panel";
    this.#switch.setAttribute("aria-controls", "panel");
    this.#switch.addEventListener("click", () => this.toggle());
    this.#leave.ariaLabel = "Close";
    this.#leave.append(...the(".close", HTMLElement, this.#aside).cloneNode(true).childNodes);
    this.#leave.addEventListener("click", onClose);
    this.#again.addEventListener("click", () => void this.#repeat());
    the(".delete", HTMLElement, this.#aside).before(this.#again);
    the(".acts", HTMLElement, this.#aside).after(this.#said);
    this.#html.tabIndex = 0;
    this.#html.ariaLabel = "HTML of the picture element";
    this.#html.role = "region";
    this.#snippet.append(made("summary", "HTML for a page"), this.#html);
    the(".renditions", HTMLElement, this.#aside).after(this.#snippet);
    this.#aside.append(this.#heading, this.#history);
    const tools = made("div", "", "tools");
    tools.append(this.#switch, this.#leave);
    the("#stage", HTMLElement).append(tools);
  }

  /** @param {ImageRecord} record */
  show(record) {
    if (record.id !== this.#record?.id) this.#said.textContent = "";
    this.#record = record;
    const focused = this.#aside.contains(document.activeElement) && document.activeElement?.ariaLabel;
    tell(this.#dialog, record);
    this.#snippet.hidden = !record.public?.html;
    this.#html.textContent = record.public?.html ?? "";
    const history = record.history ?? [];
    this.#heading.hidden = !history.length;
    this.#history.replaceChildren(...told(history));
    this.#offer();
    // The buttons of the renditions are new ones.
    const same = [...this.#aside.querySelectorAll("button, a")].find((one) => one.ariaLabel === focused);
    if (!focused || this.#aside.contains(document.activeElement)) return;
    if (same instanceof HTMLElement) same.focus();
    else this.focus();
  }

  /** Show the panel, or hide it and give the image its room. */
  toggle() {
    const hidden = !this.#dialog.classList.contains("alone");
    const hadFocus = this.#aside.contains(document.activeElement);
    this.#turn(!hidden);
    if (hidden) sessionStorage.setItem(HIDDEN, "");
    else sessionStorage.removeItem(HIDDEN);
    if (hadFocus) this.#switch.focus();
  }

  /** Give the focus to the button that closes the image. */
  focus() {
    const hidden = this.#dialog.classList.contains("alone");
    (hidden ? this.#leave : the(".close", HTMLElement, this.#aside)).focus();
  }

  /** @param {boolean} shown */
  #turn(shown) {
    this.#dialog.classList.toggle("alone", !shown);
    this.#switch.ariaExpanded = String(shown);
    this.#switch.ariaLabel = shown ? "Hide details" : "Show details";
    this.#switch.title = `${this.#switch.ariaLabel} (i)`;
  }

  /** Offer to process the image again, unless that is going on. */
  #offer() {
    const record = this.#record;
    if (!record) return;
    const going = this.#awaited.has(record.id);
    this.#again.hidden = Boolean(this.api.access.isShared) || !canRepeat(record);
    this.#again.ariaDisabled = going ? "true" : null;
    this.#again.textContent = going ? "Processing …" : record.status === "ready" ? "Process again" : "Try again";
  }

  async #repeat() {
    const record = this.#record;
    if (!record || this.#awaited.has(record.id)) return;
    this.#awaited.add(record.id);
    this.#offer();
    this.#say(record.id, "");
    try {
      this.#say(record.id, await repeat(this.api, this.album, record));
    } catch (fault) {
      this.#say(record.id, refused(fault));
    }
    this.#awaited.delete(record.id);
    this.#offer();
  }

  /**
   * @param {string} id of the image that the text is about
   * @param {string} text
   */
  #say(id, text) {
    if (this.#record?.id === id) this.#said.textContent = text;
    else if (text) say(text);
  }
}

/**
 * Give the focus to a button of the panel, or if that is hidden to the button that shows it.
 * @param {HTMLElement} wanted
 */
export function focusShown(wanted) {
  (wanted.checkVisibility() ? wanted : the("#stage .details", HTMLElement)).focus();
}

/**
 * @param {string} text
 * @param {string} name class name
 */
export function button(text, name) {
  const one = /** @type {HTMLButtonElement} */ (made("button", text, name));
  one.type = "button";
  return one;
}
