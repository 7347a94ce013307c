/**
 * @file Keep the files of unfinished uploads in the browser's database, so that a reload of the tab does not lose
 * them. They are deleted when they are uploaded or cancelled, and those of closed tabs after a day.
 */

/** @import {Job, PartsTicket, Ticket} from "./types.js" */
/** @import {Uploads} from "./uploads.js" */

import { TAB } from "./session.js";

const DATABASE = "imagemill";
const STORE = "uploads";
const KEPT_MS = 24 * 3600_000;
/** A ticket that expires so soon is not used again. */
const MARGIN_MS = 60_000;

/** @typedef {{tab: string, file: File, ticket: Job["ticket"], at: number}} Kept */

/** @type {Map<Job, Promise<IDBValidKey>>} */
const keys = new Map();

/**
 * Keep a file; if the browser has no room for it, the upload goes on without.
 * @param {Job} job
 */
export function keep(job) {
  const tab = sessionStorage.getItem(TAB) ?? crypto.randomUUID();
  sessionStorage.setItem(TAB, tab);
  const stored = inStore("readwrite", (store) => store.add({ tab, file: job.file, ticket: null, at: Date.now() }));
  keys.set(job, stored);
  stored.catch(() => keys.delete(job));
}

/**
 * Keep the ticket of an upload too: the resumed upload then is the same image, and parts that have arrived count.
 * @param {Job} job
 */
export async function keepTicket(job) {
  const key = await keys.get(job);
  const tab = sessionStorage.getItem(TAB);
  if (key && tab)
    await inStore("readwrite", (store) => store.put({ tab, file: job.file, ticket: job.ticket, at: Date.now() }, key));
}

/** @param {Job} job that is finished */
export async function release(job) {
  const stored = keys.get(job);
  keys.delete(job);
  if (!keys.size) sessionStorage.removeItem(TAB);
  if (stored) await stored.then((key) => inStore("readwrite", (store) => store.delete(key)));
}

/**
 * Go on with the uploads that a reload of the page has interrupted.
 * @param {Uploads} uploads
 */
export async function resume(uploads) {
  const kept = await takeKept();
  await uploads.add(
    kept.map(({ file }) => file),
    kept.map(({ ticket }) => ticket),
  );
}

/**
 * Take the files that an earlier page of this tab has kept out of the database.
 * @returns {Promise<Kept[]>}
 */
async function takeKept() {
  const tab = sessionStorage.getItem(TAB);
  sessionStorage.removeItem(TAB);
  /** @type {Kept[]} */
  const all = await inStore("readonly", (store) => store.getAll());
  /** @type {IDBValidKey[]} */
  const allKeys = await inStore("readonly", (store) => store.getAllKeys());
  const isOld = (/** @type {Kept} */ { at }) => Date.now() - at > KEPT_MS;
  const past = allKeys.filter((_, at) => all[at] && (all[at].tab === tab || isOld(all[at])));
  await Promise.all(past.map((key) => inStore("readwrite", (store) => store.delete(key))));
  return all.filter((one) => one.tab === tab && !isOld(one));
}

/**
 * @param {Ticket | PartsTicket | null} ticket
 * @returns {Ticket | PartsTicket | null} null if it expires soon
 */
export function fresh(ticket) {
  return ticket && Date.parse(ticket.expires_at) - Date.now() > MARGIN_MS ? ticket : null;
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} act
 * @returns {Promise<any>} the result of the request
 */
async function inStore(mode, act) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { autoIncrement: true });
  const database = /** @type {IDBDatabase} */ (await settled(opening));
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/**
 * @param {IDBRequest} request
 * @returns {Promise<any>}
 */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
