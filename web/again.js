/** @file Have images processed again, and follow one until there is a result. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {ImageRecord} from "./types.js" */

import { Problem } from "./api.js";
import { counted } from "./format.js";
import { reason, STATES } from "./words.js";

/** Pause between two looks at the record, and the most looks. */
const PAUSE_MS = 500;
const MOST_LOOKS = 120;
/** Requests that are sent at the same time, attempts at each, and the shortest pause between them. */
const AT_ONCE = 4;
const MOST_ATTEMPTS = 4;
const SHORTEST_MS = 1000;

/** @param {ImageRecord} record */
export function canRepeat({ status }) {
  return ["ready", "rejected", "failed"].includes(status);
}

/**
 * @param {Api} api
 * @param {Album} album
 * @param {ImageRecord} before
 * @returns {Promise<string>} the result in words, also if there is none for a minute
 */
export async function repeat(api, album, before) {
  await send(api, before.id);
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    const fresh = await api.read(before.id);
    if (fresh.status === "pending" || fresh.processed_at === before.processed_at) continue;
    album.learn([fresh]);
    return `Processed again: ${STATES[fresh.status]?.toLowerCase()}`;
  }
  return "There is no result yet.";
}

/**
 * @param {unknown} fault
 * @returns {string} why an image is not processed again
 */
export function refused(fault) {
  const { code = "internal" } = /** @type {{code?: string}} */ (fault);
  return code === "forbidden" ? "Your key or user may not do this." : reason(code);
}

/**
 * Send a request, and again after an error that may pass, such as too many requests at once.
 * @param {Api} api
 * @param {string} id
 */
async function send(api, id) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await api.ask(`/images/${encodeURIComponent(id)}/reprocess`, { method: "POST" });
    } catch (fault) {
      if (!(fault instanceof Problem && fault.passing) || attempt === MOST_ATTEMPTS) throw fault;
      await new Promise((done) => setTimeout(done, Math.max(SHORTEST_MS * attempt, fault.waitMs)));
    }
  }
}

/**
 * @param {Api} api
 * @param {ImageRecord[]} records
 * @returns {Promise<string>} how many are processed again, and why others are not
 */
export async function repeatAll(api, records) {
  const waiting = records.filter(canRepeat);
  let sent = 0;
  let why = "";
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      try {
        await send(api, next.id);
        sent += 1;
      } catch (fault) {
        why = refused(fault);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const done = `${counted(sent, "image")} ${sent === 1 ? "is" : "are"} processed again`;
  return why ? `${done}. Not all: ${why}` : done;
}
