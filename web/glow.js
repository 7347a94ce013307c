/** @file The light around an image in full size: its ThumbHash, blurred by the style sheet. */

import { decode } from "./thumbhash.js";

/**
 * @param {HTMLCanvasElement} canvas hidden if there is no ThumbHash
 * @param {string | null} placeholder
 */
export function paintGlow(canvas, placeholder) {
  const pixels = placeholder ? decode(placeholder) : null;
  canvas.hidden = !pixels;
  if (!pixels) return;
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}
