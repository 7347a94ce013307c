/** @file Pages of lists, searches and folders: their options, and the images of all pages. */

/** @import {FolderQuery, ListedImage, Listing, SearchQuery, Status} from "./api.js" */

const IMAGES_PER_PAGE = 100;

/**
 * @typedef {object} ListOptions
 * @property {number} [limit] images of a page, 1 to 100
 * @property {string | null} [cursor] that of the page before
 * @property {Status} [status]
 * @property {boolean} [public] whether images have public addresses
 * @property {AbortSignal} [signal]
 */

/**
 * The page of a search or a folder; their other options are those of the API.
 * @typedef {object} PageOptions
 * @property {string | null} [cursor] that of the page before
 * @property {boolean} [public] whether images have public addresses
 * @property {AbortSignal} [signal]
 */

/** @typedef {Omit<SearchQuery, keyof PageOptions> & PageOptions} SearchOptions */
/** @typedef {Omit<FolderQuery, keyof PageOptions | "recursive"> & {recursive?: boolean} & PageOptions} FolderOptions */

/**
 * @template {object} Options
 * @param {(options: Options & {limit: number, cursor: string | null}) => Promise<Listing>} page
 * @param {Options} options
 * @returns {AsyncGenerator<ListedImage, void>}
 */
export async function* allImages(page, options) {
  let cursor = null;
  do {
    /** @type {Listing} */
    const found = await page({ limit: IMAGES_PER_PAGE, ...options, cursor });
    yield* found.images;
    cursor = found.cursor;
  } while (cursor);
}

/**
 * @param {object} options
 * @returns {URLSearchParams} those that are given
 */
export function query(options) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
}
