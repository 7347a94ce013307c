/** @file Notice changes made elsewhere: ask for the newest images, or a search or folder, and for those on the screen again. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Entry, ImageRecord, Listing, Source} from "./types.js" */

import { Problem } from "./api.js";

/** Shortest and longest delay between two polls of a page that can be seen. */
const SOONEST_MS = 2000;
const LATEST_MS = 30_000;
/** The delay as a share of the time since the visitor did something, or an image changed: 2 s for 10 minutes. */
const PATIENCE = 1 / 300;
/** Longest delay after errors, and how many in a row are not worth a message. */
const LONGEST_MS = 60_000;
const QUIET_FAULTS = 3;
/** Images per poll, half as many again as feed.js loads at a time, so that the pages overlap. */
const PAGE = 60;
/** Largest page of the listing, and most images that are read at the same time. */
const LARGEST = 100;
const AT_ONCE = 8;
/** A position before all others: "~" sorts after digits. */
const TOP = "~";

/** @typedef {{place: string, cursor: string | null, version: string}} Start a position from which the listing can be read */

export class Live {
  /** @type {Start[]} from new to old */
  #starts = [{ place: TOP, cursor: null, version: "" }];
  /** Position of the newest image that was listed. */
  #newest = "";
  #active = Date.now();
  #faults = 0;
  #timer = 0;
  #running = false;

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {{visible: () => Entry[], open: () => string | null, source: () => Source | null}} view the entries in the
   *   viewport, the id of the image in full size, and where the images come from
   * @param {{trouble: (fault: unknown) => void, calm: () => void}} notices
   */
  constructor(api, album, view, notices) {
    this.api = api;
    this.album = album;
    this.view = view;
    this.notices = notices;
    for (const type of ["pointermove", "pointerdown", "keydown", "scroll", "hashchange"])
      addEventListener(type, () => this.#stir(), { passive: true, capture: true });
    for (const type of ["online", "focus"]) addEventListener(type, () => this.#hurry());
    document.addEventListener("visibilitychange", () => this.#hurry());
  }

  /**
   * Begin with a page of the listing that the album has.
   * @param {Listing} page
   * @param {string | null} cursor the cursor that led to it
   */
  note(page, cursor) {
    if (!cursor && !this.#newest) this.#newest = placeOf(page.images[0]) ?? "0";
    this.#remember(page);
    this.wake();
  }

  /** @returns {boolean} whether there is something to ask for */
  get #begun() {
    return Boolean(this.#newest || this.view.source()?.look);
  }

  /** The visitor does something: poll soon again, if the page had become slow. */
  #stir() {
    const slow = this.#delay() > SOONEST_MS;
    this.#active = Date.now();
    if (slow && !this.#faults) this.#hurry();
  }

  #hurry() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#active = Date.now();
    if (document.hidden || this.#running || !this.#begun) return;
    void this.#poll();
  }

  #delay() {
    const idle = Math.min(LATEST_MS, Math.max(SOONEST_MS, (Date.now() - this.#active) * PATIENCE));
    return this.#faults ? Math.min(LONGEST_MS, idle * 2 ** this.#faults) : idle;
  }

  /** @param {number} [least] shortest delay of the next poll, in ms */
  wake(least = 0) {
    if (this.#running || this.#timer || document.hidden || !this.#begun) return;
    this.#timer = setTimeout(() => void this.#poll(), Math.max(least, this.#delay()));
  }

  async #poll() {
    this.#timer = 0;
    if (this.#running || !navigator.onLine) return;
    this.#running = true;
    let wait = 0;
    try {
      await this.#look();
      if (this.#faults >= QUIET_FAULTS) this.notices.calm();
      this.#faults = 0;
    } catch (fault) {
      this.#faults += 1;
      wait = fault instanceof Problem ? fault.waitMs : 0;
      const signedOut = fault instanceof Problem && ["unauthorized", "forbidden"].includes(fault.code);
      if (signedOut || this.#faults === QUIET_FAULTS) this.notices.trouble(fault);
    }
    this.#running = false;
    this.wake(wait);
  }

  /** Look at the newest images, and at the open one or at those on the screen. */
  async #look() {
    const source = this.view.source();
    if (!source?.look) await this.#compare(/** @type {Start} */ (this.#starts[0]));
    const open = this.view.open();
    if (open) return this.#check([open]);
    if (source?.look) return this.#take(await source.look(this.view.visible().map(({ id }) => id)));
    const seen = this.view.visible().flatMap(({ record }) => (record ? [place(record)] : [])).sort();
    const [last, first] = [seen[0], seen.at(-1)];
    if (!last || !first) return;
    const above = this.#starts.filter((one) => one.place > last);
    const from = above.findLastIndex((one) => one.place > first);
    for (const start of above.slice(Math.max(1, from))) await this.#compare(start);
  }

  /**
   * Take the changes of a search or folder over.
   * @param {{images: ImageRecord[], missing: string[]}} look
   */
  async #take({ images, missing }) {
    const news = images.filter((one) => {
      const known = this.album.get(one.id)?.record;
      return !known || differs(one, known);
    });
    if (news.length || missing.length) this.#active = Date.now();
    this.album.learn(news);
    await this.#check(missing);
  }

  /**
   * Read the page of the listing at a position again, and take its changes over.
   * @param {Start} start
   */
  async #compare(start) {
    const page = await this.api.listed(PAGE, start.cursor, start.version);
    if (!page) return;
    this.#active = Date.now();
    const missing = this.#missing(page, start.place);
    this.album.learn(page.images);
    this.#remember(page);
    await this.#check(missing);
    if (!start.cursor) await this.#catchUp(page);
    start.version = page.version;
  }

  /**
   * If there are more new images than a page has, read on to those that were the newest before.
   * @param {Listing} page the newest images
   */
  async #catchUp(page) {
    const known = this.#newest;
    const newest = placeOf(page.images[0]) ?? "0";
    for (let next = page; next.cursor && (placeOf(next.images.at(-1)) ?? TOP) > known; ) {
      next = await this.api.list(LARGEST, next.cursor);
      this.album.learn(next.images);
      this.#remember(next);
    }
    this.#newest = newest;
  }

  /**
   * @param {Listing} page
   * @param {string} from the position at which it begins
   * @returns {string[]} ids of images that are at its place in the album, but not on the page
   */
  #missing(page, from) {
    const to = page.cursor ? (placeOf(page.images.at(-1)) ?? from) : "";
    const listed = new Set(page.images.map(({ id }) => id));
    const expected = this.album.records.filter((one) => place(one) < from && place(one) > to);
    return expected.filter(({ id }) => !listed.has(id)).map(({ id }) => id);
  }

  /**
   * Read images one by one: a listing alone does not tell that an image was deleted.
   * @param {string[]} ids
   */
  async #check(ids) {
    for (let at = 0; at < ids.length; at += AT_ONCE)
      await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => this.#read(id)));
  }

  /** @param {string} id */
  async #read(id) {
    const known = this.album.get(id)?.record;
    try {
      const record = await this.api.read(id);
      if (!known || differs(record, known)) this.album.learn([record]);
    } catch (fault) {
      if (!(fault instanceof Problem) || !["gone", "not_found"].includes(fault.code)) throw fault;
      this.album.drop(id);
    }
  }

  /**
   * Keep the end of a page as a start for later, unless there is one at most a page away.
   * @param {Listing} page
   */
  #remember({ images, cursor }) {
    const end = placeOf(images.at(-1));
    if (!cursor || !end || this.#starts.some((one) => one.place === end)) return;
    const above = /** @type {Start} */ (this.#starts.findLast((one) => one.place > end));
    const between = this.album.records.filter((one) => place(one) < above.place && place(one) >= end);
    if (between.length < PAGE / 2) return;
    this.#starts.splice(this.#starts.indexOf(above) + 1, 0, { place: end, cursor, version: "" });
  }
}

/**
 * @param {ImageRecord} record
 * @returns {string} its position in the listing
 */
function place(record) {
  return `${record.uploaded_at}#${record.id}`;
}

/** @param {ImageRecord | undefined} record */
function placeOf(record) {
  return record && place(record);
}

/**
 * @param {ImageRecord} one
 * @param {ImageRecord} other
 */
function differs(one, other) {
  const version = (/** @type {ImageRecord} */ { status, sequencer, recipe, focus, focus_applied, processed_at }) =>
    JSON.stringify([status, sequencer, recipe, focus, focus_applied, processed_at]);
  return version(one) !== version(other);
}
