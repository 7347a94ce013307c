/** @file The facts of a record, and links to its renditions. */

/** @import {ImageRecord, Original, Rendition} from "./types.js" */

import { made, the } from "./dom.js";
import { moment, saving, size, span } from "./format.js";
import { addressOf, hasAddress, pointText, stateOf } from "./record.js";
import { reason, STATES } from "./words.js";

/** Exposure times below this are shown as fractions, in seconds. */
const SHORT_S = 0.3;

/**
 * @param {HTMLElement} panel
 * @param {ImageRecord} record
 */
export function tell(panel, record) {
  the("h2", HTMLElement, panel).textContent = record.filename;
  the(".facts", HTMLElement, panel).replaceChildren(...facts(record).flatMap(pair));
  const reachable = Object.entries(record.renditions).filter(([, one]) => hasAddress(one));
  const renditions = reachable.sort(([, a], [, b]) => a.width - b.width);
  the(".renditions", HTMLElement, panel).replaceChildren(...renditions.map(([name, one]) => row(name, one, record)));
  the(".page-link", HTMLElement, panel).dataset.copy = `${location.origin}/#picture=${record.id}`;
  the(".zoom", HTMLElement, panel).hidden = !record.public?.iiif;
  const html = the(".page-html", HTMLElement, panel);
  html.hidden = !record.public?.html;
  html.dataset.copy = record.public?.html ?? "";
  const original = the(".original", HTMLAnchorElement, panel);
  original.hidden = !record.links.original;
  if (record.links.original) original.href = record.links.original;
  the(".compare", HTMLElement, panel).hidden = record.status !== "ready" || !record.links.original;
  the(".focal", HTMLElement, panel).hidden = record.status !== "ready" || !record.original?.width;
  the(".delete", HTMLButtonElement, panel).disabled = ["pending", "deleted"].includes(record.status);
}

/**
 * @param {ImageRecord} record
 * @returns {[string, string | null | undefined][]}
 */
function facts(record) {
  const { original, error } = record;
  const state = stateOf({ id: "", place: "", name: "", record, job: null, preview: null });
  return [
    ["Status", STATES[state]],
    ["Reason", error && reason(error.code)],
    ["Details", error?.message],
    ["Original", original && [size(original.bytes), dimensions(original), original.format].filter(Boolean).join(", ")],
    ["Archived", record.archived && `${size(record.archived.bytes)} as JPEG XL`],
    ["Frames", original?.frames && original.frames > 1 ? String(original.frames) : null],
    ["Taken", original?.captured_at && moment(original.captured_at)],
    ["Camera", original?.camera],
    ["Lens", original?.lens],
    ["Exposure", original && exposure(original)],
    ["Uploaded", moment(record.uploaded_at)],
    ["Processing time", record.processing_ms === null ? null : span(record.processing_ms)],
    ["Colour", record.colour],
    ["Focal point", record.focus && pointText(record.focus)],
    ["Warnings", record.warnings.join(", ")],
    ["Key", record.key],
    ["Id", record.id],
  ];
}

/**
 * @param {Original} original
 * @returns {string} as "1/250 s, f/1.7, ISO 100, 28 mm"
 */
function exposure({ exposure_time_s: time, f_number: aperture, iso, focal_length_mm: length }) {
  const parts = [
    time && `${time < SHORT_S ? `1/${Math.round(1 / time)}` : time} s`,
    aperture && `f/${aperture}`,
    iso && `ISO ${iso}`,
    length && `${length} mm`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** @param {[string, string | null | undefined]} fact */
function pair([name, value]) {
  return value ? [made("dt", name), made("dd", value)] : [];
}

/** @param {{width: number | null, height: number | null}} one */
function dimensions({ width, height }) {
  return width && height ? `${width}×${height}` : "";
}

/**
 * @param {string} name
 * @param {Rendition} rendition
 * @param {ImageRecord} record
 */
function row(name, rendition, record) {
  const address = addressOf(record, rendition);
  const item = made("li", "");
  const words = made("span", "", "what");
  const less = record.original && saving(record.original.bytes, rendition.bytes);
  words.append(
    made("b", name),
    made("small", [dimensions(rendition), rendition.format, size(rendition.bytes), less].filter(Boolean).join(", ")),
  );
  const copy = made("button", "Copy link", "quiet");
  copy.dataset.copy = new URL(address, location.href).href;
  copy.setAttribute("aria-label", `Copy link to ${name}`);
  const save = made("a", "Download", "quiet");
  save.setAttribute("href", address);
  save.setAttribute("download", nameFor(record.filename, rendition.format));
  save.setAttribute("aria-label", `Download ${name}`);
  item.append(words, copy, save);
  return item;
}

/**
 * @param {string} filename
 * @param {string} format
 */
function nameFor(filename, format) {
  const stem = filename.replace(/(?<=.)\.[^.]*$/, "");
  return `${stem}.${format === "jpeg" ? "jpg" : format}`;
}

/**
 * @param {ImageRecord} record
 * @returns {string} a text that changes whenever the image looks different
 */
export function stampOf(record) {
  return [record.id, record.status, record.sequencer, record.recipe].join(" ");
}
