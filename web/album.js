/** @file The images that the page has loaded, newest first. Dispatches "change" once per batch of changes. */

/** @import {Entry, Job, ImageRecord} from "./types.js" */

import { isLost } from "./record.js";

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
    const found = [...this.#entries.values()].filter(({ id, record, job }) => {
      if (this.#hidden.has(id) || (job && job.stage !== "sent")) return false;
      return record ? record.status === "pending" && !isLost(record) : job !== null;
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
    this.#entries.set(job.id, { id: job.id, place, name: job.file.name, record: null, job, preview: null });
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
    const record = this.#entries.get(id)?.record ?? null;
    this.#entries.set(id, Object.assign(entry, { id, record }));
    this.touch();
  }

  /**
   * Store records from the server.
   * @param {ImageRecord[]} records
   */
  learn(records) {
    for (const record of records) {
      const known = this.#entries.get(record.id);
      const place = `${record.uploaded_at}#${record.id}`;
      const blank = { id: record.id, place, job: null, preview: null };
      this.#entries.set(record.id, Object.assign(known ?? blank, { name: record.filename, record }));
    }
    if (records.length) this.touch();
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
