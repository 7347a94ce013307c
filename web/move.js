/** @file Move images to a folder: a dialog with the folders that exist. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Found} from "./types.js" */

import { Problem } from "./api.js";
import { made } from "./dom.js";
import { focusTile } from "./focus.js";
import { counted } from "./format.js";
import { say } from "./notice.js";
import { refusal } from "./words.js";

/** How long after a letter the folders are listed. */
const TYPING_MS = 250;
const MOST_FOLDERS = 100;
const REFUSALS = /** @type {Record<string, string>} */ ({
  ignored: "The images of this folder are not processed.",
  invalid_request: "This cannot be the name of a folder.",
  read_only: "The originals of this stack cannot be moved.",
});

export class Mover {
  #dialog = document.createElement("dialog");
  #field = document.createElement("input");
  #folders = document.createElement("datalist");
  #said = made("p", "", "said");
  #go = made("button", "Move", "main");
  /** @type {string[]} */
  #ids = [];
  #timer = 0;
  #listed = "";

  /**
   * @param {Api} api
   * @param {Album} album
   */
  constructor(api, album) {
    this.api = api;
    this.album = album;
    this.#build();
  }

  #build() {
    this.#dialog.id = "move";
    this.#dialog.setAttribute("aria-labelledby", "move-words");
    this.#folders.id = "move-folders";
    Object.assign(this.#field, { name: "folder", autocomplete: "off", maxLength: 1024, placeholder: "holiday/2026/" });
    this.#field.setAttribute("list", this.#folders.id);
    this.#field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#suggest(), TYPING_MS);
    });
    this.#said.role = "status";
    const heading = Object.assign(made("h2", ""), { id: "move-words" });
    const cancel = made("button", "Cancel", "quiet");
    cancel.setAttribute("type", "button");
    cancel.addEventListener("click", () => this.#dialog.close());
    const label = document.createElement("label");
    label.append(made("span", "Folder; empty for the top"), this.#field);
    const acts = made("div", "", "acts");
    acts.append(cancel, this.#go);
    const form = document.createElement("form");
    form.append(heading, label, this.#folders, this.#said, acts);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#move();
    });
    this.#dialog.append(form);
    document.body.append(this.#dialog);
  }

  /** @param {string[]} ids of the images to move */
  ask(ids) {
    this.#ids = ids;
    this.#said.textContent = "";
    /** @type {HTMLElement} */ (this.#dialog.querySelector("h2")).textContent = `Move ${counted(ids.length, "image")} to`;
    this.#dialog.showModal();
    this.#field.select();
    this.#listed = "-";
    void this.#suggest();
  }

  /**
   * Move images without a question; the dialog opens only to say why some are not moved.
   * @param {string[]} ids
   * @param {string} folder
   */
  async put(ids, folder) {
    this.#ids = ids;
    this.#field.value = folder;
    await this.#move();
    if (!this.#ids.length || this.#dialog.open) return;
    const why = this.#said.textContent;
    this.ask(this.#ids);
    this.#said.textContent = why;
  }

  /** List the folders in the folder that is typed; without them the name can be typed. */
  async #suggest() {
    const prefix = this.#field.value.replace(/^\/+|[^/]*$/gu, "");
    if (prefix === this.#listed) return;
    this.#listed = prefix;
    const query = new URLSearchParams({ prefix, limit: String(MOST_FOLDERS) });
    const { folders = [] } = await this.api.find("folders", query).catch(() => /** @type {Partial<Found>} */ ({}));
    if (this.#listed !== prefix) return;
    this.#folders.replaceChildren(...folders.map((one) => new Option("", one.prefix)));
  }

  async #move() {
    const folder = folderOf(this.#field.value);
    /** @type {string[]} */
    const left = [];
    let why = "";
    this.#go.toggleAttribute("disabled", true);
    for (const [at, id] of this.#ids.entries()) {
      if (this.#ids.length > 1) this.#said.textContent = `${at + 1} of ${this.#ids.length} …`;
      const problem = await this.#moveOne(id, folder);
      if (!problem) continue;
      left.push(id);
      why = problem;
    }
    this.#go.toggleAttribute("disabled", false);
    const moved = this.#ids.length - left.length;
    this.#ids = left;
    if (moved) say(`${counted(moved, "image")} moved to ${folder || "the top"}`);
    if (!left.length) return this.#end();
    this.#said.textContent = `${counted(left.length, "image")} not moved. ${why}`;
  }

  /** Close the dialog; the button that opened it is hidden, since nothing is selected any more. */
  #end() {
    if (!this.#dialog.open) return;
    this.#dialog.close();
    focusTile();
  }

  /**
   * @param {string} id
   * @param {string} folder
   * @returns {Promise<string>} why it did not move; empty if it did
   */
  async #moveOne(id, folder) {
    try {
      const moved = await this.api.ask(`/images/${id}/move`, { method: "POST", body: JSON.stringify({ prefix: folder }) });
      this.album.drop(id);
      // Without the record, the image appears with the next changes.
      const record = await this.api.read(moved.id).catch(() => null);
      if (record) this.album.learn([record]);
      return "";
    } catch (fault) {
      const code = fault instanceof Problem ? fault.code : "internal";
      return REFUSALS[code] ?? refusal(code);
    }
  }
}

/**
 * @param {string} text
 * @returns {string} the prefix of the keys in a folder
 */
function folderOf(text) {
  const folder = text.trim().replace(/^\/+/u, "");
  return !folder || folder.endsWith("/") ? folder : `${folder}/`;
}
