/** @file Verify the webhooks of a stack (docs/webhooks.md), in Node, Deno, Bun and workers. */

/** The request header with the time and the signatures. */
export const SIGNATURE_HEADER = "Imagemill-Signature";
// Longest difference between the time of a signature and that of the receiver, in seconds.
const TOLERANCE_S = 300;
// Longest header that is read; one with two signatures has 150 characters.
const MOST_CHARACTERS = 1024;
const UTF8 = new TextEncoder();

/** @typedef {"signature_malformed" | "signature_mismatch" | "signature_expired" | "body_malformed"} WebhookCode */

/** A request that is no webhook of your stack: answer it with 400, and do nothing else. */
export class WebhookInvalid extends Error {
  /**
   * @param {WebhookCode} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "WebhookInvalid";
    this.code = code;
  }
}

/**
 * A completion event; docs/image-event.schema.json describes `detail`.
 * @typedef {object} WebhookEvent
 * @property {string} id the same in every delivery of the event
 * @property {string} detailType such as `Image ready`
 * @property {string} time ISO 8601 in UTC
 * @property {Record<string, unknown>} detail
 */

/**
 * Return the event of a request.
 * @param {Uint8Array | ArrayBuffer | string} body the bytes as they were received, or their text if it is unchanged
 * @param {string | null | undefined} header the value of `Imagemill-Signature`
 * @param {string | readonly string[]} secrets the secret of the stack, or several that are valid
 * @param {{now?: number, toleranceS?: number}} options `now` is in epoch seconds, by default the present time
 * @returns {Promise<WebhookEvent>} rejects with WebhookInvalid, or with a TypeError for an empty secret
 */
export async function verifyWebhook(body, header, secrets, options = {}) {
  const { now = Date.now() / 1000, toleranceS = TOLERANCE_S } = options;
  const bytes = typeof body === "string" ? UTF8.encode(body) : new Uint8Array(body);
  const { time, signatures } = parsed(header);
  const expected = await Promise.all(each(secrets).map((secret) => signature(secret, time, bytes)));
  // All are compared, so that the duration does not tell which one is right.
  const matches = expected.flatMap((one) => signatures.map((other) => areEqual(one, other)));
  if (!matches.includes(true)) {
    throw new WebhookInvalid("signature_mismatch", "no signature was made with this secret");
  }
  if (Math.abs(now - Number(time)) > toleranceS) {
    throw new WebhookInvalid("signature_expired", `the webhook was signed more than ${toleranceS} s from now`);
  }
  return eventOf(bytes);
}

/** @param {string | null | undefined} header */
function parsed(header) {
  if (!header || header.length > MOST_CHARACTERS) {
    throw new WebhookInvalid("signature_malformed", `expected a header ${SIGNATURE_HEADER}`);
  }
  const fields = header.split(",").map((field) => {
    const [name = "", ...rest] = field.replace(/^[ \t]+|[ \t]+$/g, "").split("=");
    return [name, rest.join("=")];
  });
  const named = (/** @type {string} */ name) => fields.flatMap(([one, value = ""]) => (one === name ? [value] : []));
  const [time = "", ...others] = named("t");
  const signatures = named("v1");
  // Fields with other names are for later versions.
  if (others.length || !/^[0-9]{1,12}$/.test(time) || !signatures.length) {
    throw new WebhookInvalid("signature_malformed", `expected t=TIME,v1=SIGNATURE in ${SIGNATURE_HEADER}`);
  }
  return { time, signatures };
}

/**
 * @param {string | readonly string[]} secrets
 * @returns {readonly string[]}
 */
function each(secrets) {
  const found = typeof secrets === "string" ? [secrets] : secrets;
  // With an empty secret, anybody could sign.
  if (!found.length || !found.every(Boolean)) {
    throw new TypeError("expected the secret of the webhooks, got an empty text");
  }
  return found;
}

/**
 * @param {string} secret
 * @param {string} time
 * @param {Uint8Array} body
 * @returns {Promise<string>} HMAC-SHA256 in hexadecimal digits
 */
async function signature(secret, time, body) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", UTF8.encode(secret), algorithm, false, ["sign"]);
  const head = UTF8.encode(`${time}.`);
  const message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  const digest = await crypto.subtle.sign(algorithm, key, message);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Compare two texts in a time that depends on their length only.
 * @param {string} one
 * @param {string} other
 */
function areEqual(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let place = 0; place < one.length; place++) difference |= one.charCodeAt(place) ^ other.charCodeAt(place);
  return difference === 0;
}

/**
 * @param {Uint8Array} body
 * @returns {WebhookEvent}
 */
function eventOf(body) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const { id, "detail-type": detailType, time, detail } = JSON.parse(text);
    const isRight = [id, detailType, time].every((one) => typeof one === "string") && isObject(detail);
    if (isRight) return { id, detailType, time, detail };
  } catch {
    // Falls through to the error.
  }
  throw new WebhookInvalid("body_malformed", "expected a completion event as JSON");
}

/** @param {unknown} value */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
