/** @file The dialog that makes share links, and lists and revokes those of the same image or folder. */

/** @import {Api} from "./api.js" */
/** @import {Share, Target} from "./types.js" */

import { made } from "./dom.js";
import { counted, moment } from "./format.js";
import { once, styled } from "./lazy.js";
import { say } from "./notice.js";
import { refusal } from "./words.js";

const HOUR_S = 3600;
/** Times until a link expires; the API allows 90 days. */
const TIMES = /** @type {[number, string][]} */ ([
  [HOUR_S, "1 hour"],
  [24 * HOUR_S, "1 day"],
  [7 * 24 * HOUR_S, "7 days"],
  [30 * 24 * HOUR_S, "30 days"],
  [90 * 24 * HOUR_S, "90 days"],
]);
const USUAL_S = 7 * 24 * HOUR_S;

const dialog = once(async () => {
  await styled("share.css");
  return new ShareDialog();
});

/**
 * Open the dialog.
 * @param {Api} api
 * @param {string} name of the image or the folder, or the number of images
 * @param {Target[]} targets
 */
export async function show(api, name, targets) {
  (await dialog()).show(api, name, targets);
}

class ShareDialog {
  #dialog = document.createElement("dialog");
  #title = Object.assign(made("h2", ""), { id: "share-words" });
  #time = /** @type {HTMLSelectElement} */ (made("select", ""));
  #originals = Object.assign(document.createElement("input"), { type: "checkbox" });
  #make = made("button", "Make the link", "main");
  #result = made("div", "", "result");
  #links = Object.assign(document.createElement("textarea"), { readOnly: true, rows: 3 });
  #copy = made("button", "Copy", "quiet");
  #said = Object.assign(made("p", "", "said"), { role: "status" });
  #present = made("ul", "", "present");
  /** @type {Target[]} */
  #targets = [];
  /** @type {Api | null} */
  #api = null;

  constructor() {
    this.#build();
  }

  #build() {
    this.#dialog.id = "share";
    this.#dialog.setAttribute("aria-labelledby", this.#title.id);
    for (const [seconds, text] of TIMES) this.#time.append(new Option(text, String(seconds)));
    this.#links.ariaLabel = "Links";
    this.#links.addEventListener("focus", () => this.#links.select());
    this.#present.ariaLabel = "Links that are valid";
    const form = document.createElement("form");
    const time = made("label", "Works for");
    time.append(this.#time);
    const originals = made("label", "", "check");
    originals.append(this.#originals, "Show the original files, too, with all their metadata");
    const close = made("button", "Close", "quiet");
    close.setAttribute("type", "button");
    close.addEventListener("click", () => this.#dialog.close());
    this.#copy.setAttribute("type", "button");
    this.#copy.addEventListener("click", () => void this.#copyLinks());
    this.#result.append(this.#links, this.#copy);
    const hint = made("p", "Everyone who has the link sees this, and nothing else, without signing in.");
    const acts = made("div", "", "acts");
    acts.append(this.#make, close);
    form.append(this.#title, hint, time, originals, acts, this.#result, this.#said, this.#present);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#share();
    });
    this.#dialog.append(form);
    document.body.append(this.#dialog);
  }

  /**
   * @param {Api} api
   * @param {string} name
   * @param {Target[]} targets
   */
  show(api, name, targets) {
    this.#api = api;
    this.#targets = targets;
    this.#title.textContent = `Share ${name}`;
    this.#time.value = String(USUAL_S);
    this.#originals.checked = false;
    this.#result.hidden = true;
    this.#make.textContent = targets.length > 1 ? "Make the links" : "Make the link";
    this.#say("");
    this.#present.replaceChildren();
    if (!this.#dialog.open) this.#dialog.showModal();
    void this.#list();
  }

  async #share() {
    const targets = this.#targets;
    const options = { seconds: Number(this.#time.value), originals: this.#originals.checked };
    this.#make.toggleAttribute("disabled", true);
    this.#say("");
    const links = [];
    try {
      for (const target of targets) links.push(linkOf(await this.#ask("/shares", "POST", { ...target, ...options })));
    } catch (fault) {
      this.#fail(fault);
    }
    this.#make.toggleAttribute("disabled", false);
    if (targets !== this.#targets || !links.length) return;
    this.#links.value = links.join("\n");
    this.#result.hidden = false;
    await this.#copyLinks();
    await this.#list();
  }

  async #copyLinks() {
    const count = this.#links.value.split("\n").length;
    try {
      await navigator.clipboard.writeText(this.#links.value);
      this.#say(`${counted(count, "link")} copied.`);
    } catch {
      this.#links.focus();
      this.#say(`${counted(count, "link")} made. Copy it from the field.`);
    }
  }

  /** List the links of the only image or folder that are valid. */
  async #list() {
    const [target, ...more] = this.#targets;
    if (!target || more.length) return;
    try {
      /** @type {{shares: Share[]}} */
      const { shares } = await this.#ask("/shares?limit=100", "GET");
      if (this.#targets[0] !== target) return;
      const own = shares.filter(({ image, prefix }) => (target.image ? image === target.image : prefix === target.prefix));
      this.#present.replaceChildren(...own.map((share) => this.#row(share)));
    } catch (fault) {
      this.#fail(fault);
    }
  }

  /** @param {Share} share */
  #row(share) {
    const end = moment(share.expires_at);
    const row = made("li", `Valid until ${end}${share.originals ? ", with originals" : ""}`);
    const revoke = made("button", "Revoke", "quiet");
    revoke.setAttribute("type", "button");
    revoke.ariaLabel = `Revoke the link that is valid until ${end}`;
    revoke.addEventListener("click", () => void this.#revoke(share, row));
    row.append(revoke);
    return row;
  }

  /**
   * @param {Share} share
   * @param {HTMLElement} row
   */
  async #revoke(share, row) {
    try {
      await this.#ask(`/shares/${share.id}`, "DELETE");
    } catch (fault) {
      return this.#fail(fault);
    }
    row.remove();
    this.#result.hidden = true;
    this.#make.focus();
    this.#say("The link was revoked. It shows nothing any more.");
  }

  /**
   * @param {string} path
   * @param {string} method
   * @param {object} [wanted] the body
   * @returns {Promise<any>}
   */
  async #ask(path, method, wanted) {
    return this.#api?.ask(path, wanted ? { method, body: JSON.stringify(wanted) } : { method });
  }

  /** @param {unknown} fault */
  #fail(fault) {
    const { code = "internal" } = /** @type {{code?: string}} */ (fault);
    this.#say(code === "forbidden" ? "You may not share this." : refusal(code));
  }

  /** @param {string} text */
  #say(text) {
    this.#said.textContent = text;
    if (text) say(text);
  }
}

/** @param {{url: string | null, token: string}} share */
function linkOf({ url, token }) {
  return url ?? `${location.origin}/#share=${token}`;
}
