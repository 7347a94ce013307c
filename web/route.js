/** @file The URL names the open image and the search or folder, so that it can be copied, and Back works. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Lightbox} from "./lightbox.js" */
/** @import {Sharer} from "./types.js" */

import { once, styled } from "./lazy.js";

/** @returns {string | null} the id of the image that the URL names */
export function openId() {
  return new URLSearchParams(location.hash.slice(1)).get("picture");
}

/** @returns {string} the part of the URL that names a search or a folder; empty for all images */
export function viewOf() {
  const parts = new URLSearchParams(location.hash.slice(1));
  parts.delete("picture");
  return String(parts);
}

/**
 * @param {Api} api
 * @param {Album} album
 * @param {{remove: ((id: string) => void) | null, share: Sharer | null}} acts null for those that are not allowed
 */
export function followRoute(api, album, acts) {
  /** @type {Lightbox | null} */
  let lightbox = null;
  let entered = false;
  let view = viewOf();
  // The wall has gone along with the open image.
  history.scrollRestoration = "manual";
  /** @param {string | null} id */
  const name = (id) => {
    const parts = [id && `picture=${id}`, view].filter(Boolean);
    history.replaceState(null, "", location.pathname + (parts.length ? `#${parts.join("&")}` : ""));
  };
  const go = (/** @type {string | null} */ id) => {
    if (id) {
      name(id);
      void follow();
    } else if (entered) history.back();
    else {
      name(null);
      void follow();
    }
  };
  const opened = once(async () => {
    const [{ Lightbox: Made }] = await Promise.all([import("./lightbox.js"), styled("lightbox.css"), styled("panel.css")]);
    return new Made(api, album, { go, ...acts });
  });
  const follow = async () => {
    const id = openId();
    if (!id) {
      entered = false;
      lightbox?.hide();
      return;
    }
    lightbox = await opened();
    if (openId() === id) await lightbox.show(id);
  };
  addEventListener("hashchange", () => {
    const id = openId();
    entered ||= Boolean(id);
    // The link of a tile names the image only.
    if (id && !viewOf()) name(id);
    view = viewOf();
    void follow();
  });
  void follow();
}
