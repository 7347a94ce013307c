/** @file Upload one file, or a part of one, directly to the bucket. */

/** @import {Ticket} from "./types.js" */

/** The bucket refused the upload; a retry gives the same result. */
export class Refused extends Error {}

/** @typedef {{onProgress: (sent: number) => void, signal: AbortSignal}} Sending */

/**
 * Post a file with its form.
 * @param {Ticket} ticket
 * @param {File} file
 * @param {Sending} sending
 * @returns {Promise<void>} rejects as `sendBody`
 */
export function send(ticket, file, sending) {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  form.append("file", file);
  return sendBody({ method: "POST", url: ticket.url, headers: {} }, form, sending);
}

/**
 * Send a request to the bucket. It uses XMLHttpRequest, because fetch reports no upload progress.
 * @param {{method: string, url: string, headers: Record<string, string>}} target
 * @param {XMLHttpRequestBodyInit} body
 * @param {Sending} sending
 * @returns {Promise<void>} rejects with Refused, or with an Error if a retry may succeed
 */
export function sendBody({ method, url, headers }, body, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener("abort", stop, { once: true });
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("loadend", () => {
      signal.removeEventListener("abort", stop);
      const { status } = request;
      if (status >= 200 && status < 300) resolve();
      else if (status >= 400 && status < 500) reject(new Refused(`the bucket answered ${status}`));
      else reject(new Error(`the bucket answered ${status}`));
    });
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(body);
  });
}
