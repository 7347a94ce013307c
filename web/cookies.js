/** @file Signed cookies, with which the distribution shows private images to this page. */

import { Problem } from "./api.js";
import { usePrivateAddresses } from "./record.js";

/** @import {Api} from "./api.js" */

/** Where `forget` finds out that there are cookies to delete. */
const PLACE = "imagemill-cookies";
const LEAST_WAIT_MS = 10_000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let renewal;

/**
 * Set the cookies of the present credentials, and renew them before they end. An error is left to the next
 * request, which the API refuses for the same reason.
 * @param {Api} api
 */
export async function openImages(api) {
  usePrivateAddresses();
  clearTimeout(renewal);
  let wait = LEAST_WAIT_MS;
  try {
    const { url, expires_at } = await api.open();
    await fetch(url, { cache: "no-store" });
    sessionStorage.setItem(PLACE, "set");
    wait = Math.max(LEAST_WAIT_MS, (Date.parse(expires_at) - Date.now()) / 2);
  } catch (fault) {
    if (fault instanceof Problem && !fault.passing) return;
  }
  renewal = setTimeout(() => void openImages(api), wait);
}

/** Delete the cookies, if this tab has set some. */
export function closeImages() {
  clearTimeout(renewal);
  if (!sessionStorage.getItem(PLACE)) return;
  sessionStorage.removeItem(PLACE);
  void fetch("/~cookies", { cache: "no-store", keepalive: true });
}
