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
  store_unavailable: "The storage did not answer.",
  throttled: "Too many requests at once.",
  issuer_unavailable: "The sign-in service did not answer.",
  timed_out: "Processing took too long.",
  crashed: "Processing stopped unexpectedly.",
  internal: "An internal error occurred.",
};

/**
 * Why a request failed.
 * @type {Record<string, string>}
 */
const REFUSALS = {
  exists: "There is an image with this name already.",
  forbidden: "This API key is not valid.",
  gone: "This image was deleted.",
  ignored: "The recipe of this stack ignores uploads.",
  no_address: "This file has no URL, because its key has a segment of dots.",
  not_found: "This image does not exist.",
  not_ready: "This image is still being processed; try again in a moment.",
  read_only: "This stack does not change its bucket of originals.",
  share_expired: "This link has expired.",
  share_revoked: "This link was revoked.",
  quota_exceeded: "The API key has reached its limit for today.",
  timed_out: "The API took too long to answer.",
  too_many_requests: "Too many requests at once; the page retries in a moment.",
  unauthorized: "You are signed out.",
  unreachable: "The API cannot be reached.",
};

/** Codes that say nothing about the image itself. */
const PASSING = ["store_unavailable", "throttled", "timed_out", "crashed", "internal"];

/**
 * @param {string} code of a record, or of a request for one image
 * @returns {string} one or two sentences
 */
export function reason(code) {
  const text = REASONS[code] ?? refusal(code);
  return PASSING.includes(code) ? `${text} The image itself may be fine.` : text;
}

/**
 * @param {string} code of a request that failed
 * @returns {string} a sentence that says nothing about an image
 */
export function refusal(code) {
  return REFUSALS[code] ?? REASONS[code] ?? `An error occurred (${code}).`;
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
  deleted: "Deleted",
};
