/** @file Upload a large file in parts. After an interruption, only the parts that have not arrived are sent. */

/** @import {ArrivedParts, PartsUpload, PartUrls, UploadRequest} from "./api.js" */
/** @import {ApiRequest, UploadOptions} from "./client.js" */

import { sendToBucket } from "./bucket.js";
import { ImagemillError } from "./error.js";
import { withRetries } from "./retry.js";

/** Bytes from which a file is sent in parts: with fewer, a new attempt costs little. */
export const PARTS_FROM = 32 * 1024 * 1024;
// The statuses of an API of an earlier version, or of a server that passes on other routes only.
const NO_ROUTE = [404, 405];

/**
 * The requests to the API, and the attempts after the first one for each part.
 * @typedef {{ask: (place: string, request: ApiRequest) => Promise<any>, retries: number}} PartsApi
 */

/**
 * Upload a file in parts, or continue the upload `options.resume`.
 * @param {PartsApi} api
 * @param {UploadRequest} request
 * @param {Blob} file
 * @param {UploadOptions} options
 * @returns {Promise<PartsUpload | null>} null if the API takes no parts
 */
export async function uploadInParts(api, request, file, options) {
  const { resume, signal } = options;
  if (isInParts(resume) && (await isContinued(api, resume, file, options))) return resume;
  const begun = await begin(api, request, signal);
  if (!begun) return null;
  options.onForm?.(begun);
  await orAbort(api, begun, signal, () => sendMissing(api, begun, file, new Map(), options));
  return begun;
}

/**
 * @param {PartsApi} api
 * @param {PartsUpload} upload
 * @param {Blob} file
 * @param {UploadOptions} options
 * @returns {Promise<boolean>} false if the upload has expired or was aborted
 */
async function isContinued(api, upload, file, options) {
  const { signal } = options;
  try {
    await orAbort(api, upload, signal, async () => {
      const arrived = await arrivedParts(api, upload, signal);
      if (arrived) await sendMissing(api, upload, file, arrived, options);
      // The answer to the request that completed the upload may have been lost: it can be repeated.
      else await complete(api, upload, signal);
    });
    return true;
  } catch (error) {
    if (isUnknown(error)) return false;
    throw error;
  }
}

/**
 * @param {PartsApi} api
 * @param {UploadRequest} json
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<PartsUpload | null>}
 */
async function begin(api, json, signal) {
  try {
    return await api.ask("/multipart", { method: "POST", json, signal });
  } catch (error) {
    if (error instanceof ImagemillError && NO_ROUTE.includes(error.status)) return null;
    throw error;
  }
}

/**
 * @param {PartsApi} api
 * @param {PartsUpload} upload
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Map<number, string> | null>} checksums by number; null if the upload has ended
 */
async function arrivedParts(api, upload, signal) {
  try {
    /** @type {ArrivedParts} */
    const { parts } = await api.ask(`${pathOf(upload)}/parts${queryOf(upload)}`, { signal });
    return new Map(parts.map(({ number, sha256 }) => [number, sha256]));
  } catch (error) {
    if (isUnknown(error)) return null;
    throw error;
  }
}

/**
 * Send the parts that have not arrived, and complete the upload.
 * @param {PartsApi} api
 * @param {PartsUpload} upload
 * @param {Blob} file
 * @param {Map<number, string>} arrived
 * @param {UploadOptions} options
 */
async function sendMissing(api, upload, file, arrived, { onProgress, signal }) {
  const step = upload.part_bytes;
  for (let at = 0; at < file.size; at += step) {
    const bytes = await file.slice(at, at + step).arrayBuffer();
    const sha256 = base64(await crypto.subtle.digest("SHA-256", bytes));
    const number = at / step + 1;
    const report = onProgress && ((/** @type {number} */ sent) => onProgress(at + sent, file.size));
    if (arrived.get(number) !== sha256) {
      const json = { upload_id: upload.upload_id, parts: [{ number, sha256 }] };
      await withRetries(
        async () => {
          /** @type {PartUrls} */
          const { parts } = await api.ask(`${pathOf(upload)}/parts`, { method: "POST", json, signal });
          for (const { url, headers } of parts)
            await sendToBucket({ method: "PUT", url, headers, body: bytes }, { onProgress: report, signal });
        },
        api.retries,
        signal,
      );
    }
    report?.(bytes.byteLength);
  }
  await complete(api, upload, signal);
}

/**
 * @param {PartsApi} api
 * @param {PartsUpload} upload
 * @param {AbortSignal | undefined} signal
 */
async function complete(api, upload, signal) {
  signal?.throwIfAborted();
  await api.ask(`${pathOf(upload)}/complete`, { method: "POST", json: { upload_id: upload.upload_id }, signal });
}

/**
 * Upload, and remove the parts that have arrived if the signal is aborted.
 * @param {PartsApi} api
 * @param {PartsUpload} upload
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<void>} act
 */
async function orAbort(api, upload, signal, act) {
  try {
    await act();
  } catch (error) {
    // The bucket removes abandoned parts after two days, if this request fails.
    if (signal?.aborted) api.ask(pathOf(upload) + queryOf(upload), { method: "DELETE" }).catch(() => {});
    throw error;
  }
}

/**
 * @param {UploadOptions["resume"]} upload
 * @returns {upload is PartsUpload}
 */
export function isInParts(upload) {
  return Boolean(upload && "upload_id" in upload);
}

/** @param {unknown} error */
function isUnknown(error) {
  return error instanceof ImagemillError && error.code === "not_found";
}

/** @param {PartsUpload} upload */
function pathOf({ id }) {
  return `/multipart/${encodeURIComponent(id)}`;
}

/** @param {PartsUpload} upload */
function queryOf({ upload_id }) {
  return `?${new URLSearchParams({ upload_id })}`;
}

/** @param {ArrayBuffer} bytes */
function base64(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
