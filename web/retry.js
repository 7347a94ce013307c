/** @file Which errors of an upload may pass, and the wait before another attempt. */

import { Problem } from "./api.js";
import { Refused } from "./send.js";

/**
 * @param {unknown} fault
 * @returns {boolean} whether the API knows no such upload; it may have expired
 */
export function isUnknown(fault) {
  return fault instanceof Problem && fault.code === "not_found";
}

/** @param {unknown} fault */
export function isSignedOut(fault) {
  return fault instanceof Problem && fault.code === "unauthorized";
}

/**
 * @param {unknown} fault
 * @returns {boolean} whether the API or the bucket could not be reached
 */
export function isUnconnected(fault) {
  return fault instanceof Problem ? fault.code === "unreachable" : !(fault instanceof Refused);
}

/** @param {unknown} fault */
export function mayPass(fault) {
  if (fault instanceof Problem) return fault.passing;
  return !(fault instanceof Refused);
}

/**
 * Wait `ms`, then until there is a network; end early if the signal aborts.
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export async function pause(ms, signal) {
  await new Promise((done) => {
    setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
  if (navigator.onLine || signal.aborted) return;
  await new Promise((done) => {
    addEventListener("online", done, { once: true });
    signal.addEventListener("abort", done, { once: true });
  });
}
