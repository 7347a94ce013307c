/** @file Upload a large file in parts. After an interruption, only the parts that have not arrived are sent. */

/** @import {Api} from "./api.js" */
/** @import {Sending} from "./send.js" */
/** @import {Job, PartsTicket} from "./types.js" */

import { Problem } from "./api.js";
import { Refused, sendBody } from "./send.js";

/** The record of an upload expires after a day; the upload is not continued in its last hour. */
const CONTINUED_MS = 23 * 3600_000;
/** Codes of an API of an earlier version, which has no routes for parts. */
const NO_ROUTE = ["not_found", "method_not_allowed"];

/**
 * Begin an upload in parts.
 * @param {Api} api
 * @param {Job} job
 * @returns {Promise<PartsTicket | null>} null if the API takes no parts
 */
export async function beginParts(api, { file, kind }) {
  const json = { filename: file.name || "image", content_type: kind, bytes: file.size };
  try {
    const { id, key, upload_id, part_bytes } = await api.ask("/multipart", posted(json));
    return { id, key, upload_id, part_bytes, expires_at: new Date(Date.now() + CONTINUED_MS).toISOString() };
  } catch (fault) {
    if (fault instanceof Problem && NO_ROUTE.includes(fault.code)) return null;
    throw fault;
  }
}

/**
 * Send the parts that have not arrived, and complete the upload.
 * @param {Api} api
 * @param {PartsTicket} ticket
 * @param {File} file
 * @param {Sending & {onStored: (bytes: number) => void}} sending `onStored` gets the bytes that have arrived
 * @returns {Promise<void>} rejects with the Problem `not_found` if the upload has ended, or as `sendBody`
 */
export async function sendParts(api, ticket, file, { onProgress, onStored, signal }) {
  const arrived = await arrivedParts(api, ticket);
  const step = ticket.part_bytes;
  for (let at = 0; arrived && at < file.size; at += step) {
    const number = at / step + 1;
    // The browser sends a slice from the disk, without another copy in memory.
    const slice = file.slice(at, at + step);
    const sha256 = base64(await crypto.subtle.digest("SHA-256", await bytesOf(slice)));
    signal.throwIfAborted();
    if (arrived.get(number) !== sha256) {
      const wanted = { upload_id: ticket.upload_id, parts: [{ number, sha256 }] };
      const signed = await api.ask(`${pathOf(ticket)}/parts`, posted(wanted));
      signal.throwIfAborted();
      const part = { onProgress: (/** @type {number} */ sent) => onProgress(at + sent), signal };
      await sendBody({ method: "PUT", ...signed.parts[0] }, slice, part);
    }
    onStored(at + slice.size);
  }
  // A cancelled upload must not become an image.
  signal.throwIfAborted();
  await api.ask(`${pathOf(ticket)}/complete`, posted({ upload_id: ticket.upload_id }));
}

/**
 * Remove the parts that have arrived.
 * @param {Api} api
 * @param {PartsTicket} ticket
 * @returns {Promise<void>}
 */
export async function abortParts(api, ticket) {
  await api.ask(pathOf(ticket) + queryOf(ticket), { method: "DELETE" });
}

/**
 * @param {Api} api
 * @param {PartsTicket} ticket
 * @returns {Promise<Map<number, string> | null>} checksums by number; null if the upload has ended. It may be
 *   complete: the answer to the request that completed it can be lost.
 */
async function arrivedParts(api, ticket) {
  try {
    /** @type {{parts: {number: number, sha256: string}[]}} */
    const { parts } = await api.ask(`${pathOf(ticket)}/parts${queryOf(ticket)}`);
    return new Map(parts.map(({ number, sha256 }) => [number, sha256]));
  } catch (fault) {
    if (fault instanceof Problem && fault.code === "not_found") return null;
    throw fault;
  }
}

/**
 * @param {Blob} part
 * @returns {Promise<ArrayBuffer>} rejects with Refused if the file was changed or removed
 */
async function bytesOf(part) {
  try {
    return await part.arrayBuffer();
  } catch {
    throw new Refused("the file cannot be read");
  }
}

/** @param {PartsTicket} ticket */
function pathOf({ id }) {
  return `/multipart/${encodeURIComponent(id)}`;
}

/** @param {PartsTicket} ticket */
function queryOf({ upload_id }) {
  return `?${new URLSearchParams({ upload_id })}`;
}

/**
 * @param {object} json
 * @returns {RequestInit}
 */
function posted(json) {
  return { method: "POST", body: JSON.stringify(json) };
}

/** @param {ArrayBuffer} bytes */
function base64(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
