/** @file Send a request to the bucket. */

import { ImagemillError } from "./error.js";

/** @typedef {{status: number, text: string}} Answer */

/**
 * @typedef {object} BucketRequest
 * @property {string} method
 * @property {string} url
 * @property {Record<string, string>} [headers]
 * @property {FormData | ArrayBuffer} body
 */

/**
 * @typedef {object} SendOptions
 * @property {((sent: number) => void) | undefined} [onProgress] called with bytes of the body, in browsers
 * @property {AbortSignal | undefined} [signal]
 */

/**
 * Send a request to the bucket, once.
 * @param {BucketRequest} request
 * @param {SendOptions} options
 * @returns {Promise<void>} rejects with an ImagemillError, or with the reason of the signal
 */
export async function sendToBucket(request, { onProgress, signal }) {
  signal?.throwIfAborted();
  // fetch reports no progress of uploads.
  const withXhr = onProgress && "XMLHttpRequest" in globalThis;
  const { status, text } = await (withXhr ? sendByXhr(request, signal, onProgress) : sendByFetch(request, signal));
  if (status >= 200 && status < 300) return;
  const reason = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? "no reason";
  const code = status >= 400 && status < 500 ? "upload_refused" : "upload_failed";
  throw new ImagemillError(code, `the bucket answered ${status}: ${reason}`, { status });
}

/**
 * @param {BucketRequest} request
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Answer>}
 */
async function sendByFetch({ url, ...request }, signal) {
  try {
    const answer = await fetch(url, { ...request, signal: signal ?? null });
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ImagemillError("unreachable", "the bucket did not answer", { cause });
  }
}

/**
 * @param {BucketRequest} request
 * @param {AbortSignal | undefined} signal
 * @param {(sent: number) => void} onProgress
 * @returns {Promise<Answer>}
 */
function sendByXhr({ method, url, headers = {}, body }, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal?.addEventListener("abort", stop, { once: true });
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("loadend", () => {
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) reject(signal.reason);
      else if (request.status) resolve({ status: request.status, text: request.responseText });
      else reject(new ImagemillError("unreachable", "the bucket did not answer"));
    });
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(body);
  });
}
