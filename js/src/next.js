/** @file A loader for next/image. */

import { imageUrl } from "./urls.js";

/**
 * Return a loader for the setting `images.loaderFile` of Next.js, or for the property `loader` of an image. The `src`
 * of an image is its key; a slash at the beginning is left out.
 * @param {string} imagesUrl `images_url` of `imagemill up --json`, or the output ImagesUrl of the stack
 * @returns {(image: {src: string, width: number, quality?: number | undefined}) => string}
 */
export function nextLoader(imagesUrl) {
  if (!imagesUrl) throw new TypeError("expected the URL of images on request");
  return ({ src, width, quality }) => imageUrl(imagesUrl, src.replace(/^\//, ""), { width, quality });
}
