/** @file The pages of a search or folder, which are read again to notice changes made elsewhere. */

/** @import {Folder, Found} from "./types.js" */

/** Images per look, half as many again as a page has, so that the pages overlap. */
const LOOK = 60;
/** Most pages that are read to reach an image that is known. */
const FARTHEST = 10;

/** @typedef {{cursor: string | null, ids: string[], folders: Folder[]}} Part a page, and the cursor that led to it */
/**
 * @typedef {object} Look
 * @property {Found["images"]} images those of the pages that were read again
 * @property {string[]} missing ids of images that were shown, and may be deleted
 * @property {string | null} cursor of images behind the former end
 */

export class Pages {
  /** @type {Part[]} */
  #parts = [];
  /** Whether the last look has read many records for few images. */
  isDear = false;

  /** @param {(cursor: string | null, limit: number) => Promise<Found>} read */
  constructor(read) {
    this.read = read;
  }

  /** @returns {string[]} the ids of the images, in order */
  get ids() {
    return this.#parts.flatMap(({ ids }) => ids);
  }

  get folders() {
    return this.#parts.flatMap(({ folders }) => folders);
  }

  /**
   * @param {Found} page
   * @param {string | null} cursor
   */
  add(page, cursor) {
    const known = new Set(this.ids);
    const ids = idsOf(page).filter((id) => !known.has(id));
    this.#parts.push({ cursor, ids, folders: page.folders ?? [] });
  }

  /**
   * Read the first page again, and those on the screen.
   * @param {string[]} seen ids of the images on the screen
   * @param {boolean} isAll whether the last page has been read
   * @returns {Promise<Look>}
   */
  async look(seen, isAll) {
    const shown = new Set(seen);
    const former = this.ids;
    const last = this.#parts.at(-1);
    /** @type {Look} */
    const look = { images: [], missing: [], cursor: null };
    this.isDear = false;
    for (const part of this.#parts.filter(({ ids }, at) => at === 0 || ids.some((id) => shown.has(id)))) {
      const isEnd = isAll && part === last;
      const page = await this.#reached(part.cursor, isEnd);
      look.images.push(...page.images);
      look.missing.push(...this.#replace(part, page, isEnd));
      if (isEnd) look.cursor = page.cursor;
    }
    const now = new Set(this.ids);
    look.missing.push(...former.filter((id) => !now.has(id)));
    return look;
  }

  /**
   * Read from a cursor to an image that is known, or to the end.
   * @param {string | null} cursor
   * @param {boolean} isEnd
   */
  async #reached(cursor, isEnd) {
    const known = new Set(this.ids);
    const whole = await this.read(cursor, LOOK);
    this.isDear ||= whole.cursor !== null && whole.images.length + (whole.folders ?? []).length < LOOK;
    for (let pages = 1; pages < FARTHEST && known.size && !isEnd && whole.cursor; pages += 1) {
      // A short page has read as many records as it may.
      if (whole.images.length < pages * LOOK || whole.images.some(({ id }) => known.has(id))) break;
      const more = await this.read(whole.cursor, LOOK);
      whole.images.push(...more.images);
      whole.folders?.push(...(more.folders ?? []));
      whole.cursor = more.cursor;
    }
    return whole;
  }

  /**
   * @param {Part} part
   * @param {Found} page the images there now, and some that follow
   * @param {boolean} isEnd whether nothing followed before
   * @returns {string[]} ids of images behind the page that may be deleted
   */
  #replace(part, page, isEnd) {
    const at = this.#parts.indexOf(part);
    const later = new Set(this.#parts.slice(at + 1).flatMap(({ ids }) => ids));
    const listed = idsOf(page);
    const next = listed.findIndex((id) => later.has(id));
    const known = part.ids;
    part.ids = next < 0 ? listed : listed.slice(0, next);
    if (next >= 0 || !page.cursor || isEnd) {
      this.#replaceFolders(part, page, page.images[next]?.key);
      return [];
    }
    const among = new Set(listed);
    const tail = known.slice(known.findLastIndex((id) => among.has(id)) + 1);
    if (listed.length >= LOOK) this.#parts.splice(at + 1, 0, { cursor: page.cursor, ids: tail, folders: [] });
    else part.ids.push(...tail);
    return listed.length < LOOK ? tail : [];
  }

  /**
   * @param {Part} part
   * @param {Found} page
   * @param {string} [end] key of the first image of the next part
   */
  #replaceFolders(part, { folders = [] }, end) {
    const others = new Set(this.#parts.filter((one) => one !== part).flatMap((one) => one.folders.map(({ prefix }) => prefix)));
    part.folders = folders.filter(({ prefix }) => !others.has(prefix) && (!end || prefix < end));
  }
}

/** @param {Found} page */
function idsOf({ images }) {
  return images.map(({ id }) => id);
}
