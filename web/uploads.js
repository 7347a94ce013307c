/**
 * @file Uploads files to the bucket, a few at a time. Dispatches "change" on progress,
 * and "sent" when a file is uploaded.
 */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Job, PartsTicket} from "./types.js" */

import { Problem } from "./api.js";
import { inspect } from "./inspect.js";
import { abortParts, beginParts, sendParts } from "./parts.js";
import { Previews } from "./previews.js";
import { fresh, keep, keepTicket, release } from "./resume.js";
import { isSignedOut, isUnconnected, isUnknown, mayPass, pause } from "./retry.js";
import { send } from "./send.js";
import { reason } from "./words.js";

/** Uploads at the same time, attempts per file that the API answers, and the delay before the second attempt. */
const AT_ONCE = 3;
const TRIES = 4;
const FIRST_WAIT_MS = 600;
const LONGEST_WAIT_MS = 15_000;
/** Bytes from which a file is sent in parts: with fewer, a new attempt costs little. */
const IN_PARTS_FROM = 32 * 1024 * 1024;
/** How long a file is sent again and again without a connection. */
const PATIENCE_MS = 15 * 60_000;
const LOST = "No connection; the upload goes on when it is back.";

export class Uploads extends EventTarget {
  /** @type {Job[]} */
  jobs = [];
  #busy = 0;
  #count = 0;
  #previews;

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {(fault: unknown) => void} trouble asks for other credentials
   * @param {() => Set<string>} visible ids of the entries on the screen, whose files go first
   */
  constructor(api, album, trouble, visible) {
    super();
    this.api = api;
    this.album = album;
    this.trouble = trouble;
    this.visible = visible;
    this.#previews = new Previews(album, visible);
    addEventListener("online", () => {
      for (const job of this.jobs) if (job.stage === "failed" && job.why === LOST) this.retry(job);
    });
  }

  /** @returns {boolean} whether closing the page would lose an upload */
  get underway() {
    return this.jobs.some(({ stage }) => stage === "queued" || stage === "sending");
  }

  /**
   * @param {File[]} files
   * @param {Job["ticket"][]} tickets those that an earlier page had for them
   */
  async add(files, tickets = []) {
    if (!this.underway) this.jobs = this.jobs.filter(({ stage }) => stage === "failed");
    const jobs = await Promise.all(files.map((file, at) => this.#begun(file, tickets[at] ?? null)));
    this.jobs.push(...jobs);
    const queued = jobs.filter(({ stage }) => stage === "queued");
    for (const job of [...queued].reverse()) this.album.take(job);
    this.#tell();
    // The tiles of the files are made first, so that it is known which are on the screen.
    await new Promise((done) => {
      setTimeout(done);
    });
    this.#previews.add(queued);
    this.#pump();
    for (const job of queued) keep(job);
  }

  /** @param {Job} job */
  cancel(job) {
    if (job.stage === "sent") return;
    job.stage = "cancelled";
    job.abort.abort();
    void release(job).catch(() => {});
    this.#dropParts(job);
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
   * @param {Job["ticket"]} ticket
   * @returns {Promise<Job>}
   */
  async #begun(file, ticket) {
    const found = await inspect(file);
    this.#count += 1;
    const blank = { file, ticket, id: `file-${this.#count}`, sent: 0, stored: 0, abort: new AbortController() };
    if ("why" in found) return { ...blank, stage: "refused", why: found.why, kind: "" };
    return { ...blank, stage: "queued", why: "", kind: found.kind };
  }

  /** Begin with the files on the screen, then from the top of the wall. */
  #pump() {
    if (!this.jobs.some(({ stage }) => stage === "queued")) return;
    const visible = this.visible();
    const place = (/** @type {Job} */ { id }) => (visible.has(id) ? "~" : "") + (this.album.get(id)?.place ?? "");
    const queued = this.jobs.filter(({ stage }) => stage === "queued");
    queued.sort((a, b) => (place(a) < place(b) ? 1 : -1));
    for (const job of queued.slice(0, Math.max(0, AT_ONCE - this.#busy))) void this.#run(job);
  }

  /** @param {Job} job */
  async #run(job) {
    this.#busy += 1;
    job.stage = "sending";
    try {
      await this.#try(job);
      job.stage = "sent";
      void release(job).catch(() => {});
      this.dispatchEvent(new Event("sent"));
    } catch (fault) {
      if (/** @type {string} */ (job.stage) !== "cancelled") this.#fail(job, fault);
    }
    this.#busy -= 1;
    this.#tell();
    this.#pump();
  }

  /**
   * Retry up to TRIES times, if a retry may succeed; without a connection for PATIENCE_MS. Both begin again when a
   * part has arrived. A visitor who has to sign in again has all the time.
   * @param {Job} job
   */
  async #try(job) {
    let end = Date.now() + PATIENCE_MS;
    let { stored } = job;
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
        if (job.stored > stored) {
          ({ stored } = job);
          tries = 1;
          end = Date.now() + PATIENCE_MS;
        }
        const isLast = isUnconnected(fault) ? Date.now() > end : tries >= TRIES;
        if (job.abort.signal.aborted || isLast || !mayPass(fault)) throw fault;
        job.why = isUnconnected(fault) ? LOST : "";
        this.#tell();
        const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)) * (0.7 + Math.random() * 0.6);
        await pause(Math.max(wait, fault instanceof Problem ? fault.waitMs : 0), job.abort.signal);
      }
    }
  }

  /** @param {Job} job */
  async #sendOnce(job) {
    const known = fresh(job.ticket);
    job.ticket = known ?? (await this.#announce(job));
    if (job.abort.signal.aborted) {
      this.#dropParts(job);
      throw new Error("cancelled");
    }
    void keepTicket(job).catch(() => {});
    this.album.rename(job.id, job.ticket.id);
    job.id = job.ticket.id;
    try {
      await this.#sendBy(job.ticket, job);
    } catch (fault) {
      if (!known || !isUnknown(fault) || job.abort.signal.aborted) throw fault;
      job.ticket = null;
      await this.#sendOnce(job);
    }
  }

  /**
   * @param {Job} job
   * @returns {Promise<NonNullable<Job["ticket"]>>}
   */
  async #announce(job) {
    // Without HTTPS, a browser computes no checksums.
    const inParts = job.file.size >= IN_PARTS_FROM && isSecureContext;
    job.stored = 0;
    const begun = inParts ? await beginParts(this.api, job) : null;
    return begun ?? this.api.announce(job.file.name || "image", job.kind, job.file.size);
  }

  /**
   * @param {NonNullable<Job["ticket"]>} ticket
   * @param {Job} job
   */
  async #sendBy(ticket, job) {
    const { file } = job;
    const onProgress = (/** @type {number} */ sent) => {
      job.sent = Math.min(sent, file.size);
      job.why = "";
      this.#tell();
    };
    const onStored = (/** @type {number} */ bytes) => {
      job.stored = bytes;
      onProgress(bytes);
    };
    const sending = { onProgress, signal: job.abort.signal };
    job.sent = 0;
    if (isInParts(ticket)) await sendParts(this.api, ticket, file, { ...sending, onStored });
    else await send(ticket, file, sending);
    job.sent = file.size;
  }

  /**
   * Remove the parts of a cancelled upload from the bucket, which otherwise does it after two days.
   * @param {Job} job
   */
  #dropParts(job) {
    if (job.ticket && isInParts(job.ticket)) abortParts(this.api, job.ticket).catch(() => {});
    job.ticket = null;
  }

  /**
   * @param {Job} job
   * @param {unknown} fault
   */
  #fail(job, fault) {
    job.stage = "failed";
    const isDeleted = fault instanceof Problem && fault.code === "gone";
    // Retry does not send the parts again that have arrived.
    if (isDeleted || (job.ticket && !isInParts(job.ticket))) job.ticket = null;
    const other = fault instanceof Problem ? reason(fault.code) : "The file could not be uploaded.";
    job.why = isUnconnected(fault) ? LOST : other;
    if (fault instanceof Problem && fault.code === "too_many_bytes") {
      job.stage = "refused";
      this.album.drop(job.id);
    }
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
    this.album.touch();
  }
}

/**
 * @param {NonNullable<Job["ticket"]>} ticket
 * @returns {ticket is PartsTicket}
 */
function isInParts(ticket) {
  return "upload_id" in ticket;
}
