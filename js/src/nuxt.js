/** @file A provider for @nuxt/image; the `src` of an image is its key. */

import { imageUrl } from "./urls.js";

/** @import {UrlOptions} from "./urls.js" */

/** @type {Record<string, UrlOptions["fit"]>} */
const FITS = { cover: "crop", contain: "fill", fill: "scale", inside: "max", outside: "crop" };
/** @type {Record<string, UrlOptions["format"]>} */
const FORMATS = { auto: "auto", jpeg: "jpg", jpg: "jpg", png: "png", webp: "webp", avif: "avif", jxl: "jxl" };
// `blur` is that of placeholders, and left out: a placeholder is small, but unsigned URLs have no blur.
const KNOWN = new Set(["width", "height", "quality", "format", "fit", "blur"]);

/**
 * @typedef {object} NuxtModifiers
 * @property {number | string | undefined} [width]
 * @property {number | string | undefined} [height]
 * @property {number | string | undefined} [quality]
 * @property {string | undefined} [format]
 * @property {string | undefined} [fit]
 * @property {unknown} [blur]
 */

/**
 * Return the URL of an image. @nuxt/image adds a slash at the beginning of the key, which is left out.
 * @param {string} src
 * @param {{modifiers?: NuxtModifiers, baseURL?: string}} options `baseURL` is the URL of images on request
 * @returns {{url: string}} throws a TypeError for a modifier, a format or a fit that unsigned URLs do not have
 */
function getImage(src, { modifiers = {}, baseURL = "" }) {
  if (!baseURL) throw new TypeError("expected the option baseURL: the URL of images on request");
  const unknown = Object.entries(modifiers).find(([name, value]) => value && !KNOWN.has(name));
  if (unknown) throw new TypeError(`expected one of ${[...KNOWN].join(", ")} as modifier, got ${unknown[0]}`);
  const { width, height, quality, format, fit } = modifiers;
  const url = imageUrl(baseURL, src.replace(/^\//, ""), {
    width: Number(width) || undefined,
    height: Number(height) || undefined,
    quality: Number(quality) || undefined,
    format: translated(FORMATS, format, "format"),
    fit: translated(FITS, fit, "fit"),
  });
  return { url };
}

/**
 * @template T
 * @param {Record<string, T>} table
 * @param {string | undefined} value
 * @param {string} name
 * @returns {T | undefined}
 */
function translated(table, value, name) {
  if (!value) return undefined;
  const found = table[value];
  if (!found) throw new TypeError(`expected one of ${Object.keys(table).join(", ")} as ${name}, got ${value}`);
  return found;
}

/** @nuxt/image calls the provider once to get its functions. */
export default function imagemillProvider() {
  return { getImage };
}
