/** @file The images that the page has loaded, newest first. Dispatches "change" once per batch of changes. */

/** @import {Entry, Job, Picture} from "./types.js" */

import { isLost } from "./picture.js";

export class Album extends EventTarget {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Set<string>} */
  #hidden = new Set();
  #announced = false;

  /** @returns {Entry[]} the visible entries, newest first */
  get shown() {
    return [...this.#entries.values()]
      .filter((entry) => !this.#hidden.has(entry.id))
      .sort((a, b) => (a.place < b.place ? 1 : -1));
  }

  /** @returns {string[]} ids of images whose status may still change on the server */
  get open() {
    const found = [...this.#entries.values()].filter(({ id, picture, job }) => {
      if (this.#hidden.has(id) || (job && job.stage !== "sent")) return false;
      return picture ? picture.status === "pending" && !isLost(picture) : job !== null;
    });
    return found.map(({ id }) => id);
  }

  /** @returns {boolean} */
  get waiting() {
    return this.open.length > 0;
  }

  /**
   * @param {string} id
   * @returns {Entry | undefined}
   */
  get(id) {
    return this.#entries.get(id);
  }

  /** @param {Job} job */
  take(job) {
    const place = `${new Date().toISOString()}#${job.id}`;
    this.#entries.set(job.id, { id: job.id, place, name: job.file.name, picture: null, job, preview: null });
    this.touch();
  }

  /**
   * Replace the local id of an upload with the id from the server.
   * @param {string} former
   * @param {string} id
   */
  rename(former, id) {
    const entry = this.#entries.get(former);
    if (!entry) return;
    this.#entries.delete(former);
    const picture = this.#entries.get(id)?.picture ?? null;
    this.#entries.set(id, Object.assign(entry, { id, picture }));
    this.touch();
  }

  /**
   * Store records from the server.
   * @param {Picture[]} pictures
   */
  learn(pictures) {
    for (const picture of pictures) {
      const known = this.#entries.get(picture.id);
      const place = `${picture.uploaded_at}#${picture.id}`;
      const blank = { id: picture.id, place, job: null, preview: null };
      this.#entries.set(picture.id, Object.assign(known ?? blank, { name: picture.filename, picture }));
    }
    if (pictures.length) this.touch();
  }

  /** @param {string} id */
  drop(id) {
    this.#hidden.delete(id);
    if (this.#entries.delete(id)) this.touch();
  }

  /**
   * Hide an image, or show it again after Undo.
   * @param {string} id
   * @param {boolean} hidden
   */
  hide(id, hidden) {
    if (hidden) this.#hidden.add(id);
    else this.#hidden.delete(id);
    this.touch();
  }

  /** Dispatch "change" in the next microtask. */
  touch() {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      this.dispatchEvent(new Event("change"));
    });
  }
}
