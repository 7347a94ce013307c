/** @file Have images processed again, and follow one until there is a result. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {ImageRecord} from "./types.js" */

import { counted } from "./format.js";
import { reason } from "./words.js";

/** Pause between two looks at the record, and the most looks. */
const PAUSE_MS = 500;
const MOST_LOOKS = 120;
/** Requests that are sent at the same time. */
const AT_ONCE = 8;

/** @param {ImageRecord} record */
export function canRepeat({ status }) {
  return ["ready", "rejected", "failed"].includes(status);
}

/**
 * @param {Api} api
 * @param {Album} album
 * @param {ImageRecord} before
 * @returns {Promise<boolean>} whether there is a result; false if there was none for a minute
 */
export async function repeat(api, album, before) {
  await api.reprocess(before.id);
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    const fresh = await api.read(before.id);
    if (fresh.processed_at === before.processed_at) continue;
    album.learn([fresh]);
    return true;
  }
  return false;
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
        await api.reprocess(next.id);
        sent += 1;
      } catch (fault) {
        why = reason(/** @type {{code?: string}} */ (fault).code ?? "internal");
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const done = `${counted(sent, "image")} ${sent === 1 ? "is" : "are"} processed again`;
  return why ? `${done}. Not all: ${why}` : done;
}
