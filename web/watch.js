/** @file Poll the status of unfinished images, less and less often. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */

import { Problem } from "./api.js";

/** Shortest and longest delay between two polls. */
const SOONEST_MS = 250;
const LATEST_MS = 20_000;
/** Delay of the next poll, as a share of the time since the last change. */
const PATIENCE = 0.1;
/** Largest page of a listing, and most images that are read one by one per poll. */
const AT_ONCE = 100;
const ONE_BY_ONE = 8;

export class Watch {
  #last = Date.now();
  #timer = 0;
  #running = false;

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {(fault: unknown) => void} onFault
   * @param {() => void} onAnswer
   */
  constructor(api, album, onFault, onAnswer) {
    this.api = api;
    this.album = album;
    this.onFault = onFault;
    this.onAnswer = onAnswer;
    document.addEventListener("visibilitychange", () => this.hurry());
    addEventListener("online", () => this.hurry());
  }

  /** Poll soon: after a change, more changes are likely. */
  hurry() {
    this.#last = Date.now();
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.wake();
  }

  /** Schedule the next poll, if an image is unfinished. */
  wake() {
    if (this.#running || this.#timer || document.hidden || !this.album.waiting) return;
    const quiet = Date.now() - this.#last;
    const delay = Math.min(LATEST_MS, Math.max(SOONEST_MS, quiet * PATIENCE));
    this.#timer = setTimeout(() => void this.#look(), delay);
  }

  async #look() {
    this.#running = true;
    this.#timer = 0;
    let wait = 0;
    try {
      await this.#ask(this.album.open);
      this.onAnswer();
    } catch (fault) {
      wait = fault instanceof Problem ? Math.max(fault.waitMs, 1000) : 1000;
      this.onFault(fault);
    }
    await new Promise((done) => {
      setTimeout(done, wait);
    });
    this.#running = false;
    this.wake();
  }

  /** @param {string[]} open */
  async #ask(open) {
    if (open.length <= 2) return this.#askEach(open);
    const page = await this.api.list(Math.min(AT_ONCE, open.length * 2 + 10));
    const wanted = new Set(open);
    this.#learn(page.images.filter((one) => wanted.delete(one.id)));
    return this.#askEach([...wanted].slice(0, ONE_BY_ONE));
  }

  /** @param {string[]} ids */
  async #askEach(ids) {
    await Promise.all(
      ids.map(async (id) => {
        try {
          this.#learn([await this.api.read(id)]);
        } catch (fault) {
          if (!(fault instanceof Problem) || !["gone", "not_found"].includes(fault.code)) throw fault;
          this.album.drop(id);
        }
      }),
    );
  }

  /** @param {import("./types.js").ImageRecord[]} records */
  #learn(records) {
    if (records.some((one) => one.status !== "pending")) this.#last = Date.now();
    this.album.learn(records);
  }
}
