/** @file Attempts after temporary errors. */

import { ImagemillError } from "./error.js";

// The wait before the second attempt, and the longest one, in milliseconds.
const FIRST_MS = 300;
const LONGEST_MS = 10_000;

/**
 * Call a function until it succeeds, at most `retries` times more than once.
 * @template T
 * @param {() => Promise<T>} attempt
 * @param {number} retries
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>} rejects with the last error, or with the reason of the signal
 */
export async function withRetries(attempt, retries, signal) {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const mayRepeat = error instanceof ImagemillError && error.isTransient;
      if (!mayRepeat || tried >= retries) throw error;
      await sleep(Math.max(error.retryAfterMs, backoffMs(tried)), signal);
    }
  }
}

/**
 * @param {number} tried attempts that failed, less one
 * @returns {number} a random wait, so that many clients do not come back at the same time
 */
function backoffMs(tried) {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** tried) * (0.5 + Math.random() / 2);
}

/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>} rejects with the reason of the signal as soon as it is aborted
 */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
