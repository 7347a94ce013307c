/** @file Upload one file directly to the bucket. */

/** @import {Ticket} from "./types.js" */

/** The bucket refused the upload; a retry gives the same result. */
export class Refused extends Error {}

/**
 * Post a file with its form. It uses XMLHttpRequest, because fetch reports no upload progress.
 * @param {Ticket} ticket
 * @param {File} file
 * @param {(sent: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects with Refused, or with an Error if a retry may succeed
 */
export function send(ticket, file, onProgress, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  form.append("file", file);
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
    request.open("POST", ticket.url);
    request.send(form);
  });
}
