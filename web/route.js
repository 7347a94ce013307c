/** @file The URL names the open image, so that it can be copied, and Back closes the image. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Lightbox} from "./lightbox.js" */

import { once, styled } from "./lazy.js";

/** @returns {string | null} the id of the image that the URL names */
export function openId() {
  return new URLSearchParams(location.hash.slice(1)).get("picture");
}

/**
 * @param {Api} api
 * @param {Album} album
 * @param {(id: string) => void} remove
 */
export function followRoute(api, album, remove) {
  /** @type {Lightbox | null} */
  let lightbox = null;
  let entered = false;
  const go = (/** @type {string | null} */ id) => {
    if (id) {
      // The fragment keeps its former name: copied links contain it.
      history.replaceState(null, "", `#picture=${id}`);
      void follow();
    } else if (entered) history.back();
    else {
      history.replaceState(null, "", location.pathname);
      void follow();
    }
  };
  const opened = once(async () => {
    const [{ Lightbox: Made }] = await Promise.all([import("./lightbox.js"), styled("lightbox.css")]);
    return new Made(api, album, { go, remove });
  });
  const follow = async () => {
    const id = openId();
    if (!id) {
      entered = false;
      lightbox?.hide();
      return;
    }
    lightbox = await opened();
    if (location.hash.endsWith(id)) await lightbox.show(id);
  };
  addEventListener("hashchange", () => {
    entered ||= location.hash.startsWith("#picture=");
    void follow();
  });
  void follow();
}
