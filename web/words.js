/** @file What codes mean to people. */

/**
 * Why a picture has no renditions, by the codes of docs/architecture.md.
 * @type {Record<string, string>}
 */
const REASONS = {
  empty: "The file is empty.",
  not_an_image: "This is not a picture, whatever its name says.",
  unsupported_format: "Files of this kind cannot be read here.",
  corrupt: "The file is damaged: no browser could show it.",
  too_many_bytes: "The file is too big.",
  too_many_pixels: "The picture has too many pixels.",
  too_many_frames: "The animation has too many frames.",
  over_budget: "Opening the picture would take more memory or time than there is.",
  store_unavailable: "The storage did not answer. The picture itself may be fine.",
  throttled: "Too much was going on at once. The picture itself may be fine.",
  timed_out: "It took too long. The picture itself may be fine.",
  crashed: "The work on it broke off. The picture itself may be fine.",
  internal: "Something went wrong on our side. The picture itself may be fine.",
};

/**
 * Why a request was not answered.
 * @type {Record<string, string>}
 */
const REFUSALS = {
  forbidden: "This key is not accepted.",
  gone: "This picture was deleted.",
  no_address: "No web address leads to this file, because of the dots in its key.",
  not_found: "There is no such picture.",
  not_ready: "This picture is still being worked on; try again in a moment.",
  quota_exceeded: "The key has been used up for today.",
  too_many_requests: "Too many requests at once; it goes on in a moment.",
  unreachable: "The API cannot be reached.",
};

/**
 * @param {string} code
 * @returns {string} a sentence
 */
export function reason(code) {
  return REASONS[code] ?? REFUSALS[code] ?? `Something went wrong (${code}).`;
}

/** @type {Record<string, string>} */
export const STATES = {
  queued: "In the queue",
  sending: "Uploading",
  pending: "Being made",
  lost: "Never arrived",
  ready: "Ready",
  rejected: "Rejected",
  failed: "Failed",
};
