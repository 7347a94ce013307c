/** @file Detect the format of a file by its first bytes, as the pipeline does, before the upload. */

import { reason } from "./words.js";

/** @type {[string, string][]} first bytes of a file, as characters, and its media type */
const BEGINNINGS = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF8", "image/gif"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["II+\0", "image/tiff"],
  ["MM\0+", "image/tiff"],
  ["BM", "image/bmp"],
  ["\0\0\x01\0", "image/vnd.microsoft.icon"],
  ["\0\0\0\x0cjP", "image/jp2"],
  ["\xff\x4f\xff\x51", "image/jp2"],
  ["FUJIFILMCCD-RAW", "image/x-fuji-raf"],
  ["II\x55\0", "image/x-panasonic-rw2"],
  ["IIRO", "image/x-olympus-orf"],
  ["IIRS", "image/x-olympus-orf"],
  ["MMOR", "image/x-olympus-orf"],
];
const HEIF_BRANDS = /^(hei|hev|mif1|msf1)/;
const AVIF_BRANDS = /^avi[fs]/;
/** Bytes that contain every signature, including the brands of HEIF. */
const ENOUGH_BYTES = 32;

/**
 * @param {File} file
 * @returns {Promise<{kind: string} | {why: string}>} the media type, or the reason of a refusal
 */
export async function inspect(file) {
  if (!file.size) return { why: reason("empty") };
  let head;
  try {
    head = String.fromCharCode(...new Uint8Array(await file.slice(0, ENOUGH_BYTES).arrayBuffer()));
  } catch {
    return { why: "The file cannot be read." };
  }
  const kind = kindOf(head);
  if (kind) return { kind };
  return { why: reason(looksLikeImage(head) ? "unsupported_format" : "not_an_image") };
}

/** @param {string} head */
function kindOf(head) {
  const known = BEGINNINGS.find(([beginning]) => head.startsWith(beginning));
  if (known) return known[1];
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  if (head.slice(4, 8) !== "ftyp") return "";
  if (head.slice(8, 12) === "crx ") return "image/x-canon-cr3";
  const brands = [8, 16, 20, 24, 28].map((at) => head.slice(at, at + 4));
  if (brands.some((brand) => AVIF_BRANDS.test(brand))) return "image/avif";
  return brands.some((brand) => HEIF_BRANDS.test(brand)) ? "image/heic" : "";
}

/** @param {string} head */
function looksLikeImage(head) {
  return head.slice(4, 8) === "ftyp" || /^(%PDF|%!PS|8BPS|<svg|<\?xml)/.test(head);
}
