/** @file The API key: read from the link or entered, and stored until the tab is closed, as a token is. */

/** @import {Access} from "./types.js" */

const PLACE = "imagemill-key";
/** The token of a share link. */
export const SHARE = "imagemill-share";
/** The name of this tab, as long as it has unfinished uploads. */
export const TAB = "imagemill-tab";

/**
 * Remove the key from the URL, so that it is not seen, copied or stored in the history, and return the
 * key to use; null if there is none yet.
 * @returns {string | null}
 */
export function arrivingKey() {
  const given = new URLSearchParams(location.hash.slice(1));
  const key = given.get("key");
  if (key) {
    given.delete("key");
    const rest = given.toString();
    history.replaceState(null, "", location.pathname + (rest ? `#${rest}` : ""));
    keep(key);
  }
  return sessionStorage.getItem(PLACE);
}

/** @param {string} key */
export function keep(key) {
  sessionStorage.removeItem(SHARE);
  sessionStorage.setItem(PLACE, key);
}

/**
 * @param {string} address of the API
 * @param {string} key
 * @returns {Access}
 */
export function keyed(address, key) {
  return { address, isUser: false, headers: async () => ({ "x-api-key": key }), renewed: async () => null };
}

/** Whether the visitor has a share link. */
export function isGuest() {
  return /[#&]share=/.test(location.hash) || SHARE in sessionStorage;
}

/** Delete the stored key or token. */
export function forget() {
  sessionStorage.clear();
}

/** Whether a reload has interrupted uploads of this tab. */
export function hasUnfinished() {
  return sessionStorage.getItem(TAB) !== null;
}
