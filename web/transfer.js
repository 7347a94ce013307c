/** @file Load all that uploads need, when the first one begins. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Wall} from "./wall.js" */

import { styled } from "./lazy.js";
import { Tray } from "./tray.js";
import { Uploads } from "./uploads.js";

/**
 * @param {Api} api
 * @param {Album} album
 * @param {Wall} wall
 * @param {() => Promise<{hurry: () => void}>} watch
 * @param {(fault: unknown) => void} trouble
 * @returns {Promise<Uploads>}
 */
export async function transfer(api, album, wall, watch, trouble) {
  await styled("panels.css");
  const uploads = new Uploads(api, album, trouble, () => new Set(wall.visible.map(({ id }) => id)));
  new Tray(uploads);
  uploads.addEventListener("sent", () => void watch().then((one) => one.hurry(), trouble));
  addEventListener("beforeunload", (event) => {
    if (uploads.underway) event.preventDefault();
  });
  return uploads;
}
