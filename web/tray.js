/** @file The tray: the progress of all uploads together, and of each file. */

/** @import {Job} from "./types.js" */
/** @import {Uploads} from "./uploads.js" */

import { copyOf, the } from "./dom.js";
import { counted, size } from "./format.js";

/** Most rows of the tray. */
const SHOWN = 60;
/** How long the tray stays open after all uploads have succeeded. */
const STAY_MS = 4000;
/** @type {Record<string, string>} */
const STAGES = { queued: "Waiting", sending: "Uploading", sent: "Uploaded", cancelled: "Cancelled" };
const TROUBLE = ["failed", "refused"];
/** Finished rows are hidden if there are more than SHOWN rows; otherwise every row stays. */
const OVER = ["sent", "cancelled"];

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
    const count = (/** @type {string} */ stage) => jobs.filter((job) => job.stage === stage).length;
    const through = jobs.filter(({ stage }) => stage !== "refused" && stage !== "cancelled");
    const all = through.reduce((sum, { file }) => sum + file.size, 0);
    const sent = through.reduce((sum, job) => sum + job.sent, 0);
    const trouble = count("failed") + count("refused");
    const said = underway
      ? `Uploading ${count("sent") + count("sending")} of ${through.length}`
      : ended(count("sent"), trouble);
    this.#say(".said", said);
    this.#say(".amount", all ? `${size(sent)} of ${size(all)}` : "");
    this.#total.value = all ? sent / all : 1;
    this.#total.hidden = !all;
    this.#cancel.hidden = !underway;
    this.#close.hidden = underway;
    this.#drawRows(jobs);
    this.#tray.hidden = !jobs.some(({ stage }) => stage !== "cancelled");
    clearTimeout(this.#timer);
    if (!underway && !trouble) this.#timer = setTimeout(() => this.#close.click(), STAY_MS);
  }

  /** @param {Job[]} jobs */
  #drawRows(jobs) {
    const many = jobs.length > SHOWN;
    const rank = (/** @type {Job} */ { stage }) => (TROUBLE.includes(stage) ? 0 : many && OVER.includes(stage) ? 2 : 1);
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
      fill(row, job);
    });
  }

  /** @param {Job} job */
  #newRow(job) {
    const row = copyOf("job");
    the(".name", HTMLElement, row).textContent = job.file.name;
    const cancel = the(".cancel", HTMLButtonElement, row);
    cancel.setAttribute("aria-label", `Cancel ${job.file.name}`);
    cancel.addEventListener("click", () => this.uploads.cancel(job));
    const retry = the(".retry", HTMLButtonElement, row);
    retry.setAttribute("aria-label", `Retry ${job.file.name}`);
    retry.addEventListener("click", () => this.uploads.retry(job));
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
 */
function fill(row, job) {
  row.dataset.stage = job.stage;
  const text = job.why || `${STAGES[job.stage] ?? job.stage} · ${size(job.file.size)}`;
  const why = the(".why", HTMLElement, row);
  if (why.textContent !== text) why.textContent = text;
  const bar = the("progress", HTMLProgressElement, row);
  bar.hidden = job.stage !== "sending";
  bar.value = job.file.size ? job.sent / job.file.size : 0;
  bar.setAttribute("aria-label", `${job.file.name}: uploaded`);
  the(".cancel", HTMLElement, row).hidden = job.stage !== "queued" && job.stage !== "sending";
  the(".retry", HTMLElement, row).hidden = job.stage !== "failed";
}

/**
 * @param {number} sent
 * @param {number} trouble
 */
function ended(sent, trouble) {
  if (!trouble) return `${counted(sent, "file")} uploaded`;
  return `${counted(sent, "file")} uploaded, ${trouble} failed`;
}
