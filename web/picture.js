/** @file Facts that the page derives from a record. */

/** @import {Entry, Picture, Rendition} from "./types.js" */

const GUESS = 4 / 3;
const NARROWEST = 0.4;
const WIDEST = 3.2;
/** An upload form works for 15 minutes; after 20, its file can no longer arrive. */
const LOST_AFTER_MS = 20 * 60_000;

/**
 * @param {Entry} entry
 * @returns {string} a key of words.STATES
 */
export function stateOf({ picture, job }) {
  if (job && (job.stage === "queued" || job.stage === "sending" || job.stage === "failed")) return job.stage;
  if (!picture) return "pending";
  return isLost(picture) ? "lost" : picture.status;
}

/**
 * @param {Picture} picture
 * @returns {boolean} whether its upload form has expired without a file
 */
export function isLost(picture) {
  const age = Date.now() - Date.parse(picture.uploaded_at);
  return picture.status === "pending" && !picture.version_id && age > LOST_AFTER_MS;
}

/**
 * @param {Entry} entry
 * @returns {number} width divided by height, limited to values that fit a row
 */
export function ratioOf({ picture, preview }) {
  const shown = picture && whole(picture)[0];
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
 * @param {Picture} picture
 * @returns {Rendition[]}
 */
export function whole(picture) {
  const all = Object.values(picture.renditions).filter(hasAddress).sort((a, b) => a.width - b.width);
  const { width, height } = picture.original ?? {};
  if (!width || !height) return all;
  const kept = all.filter((one) => Math.abs(one.width - (one.height * width) / height) < 2 + one.width / 50);
  return kept.length ? kept : all.slice(-1);
}

/**
 * The URL at which the distribution serves a rendition. A new version has a new URL, so that no cache
 * shows an old one.
 * @param {Picture} picture
 * @param {Rendition} rendition
 * @returns {string}
 */
export function addressOf(picture, rendition) {
  const path = rendition.key.split("/").map(encodeURIComponent).join("/");
  return `/${path}?x-version=${picture.sequencer}-${picture.recipe}`;
}

/**
 * @param {Picture} picture
 * @returns {number}
 */
export function bytesOut(picture) {
  return Object.values(picture.renditions).reduce((total, one) => total + one.bytes, 0);
}
