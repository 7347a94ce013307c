/** @file Upload one file to the bucket, with a form that the API has signed. */

/** @import {UploadForm} from "./api.js" */

import { ImagemillError } from "./error.js";

/**
 * @typedef {object} PostOptions
 * @property {(sent: number, total: number) => void} [onProgress] called with bytes, in browsers
 * @property {AbortSignal | undefined} [signal]
 */

/**
 * Post a file with a form, once. The form is valid for 15 minutes and may be used again.
 * @param {Pick<UploadForm, "url" | "fields">} form
 * @param {Blob} file
 * @param {PostOptions} options
 * @returns {Promise<void>} rejects with an ImagemillError, or with the reason of the signal
 */
export async function postForm(form, file, { onProgress, signal } = {}) {
  signal?.throwIfAborted();
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  // S3 ignores the fields after the file.
  body.append("file", file);
  // fetch reports no progress of uploads.
  const post = onProgress && "XMLHttpRequest" in globalThis ? postByXhr : postByFetch;
  // The bytes that are sent include the fields.
  const report = (/** @type {number} */ sent) => onProgress?.(Math.min(sent, file.size), file.size);
  const { status, text } = await post(form.url, body, signal, report);
  if (status >= 200 && status < 300) return;
  const reason = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? "no reason";
  const code = status >= 400 && status < 500 ? "upload_refused" : "upload_failed";
  throw new ImagemillError(code, `the bucket answered ${status}: ${reason}`, { status });
}

/** @typedef {{status: number, text: string}} Answer */

/**
 * @param {string} url
 * @param {FormData} body
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Answer>}
 */
async function postByFetch(url, body, signal) {
  try {
    const answer = await fetch(url, { method: "POST", body, signal: signal ?? null });
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ImagemillError("unreachable", "the bucket did not answer", { cause });
  }
}

/**
 * @param {string} url
 * @param {FormData} body
 * @param {AbortSignal | undefined} signal
 * @param {(sent: number) => void} onProgress
 * @returns {Promise<Answer>}
 */
function postByXhr(url, body, signal, onProgress) {
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
    request.open("POST", url);
    request.send(body);
  });
}
