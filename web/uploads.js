/**
 * @file Uploads files to the bucket, a few at a time. Dispatches "change" on progress,
 * and "sent" when a file is uploaded.
 */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Job} from "./types.js" */

import { Problem } from "./api.js";
import { inspect } from "./inspect.js";
import { Refused, send } from "./send.js";
import { reason } from "./words.js";

/** Uploads at the same time, attempts per file, and the delay before the second attempt. */
const AT_ONCE = 3;
const TRIES = 4;
const FIRST_WAIT_MS = 600;
/** Width of the local preview, in pixels. */
const PREVIEW_WIDTH = 32;

export class Uploads extends EventTarget {
  /** @type {Job[]} */
  jobs = [];
  #busy = 0;
  #count = 0;
  /** @type {Promise<void>} */
  #drawing = Promise.resolve();

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {(fault: unknown) => void} trouble asks for other credentials
   */
  constructor(api, album, trouble) {
    super();
    this.api = api;
    this.album = album;
    this.trouble = trouble;
  }

  /** @returns {boolean} whether closing the page would lose an upload */
  get underway() {
    return this.jobs.some(({ stage }) => stage === "queued" || stage === "sending");
  }

  /** @param {File[]} files */
  async add(files) {
    if (!this.underway) this.jobs = this.jobs.filter(({ stage }) => stage === "failed");
    const jobs = await Promise.all(files.map((file) => this.#begun(file)));
    this.jobs.push(...jobs);
    for (const job of jobs.filter(({ stage }) => stage === "queued").reverse()) {
      this.album.take(job);
      this.#drawing = this.#drawing.then(() => this.#draw(job));
    }
    this.#tell();
    this.#pump();
  }

  /** @param {Job} job */
  cancel(job) {
    if (job.stage === "sent") return;
    job.stage = "cancelled";
    job.abort.abort();
    this.album.drop(job.id);
    this.#tell();
  }

  /** Cancel all unfinished uploads. */
  cancelAll() {
    for (const job of this.jobs) if (job.stage === "queued" || job.stage === "sending") this.cancel(job);
  }

  /** @param {Job} job */
  retry(job) {
    Object.assign(job, { stage: "queued", sent: 0, why: "", abort: new AbortController() });
    this.#tell();
    this.#pump();
  }

  /**
   * @param {File} file
   * @returns {Promise<Job>}
   */
  async #begun(file) {
    const found = await inspect(file);
    this.#count += 1;
    const blank = { file, id: `file-${String(this.#count).padStart(6, "0")}`, sent: 0, abort: new AbortController() };
    if ("why" in found) return { ...blank, stage: "refused", why: found.why, kind: "" };
    return { ...blank, stage: "queued", why: "", kind: found.kind };
  }

  #pump() {
    for (const job of this.jobs) {
      if (this.#busy >= AT_ONCE) return;
      if (job.stage === "queued") void this.#run(job);
    }
  }

  /** @param {Job} job */
  async #run(job) {
    this.#busy += 1;
    job.stage = "sending";
    try {
      await this.#try(job);
      job.stage = "sent";
      this.dispatchEvent(new Event("sent"));
    } catch (fault) {
      if (/** @type {string} */ (job.stage) !== "cancelled") this.#fail(job, fault);
    }
    this.#busy -= 1;
    this.#tell();
    this.#pump();
  }

  /**
   * Retry up to TRIES times, if a retry may succeed. A visitor who has to sign in again has all the time.
   * @param {Job} job
   */
  async #try(job) {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#sendOnce(job);
        return;
      } catch (fault) {
        if (isSignedOut(fault) && !job.abort.signal.aborted) {
          const admitted = this.api.admission(job.abort.signal);
          this.trouble(fault);
          await admitted;
          tries = 0;
          continue;
        }
        if (job.abort.signal.aborted || tries >= TRIES || !mayPass(fault)) throw fault;
        const wait = FIRST_WAIT_MS * 2 ** (tries - 1) * (0.7 + Math.random() * 0.6);
        await pause(Math.max(wait, fault instanceof Problem ? fault.waitMs : 0), job.abort.signal);
      }
    }
  }

  /** @param {Job} job */
  async #sendOnce(job) {
    job.sent = 0;
    const ticket = await this.api.announce(job.file.name || "image", job.kind, job.file.size);
    if (job.abort.signal.aborted) throw new Error("cancelled");
    this.album.rename(job.id, ticket.id);
    job.id = ticket.id;
    const progress = (/** @type {number} */ sent) => {
      job.sent = Math.min(sent, job.file.size);
      this.#tell();
    };
    await send(ticket, job.file, progress, job.abort.signal);
    job.sent = job.file.size;
  }

  /**
   * @param {Job} job
   * @param {unknown} fault
   */
  #fail(job, fault) {
    job.stage = "failed";
    job.why = fault instanceof Problem ? reason(fault.code) : "The file could not be uploaded.";
    if (fault instanceof Problem && fault.code === "too_many_bytes") {
      job.stage = "refused";
      this.album.drop(job.id);
    }
  }

  /**
   * Show a preview of the file until there is a ThumbHash, if the browser can decode the format.
   * @param {Job} job
   */
  async #draw(job) {
    if (job.stage === "cancelled") return;
    try {
      const full = await createImageBitmap(job.file);
      const ratio = full.width / full.height;
      const pixels = await createImageBitmap(full, { resizeWidth: PREVIEW_WIDTH, resizeQuality: "medium" });
      full.close();
      const entry = this.album.get(job.id);
      if (entry) entry.preview = { pixels, ratio };
      this.album.touch();
    } catch {
      return;
    }
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
    this.album.touch();
  }
}

/** @param {unknown} fault */
function isSignedOut(fault) {
  return fault instanceof Problem && fault.code === "unauthorized";
}

/** @param {unknown} fault */
function mayPass(fault) {
  if (fault instanceof Problem) return fault.passing;
  return !(fault instanceof Refused);
}

/**
 * Wait `ms`, then until there is a network; end early if the signal aborts.
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
async function pause(ms, signal) {
  await new Promise((done) => {
    setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
  if (navigator.onLine || signal.aborted) return;
  await new Promise((done) => {
    addEventListener("online", done, { once: true });
    signal.addEventListener("abort", done, { once: true });
  });
}
