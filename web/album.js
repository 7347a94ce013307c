/** @file The images that the page has loaded, and those that it shows. Dispatches "change" once per batch of changes. */

/** @import {Entry, Job, ImageRecord} from "./types.js" */

import { isLost } from "./record.js";

export class Album extends EventTarget {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Set<string>} */
  #hidden = new Set();
  /** @type {Map<string, string>} sequencers of the deleted images, which a listing may contain for a moment */
  #gone = new Map();
  /** @type {Entry[] | null} the visible entries in order, null after a change */
  #sorted = null;
  #announced = false;
  #taken = 0;
  /** @type {Set<string> | null} ids of the only images to show, in order; null to show all, newest first */
  view = null;
  /** Place of the oldest image that was listed: older ones wait for the pages between. */
  floor = "~";

  /** @returns {readonly Entry[]} the visible entries, in order */
  get shown() {
    this.#sorted ??= this.#ordered().filter((entry) => !this.#hidden.has(entry.id));
    return this.#sorted;
  }

  #ordered() {
    if (this.view) return [...this.view].flatMap((id) => this.#entries.get(id) ?? []);
    const all = [...this.#entries.values()].filter(({ job, place }) => job || place >= this.floor);
    return all.sort((a, b) => (a.place < b.place ? 1 : -1));
  }

  /** @param {Set<string> | null} view */
  narrow(view) {
    this.view = view;
    this.#rearrange();
  }

  /** @returns {ImageRecord[]} the records from the server, hidden ones too, in no order */
  get records() {
    return [...this.#entries.values()].flatMap(({ record }) => (record ? [record] : []));
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

  /** @param {Job} job an upload, which is placed before all others */
  take(job) {
    this.#taken += 1;
    const place = `${new Date().toISOString()}#${String(this.#taken).padStart(9, "0")}`;
    this.#entries.set(job.id, { id: job.id, place, name: job.file.name, record: null, job, preview: null });
    this.#rearrange();
  }

  /**
   * Replace the local id of an upload with the id from the server.
   * @param {string} former
   * @param {string} id
   */
  rename(former, id) {
    const entry = this.#entries.get(former);
    if (!entry || former === id) return;
    this.#entries.delete(former);
    // An upload that was announced and never sent is no image.
    this.#gone.set(former, "");
    const record = this.#entries.get(id)?.record ?? null;
    this.#entries.set(id, Object.assign(entry, { id, record }));
    this.#rearrange();
  }

  /**
   * Store records from the server, except those of images that were deleted since.
   * @param {ImageRecord[]} records
   */
  learn(records) {
    for (const record of records) {
      const deleted = this.#gone.get(record.id);
      if (deleted !== undefined && record.sequencer <= deleted) continue;
      const known = this.#entries.get(record.id);
      const place = `${record.uploaded_at}#${record.id}`;
      const blank = { id: record.id, place, job: null, preview: null };
      const entry = Object.assign(known ?? blank, { name: record.filename, record });
      if (record.status !== "pending") forgetPreview(entry);
      this.#entries.set(record.id, entry);
    }
    if (records.length) this.#rearrange();
  }

  /** @param {string} id of an image that was deleted, or of an upload that was cancelled */
  drop(id) {
    this.#gone.set(id, this.#entries.get(id)?.record?.sequencer ?? "");
    this.#hidden.delete(id);
    if (this.#entries.delete(id)) this.#rearrange();
  }

  /**
   * Hide an image, or show it again after Undo.
   * @param {string} id
   * @param {boolean} hidden
   */
  hide(id, hidden) {
    if (hidden) this.#hidden.add(id);
    else this.#hidden.delete(id);
    this.#rearrange();
  }

  #rearrange() {
    this.#sorted = null;
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

/**
 * Free the pixels of a preview; its tile has a copy.
 * @param {Entry} entry
 */
function forgetPreview(entry) {
  entry.preview?.pixels?.close();
  entry.preview = null;
}
