/** @file Delete with Undo: an image is hidden at once and deleted after some seconds. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */

import { Problem } from "./api.js";
import { the } from "./dom.js";
import { focusTile } from "./focus.js";

/** How long a deletion can be undone. */
const SECONDS = 6;
/** Deletions at the same time. */
const AT_ONCE = 6;

export class Undo {
  #bar = the("#undo", HTMLElement);
  #button = the("#undo button", HTMLButtonElement);
  /** @type {Set<string>} */
  #waiting = new Set();
  #timer = 0;
  /** Id of the image beside the deleted one, which gets the focus in the end. */
  #beside = "";

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {(fault: unknown) => void} onFault
   */
  constructor(api, album, onFault) {
    this.api = api;
    this.album = album;
    this.onFault = onFault;
    this.#button.addEventListener("click", () => this.#takeBack());
    addEventListener("pagehide", () => this.#goNow(true));
    the("#lightbox", HTMLElement).addEventListener("close", () => document.body.append(this.#bar));
  }

  /** @param {string} id */
  remove(id) {
    const name = this.album.get(id)?.name ?? id;
    this.#come();
    this.#waiting.add(id);
    this.album.hide(id, true);
    const many = this.#waiting.size;
    the("#undo p", HTMLElement).textContent = many > 1 ? `${many} images deleted` : `\u2068${name}\u2069 deleted`;
    this.#bar.classList.remove("running");
    void this.#bar.offsetWidth;
    this.#bar.classList.add("running");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#goNow(false), SECONDS * 1000);
  }

  /** Show the bar, inside an open dialog because nothing else can be clicked then, and give it the focus in time. */
  #come() {
    const dialog = document.querySelector("dialog[open]");
    (dialog ?? document.body).append(this.#bar);
    this.#bar.hidden = false;
    const { activeElement } = document;
    const tile = activeElement?.closest(".tile");
    const link = (tile?.nextElementSibling ?? tile?.previousElementSibling)?.querySelector("a");
    if (link) this.#beside = link.hash.replace("#picture=", "");
    // The button that deleted a selection is hidden by now.
    if (tile || dialog || activeElement === document.body) this.#button.focus();
  }

  #takeBack() {
    const hadFocus = document.activeElement === this.#button;
    const ids = this.#taken();
    for (const id of ids) this.album.hide(id, false);
    // The tiles come back with the next change of the album.
    if (hadFocus) setTimeout(() => focusTile(...ids), 0);
  }

  /**
   * Delete the waiting images, a few at a time; all at once if the page is closing.
   * @param {boolean} leaving
   */
  #goNow(leaving) {
    const hadFocus = document.activeElement === this.#button;
    const ids = this.#taken();
    const next = async () => {
      for (let id = ids.shift(); id; id = ids.shift()) await this.#go(id, leaving);
    };
    for (let at = leaving ? ids.length : AT_ONCE; at > 0; at -= 1) void next();
    if (hadFocus) focusTile(this.#beside);
  }

  /** @returns {string[]} the waiting ids, which are no longer waiting */
  #taken() {
    clearTimeout(this.#timer);
    this.#bar.hidden = true;
    const ids = [...this.#waiting];
    this.#waiting.clear();
    return ids;
  }

  /**
   * @param {string} id
   * @param {boolean} leaving
   */
  async #go(id, leaving) {
    try {
      await this.api.remove(id, leaving);
    } catch (fault) {
      const goneAnyway = fault instanceof Problem && ["gone", "not_found"].includes(fault.code);
      if (!goneAnyway) {
        this.album.hide(id, false);
        this.onFault(fault);
        return;
      }
    }
    this.album.drop(id);
  }
}
