/** @file Facts that the page derives from a record. */

/** @import {Entry, FocalPoint, ImageRecord, Rendition} from "./types.js" */

const GUESS = 4 / 3;
const NARROWEST = 0.4;
const WIDEST = 3.2;
/** An upload form works for 15 minutes; after 20, its file can no longer arrive. */
const LOST_AFTER_MS = 20 * 60_000;
/** Whether the images are private: then the cookies of an owner open addresses that begin with the owner. */
let hasPrivateImages = false;
/** @type {((record: ImageRecord, rendition: Rendition) => string | undefined) | null} of visits without cookies */
let find = null;

/** The results of `whole`, which the wall needs for every image after each change. */
/** @type {WeakMap<ImageRecord, Rendition[]>} */
const wholes = new WeakMap();

/** Use the addresses of private images from now on. */
export function usePrivateAddresses() {
  hasPrivateImages = true;
}

/** @param {typeof find} other finds addresses from now on */
export function useAddresses(other) {
  find = other;
}

/**
 * @param {Entry} entry
 * @returns {string} a key of words.STATES
 */
export function stateOf({ record, job }) {
  if (job && (job.stage === "queued" || job.stage === "sending" || job.stage === "failed")) return job.stage;
  if (!record) return "pending";
  return isLost(record) ? "lost" : record.status;
}

/**
 * @param {ImageRecord} record
 * @returns {boolean} whether its upload form has expired without a file
 */
export function isLost(record) {
  const age = Date.now() - Date.parse(record.uploaded_at);
  return record.status === "pending" && !record.version_id && age > LOST_AFTER_MS;
}

/**
 * @param {Entry} entry
 * @returns {number} width divided by height, limited to values that fit a row
 */
export function ratioOf({ record, preview }) {
  const shown = record && whole(record)[0];
  const ratio = shown ? shown.width / shown.height : (preview?.ratio ?? GUESS);
  return Math.min(WIDEST, Math.max(NARROWEST, ratio));
}

/**
 * Whether a URL can name a rendition: browsers remove the segments . and .. from a path, also encoded ones,
 * and would show another image. Earlier versions stored renditions under such keys.
 * @param {Rendition} rendition
 */
export function hasAddress({ key }) {
  return !key.split("/").some((segment) => segment === "." || segment === "..");
}

/**
 * The renditions that show the whole image, smallest first; if all are cropped, the largest one.
 * @param {ImageRecord} record
 * @returns {Rendition[]}
 */
export function whole(record) {
  const known = wholes.get(record);
  if (known) return known;
  const found = findWhole(record);
  wholes.set(record, found);
  return found;
}

/** @param {ImageRecord} record */
function findWhole(record) {
  const all = Object.values(record.renditions).filter(hasAddress).sort((a, b) => a.width - b.width);
  const kept = all.filter((one) => isWhole(record, one));
  return kept.length ? kept : all.slice(-1);
}

/**
 * @param {ImageRecord} record
 * @returns {boolean} whether a rendition shows the whole image
 */
export function showsWhole(record) {
  return Object.values(record.renditions).some((one) => hasAddress(one) && isWhole(record, one));
}

/**
 * @param {ImageRecord} record
 * @param {Rendition} one
 */
function isWhole(record, one) {
  const { width, height } = record.original ?? {};
  return !width || !height || Math.abs(one.width - (one.height * width) / height) < 2 + one.width / 50;
}

/** @param {FocalPoint} point */
export function pointText({ x, y }) {
  return `${Math.round(100 * x)}% across, ${Math.round(100 * y)}% down`;
}

/**
 * The URL at which the distribution serves a rendition. A new version has a new URL, so that no cache
 * shows an old one.
 * @param {ImageRecord} record
 * @param {Rendition} rendition
 * @returns {string}
 */
export function addressOf(record, rendition) {
  const found = find?.(record, rendition);
  if (found) return found;
  const path = rendition.key.split("/").map(encodeURIComponent).join("/");
  const version = `${record.sequencer}-${record.recipe}`;
  if (!hasPrivateImages) return `/${path}?x-version=${version}`;
  const owner = record.owner && rendition.key.endsWith(record.key) ? `~${record.owner}/` : "";
  return `/~~/${owner}${version}/${path}`;
}

/**
 * The bytes of an image before and after: of the original, and of the rendition that stands for it, the largest one.
 * @param {ImageRecord} record
 * @returns {{before: number, after: number} | null} null if either is not known
 */
export function bytesOf(record) {
  const [before, after] = [record.original?.bytes, whole(record).at(-1)?.bytes];
  return before && after ? { before, after } : null;
}
