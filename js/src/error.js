/** @file The error of every function of this package. */

// Codes of the API after which the same request may succeed; docs/api.md lists all codes.
const TRANSIENT = new Set([
  "internal",
  "issuer_unavailable",
  "store_unavailable",
  "throttled",
  "timed_out",
  "too_many_requests",
  "unreachable",
  "upload_failed",
]);

/**
 * @typedef {object} ErrorFields
 * @property {number} [status]
 * @property {string | null} [requestId]
 * @property {number} [retryAfterMs]
 * @property {unknown} [cause]
 */

/**
 * An error of the API with its stable `code`, or one of this package:
 *
 * - `unreachable`: no answer of the API or the bucket
 * - `upload_refused`: the bucket refused the file, and would refuse it again
 * - `upload_failed`: the bucket failed to store the file
 * - `wait_timeout`: the image was not processed within the time given to `wait`
 */
export class ImagemillError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {ErrorFields} fields
   */
  constructor(code, message, { status = 0, requestId = null, retryAfterMs = 0, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ImagemillError";
    this.code = code;
    /** The status of the answer; 0 without an answer. */
    this.status = status;
    /** The id by which the log of the API has the request. */
    this.requestId = requestId;
    /** The wait that the API asks for before another attempt, in milliseconds. */
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later. */
  get isTransient() {
    return TRANSIENT.has(this.code);
  }
}

/**
 * Return the error of an answer of the API.
 * @param {Response} answer
 * @returns {Promise<ImagemillError>}
 */
export async function errorOf(answer) {
  // API Gateway itself answers some requests without a problem document.
  const problem = await answer.json().catch(() => null);
  const { status } = answer;
  const code = problem?.code ?? (status >= 500 ? "internal" : "bad_request");
  return new ImagemillError(code, problem?.detail ?? `the API answered ${status}`, {
    status,
    requestId: problem?.request_id ?? null,
    retryAfterMs: Number(answer.headers.get("retry-after")) * 1000 || 0,
  });
}
