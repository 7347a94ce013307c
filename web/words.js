/** @file Error codes and states as text for visitors. */

/**
 * Why an image has no renditions, by the error codes in docs/architecture.md.
 * @type {Record<string, string>}
 */
const REASONS = {
  empty: "The file is empty.",
  not_an_image: "This file is not an image.",
  unsupported_format: "This image format is not supported.",
  corrupt: "The file is damaged.",
  too_many_bytes: "The file is too large.",
  too_many_pixels: "The image has too many pixels.",
  too_many_frames: "The animation has too many frames.",
  over_budget: "Processing the image needs more memory or time than the limit.",
  store_unavailable: "The storage did not answer. The image itself may be fine.",
  throttled: "Too many requests at once. The image itself may be fine.",
  issuer_unavailable: "The sign-in service did not answer.",
  timed_out: "Processing took too long. The image itself may be fine.",
  crashed: "Processing stopped unexpectedly. The image itself may be fine.",
  internal: "An internal error occurred. The image itself may be fine.",
};

/**
 * Why a request failed.
 * @type {Record<string, string>}
 */
const REFUSALS = {
  forbidden: "This API key is not valid.",
  gone: "This image was deleted.",
  ignored: "The recipe of this stack ignores uploads.",
  no_address: "This file has no URL, because its key has a segment of dots.",
  not_found: "This image does not exist.",
  not_ready: "This image is still being processed; try again in a moment.",
  read_only: "This stack does not change its bucket of originals.",
  quota_exceeded: "The API key has reached its limit for today.",
  too_many_requests: "Too many requests at once; the page retries in a moment.",
  unauthorized: "You are signed out.",
  unreachable: "The API cannot be reached.",
};

/**
 * @param {string} code
 * @returns {string} a sentence
 */
export function reason(code) {
  return REASONS[code] ?? REFUSALS[code] ?? `An error occurred (${code}).`;
}

/** @type {Record<string, string>} */
export const STATES = {
  queued: "Waiting to upload",
  sending: "Uploading",
  pending: "Processing",
  lost: "Upload not completed",
  ready: "Ready",
  rejected: "Rejected",
  failed: "Failed",
};
