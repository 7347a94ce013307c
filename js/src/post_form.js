/** @file Upload one file to the bucket, with a form that the API has signed. */

/** @import {UploadForm} from "./api.js" */

import { sendToBucket } from "./bucket.js";

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
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  // S3 ignores the fields after the file.
  body.append("file", file);
  // The bytes that are sent include the fields.
  const report = onProgress && ((/** @type {number} */ sent) => onProgress(Math.min(sent, file.size), file.size));
  await sendToBucket({ method: "POST", url: form.url, body }, { onProgress: report, signal });
}
