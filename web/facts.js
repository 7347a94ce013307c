/** @file The facts of a record, and links to its renditions. */

/** @import {Picture, Rendition} from "./types.js" */

import { made, the } from "./dom.js";
import { change, moment, size, span } from "./format.js";
import { addressOf, hasAddress, stateOf } from "./picture.js";
import { reason, STATES } from "./words.js";

/**
 * @param {HTMLElement} panel
 * @param {Picture} picture
 */
export function tell(panel, picture) {
  the("h2", HTMLElement, panel).textContent = picture.filename;
  the(".facts", HTMLElement, panel).replaceChildren(...facts(picture).flatMap(pair));
  const reachable = Object.entries(picture.renditions).filter(([, one]) => hasAddress(one));
  const renditions = reachable.sort(([, a], [, b]) => a.width - b.width);
  the(".renditions", HTMLElement, panel).replaceChildren(...renditions.map(([name, one]) => row(name, one, picture)));
  the(".page-link", HTMLElement, panel).dataset.copy = `${location.origin}/#picture=${picture.id}`;
  const original = the(".original", HTMLAnchorElement, panel);
  original.hidden = !picture.links.original;
  if (picture.links.original) original.href = picture.links.original;
  the(".compare", HTMLElement, panel).hidden = picture.status !== "ready";
  the(".delete", HTMLButtonElement, panel).disabled = picture.status === "pending";
}

/**
 * @param {Picture} picture
 * @returns {[string, string | null | undefined][]}
 */
function facts(picture) {
  const { original, error } = picture;
  const state = stateOf({ id: "", place: "", name: "", picture, job: null, preview: null });
  return [
    ["Status", STATES[state]],
    ["Reason", error && reason(error.code)],
    ["Details", error?.message],
    ["Original", original && [size(original.bytes), dimensions(original), original.format].filter(Boolean).join(", ")],
    ["Frames", original?.frames && original.frames > 1 ? String(original.frames) : null],
    ["Taken", original?.captured_at && moment(original.captured_at)],
    ["Camera", original?.camera],
    ["Uploaded", moment(picture.uploaded_at)],
    ["Processing time", picture.processing_ms === null ? null : span(picture.processing_ms)],
    ["Colour", picture.colour],
    ["Warnings", picture.warnings.join(", ")],
    ["Key", picture.key],
    ["Id", picture.id],
  ];
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
 * @param {Picture} picture
 */
function row(name, rendition, picture) {
  const address = addressOf(picture, rendition);
  const item = made("li", "");
  const words = made("span", "", "what");
  const less = picture.original ? `, ${change(picture.original.bytes, rendition.bytes)}` : "";
  words.append(
    made("b", name),
    made("small", `${dimensions(rendition)}, ${rendition.format}, ${size(rendition.bytes)}${less}`),
  );
  const copy = made("button", "Copy link", "quiet");
  copy.dataset.copy = new URL(address, location.href).href;
  copy.setAttribute("aria-label", `Copy link to ${name}`);
  const save = made("a", "Download", "quiet");
  save.setAttribute("href", address);
  save.setAttribute("download", nameFor(picture.filename, rendition.format));
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
