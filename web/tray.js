/** @file The tray: the progress of all uploads together, and of each file. */

/** @import {Job} from "./types.js" */
/** @import {Uploads} from "./uploads.js" */

import { made, the } from "./dom.js";
import { counted, size } from "./format.js";
import { reason } from "./words.js";

/** Most rows of the tray. */
const SHOWN = 60;
/** How long the tray stays open after all uploads have succeeded. */
const STAY_MS = 4000;
/** @type {Record<string, string>} */
const STATES = {
  queued: "Waiting",
  sending: "Uploading",
  sent: "Uploaded, processing",
  ready: "Ready",
  cancelled: "Cancelled",
};
/** States of a row: the stages of an upload, and those of the image that an uploaded file became. */
const TROUBLE = ["failed", "refused", "rejected"];
/** Finished rows are hidden if there are more than SHOWN rows; otherwise every row stays. */
const OVER = ["sent", "ready", "cancelled"];

export class Tray {
  #tray = the("#tray", HTMLElement);
  #list = the("#tray ul", HTMLUListElement);
  #total = the("#tray progress", HTMLProgressElement);
  #cancel = the("#tray .cancel-all", HTMLButtonElement);
  #close = the("#tray .close", HTMLButtonElement);
  /** @type {Map<Job, HTMLElement>} */
  #rows = new Map();
  #due = false;
  #timer = 0;

  /** @param {Uploads} uploads */
  constructor(uploads) {
    this.uploads = uploads;
    uploads.addEventListener("change", () => this.#soon());
    uploads.album.addEventListener("change", () => {
      if (!this.#tray.hidden) this.#soon();
    });
    this.#cancel.addEventListener("click", () => uploads.cancelAll());
    this.#close.addEventListener("click", () => {
      this.#tray.hidden = true;
    });
  }

  #soon() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw();
    });
  }

  #draw() {
    const { jobs, underway } = this.uploads;
    const states = jobs.map((job) => this.#stateOf(job));
    const count = (/** @type {string[]} */ ...wanted) => states.filter((one) => wanted.includes(one)).length;
    const through = jobs.filter(({ stage }) => stage !== "refused" && stage !== "cancelled");
    const all = through.reduce((sum, { file }) => sum + file.size, 0);
    const sent = through.reduce((sum, job) => sum + job.sent, 0);
    const trouble = count(...TROUBLE);
    const uploaded = count("sent", "ready", "rejected");
    const said = underway
      ? `Uploading ${uploaded + count("sending")} of ${through.length}`
      : ended(uploaded, { rejected: count("rejected"), "in progress": count("sent"), "not uploaded": count("failed", "refused") });
    this.#say(".said", said);
    this.#say(".amount", all ? `${size(sent)} of ${size(all)}` : "");
    this.#total.value = all ? sent / all : 1;
    this.#total.hidden = !all;
    this.#cancel.hidden = !underway;
    this.#close.hidden = underway;
    this.#drawRows(jobs);
    this.#tray.hidden = !jobs.some(({ stage }) => stage !== "cancelled");
    clearTimeout(this.#timer);
    if (!underway && !trouble && !count("sent")) this.#timer = setTimeout(() => this.#close.click(), STAY_MS);
  }

  /** @param {Job[]} jobs */
  #drawRows(jobs) {
    const many = jobs.length > SHOWN;
    const rank = (/** @type {Job} */ job) => {
      const state = this.#stateOf(job);
      return TROUBLE.includes(state) ? 0 : many && OVER.includes(state) ? 2 : 1;
    };
    const wanted = [...jobs].sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
    for (const [job, row] of this.#rows) {
      if (!wanted.includes(job)) {
        row.remove();
        this.#rows.delete(job);
      }
    }
    wanted.forEach((job, at) => {
      const row = this.#rows.get(job) ?? this.#newRow(job);
      if (this.#list.children[at] !== row) this.#list.insertBefore(row, this.#list.children[at] ?? null);
      fill(row, job, this.#stateOf(job), this.uploads.album.get(job.id)?.record?.error?.code);
    });
  }

  /**
   * @param {Job} job
   * @returns {string} its stage; of an uploaded file, `ready` or `rejected` if the image is
   */
  #stateOf({ stage, id }) {
    if (stage !== "sent") return stage;
    const entry = this.uploads.album.get(id);
    if (!entry) return "ready";
    if (!entry.record || entry.record.status === "pending") return "sent";
    return entry.record.status === "ready" ? "ready" : "rejected";
  }

  /** @param {Job} job */
  #newRow(job) {
    const row = document.createElement("li");
    const progress = Object.assign(document.createElement("progress"), { value: 0, hidden: true });
    const retry = made("button", "Retry", "quiet retry");
    retry.ariaLabel = `Retry ${job.file.name}`;
    retry.addEventListener("click", () => this.uploads.retry(job));
    const cancel = made("button", "Cancel", "quiet cancel");
    cancel.ariaLabel = `Cancel ${job.file.name}`;
    cancel.addEventListener("click", () => this.uploads.cancel(job));
    row.append(made("span", job.file.name, "name"), made("span", "", "why"), progress, retry, cancel);
    this.#rows.set(job, row);
    return row;
  }

  /**
   * @param {string} selector
   * @param {string} text
   */
  #say(selector, text) {
    const element = the(selector, HTMLElement, this.#tray);
    if (element.textContent !== text) element.textContent = text;
  }
}

/**
 * @param {HTMLElement} row
 * @param {Job} job
 * @param {string} state
 * @param {string | undefined} code why the image was rejected
 */
function fill(row, job, state, code) {
  row.dataset.stage = state;
  const known = code ? `Uploaded, but not accepted: ${reason(code)}` : STATES[state];
  const text = job.why || [known ?? state, size(job.file.size)].join(" · ");
  const why = the(".why", HTMLElement, row);
  if (why.textContent !== text) why.textContent = text;
  const bar = the("progress", HTMLProgressElement, row);
  bar.hidden = state !== "sending";
  bar.value = job.file.size ? job.sent / job.file.size : 0;
  bar.setAttribute("aria-label", `${job.file.name}: uploaded`);
  the(".cancel", HTMLElement, row).hidden = state !== "queued" && state !== "sending";
  the(".retry", HTMLElement, row).hidden = state !== "failed";
}

/**
 * @param {number} uploaded
 * @param {Record<string, number>} others numbers by what became of the files
 * @returns {string} as "5 files uploaded, 1 rejected"
 */
function ended(uploaded, others) {
  const some = Object.entries(others).filter(([, number]) => number);
  return [`${counted(uploaded, "file")} uploaded`, ...some.map(([what, number]) => `${number} ${what}`)].join(", ");
}
