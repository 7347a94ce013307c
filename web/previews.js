/** @file Previews of files before they are uploaded: of those on the screen first, a few at a time. */

/** @import {Album} from "./album.js" */
/** @import {Entry, Job} from "./types.js" */

const AT_ONCE = 3;
/** Widths in px: on the screen, and elsewhere, where a preview only gives the shape. */
const SHARP_PX = 320;
const SMALL_PX = 32;
const GUESS = 4 / 3;

export class Previews {
  /** @type {Set<Job>} */
  #waiting = new Set();
  #busy = 0;

  /**
   * @param {Album} album
   * @param {() => Set<string>} visible ids of the entries on the screen
   */
  constructor(album, visible) {
    this.album = album;
    this.visible = visible;
  }

  /** @param {Job[]} jobs */
  add(jobs) {
    for (const job of jobs) this.#waiting.add(job);
    this.#pump();
  }

  #pump() {
    if (!this.#waiting.size) return;
    const visible = this.visible();
    while (this.#busy < AT_ONCE && this.#waiting.size) {
      const job = [...this.#waiting].find(({ id }) => visible.has(id)) ?? [...this.#waiting][0];
      if (!job) return;
      this.#waiting.delete(job);
      void this.#draw(job, visible.has(job.id) ? SHARP_PX : SMALL_PX);
    }
  }

  /**
   * @param {Job} job
   * @param {number} width
   */
  async #draw(job, width) {
    this.#busy += 1;
    const pixels = await decoded(job, width);
    this.#busy -= 1;
    const entry = this.album.get(job.id);
    if (entry && !isFinal(entry)) {
      entry.preview = { pixels, ratio: pixels ? pixels.width / pixels.height : GUESS };
      this.album.touch();
    } else pixels?.close();
    this.#pump();
  }
}

/** @param {Entry} entry */
function isFinal({ record }) {
  return record !== null && record.status !== "pending";
}

/**
 * @param {Job} job
 * @param {number} width
 * @returns {Promise<ImageBitmap | null>} null if the browser cannot decode the file, or needs not
 */
async function decoded(job, width) {
  if (job.stage === "cancelled") return null;
  try {
    return await createImageBitmap(job.file, { resizeWidth: width, resizeQuality: "medium" });
  } catch {
    return null;
  }
}
