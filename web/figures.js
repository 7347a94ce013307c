/** @file Totals of the images that the page has loaded. */

/** @import {Album} from "./album.js" */

import { the } from "./dom.js";
import { counted, saving, size, span } from "./format.js";
import { bytesOf } from "./record.js";
import { reason } from "./words.js";

/**
 * @param {Album} album
 * @param {() => boolean} isAll whether all images are loaded
 */
export function keepFigures(album, isAll) {
  let due = false;
  album.addEventListener("change", () => {
    if (due) return;
    due = true;
    // The totals of many images take longer than a frame has.
    setTimeout(() => {
      due = false;
      draw(album, isAll());
    }, Math.min(500, album.shown.length));
  });
}

/**
 * @param {Album} album
 * @param {boolean} all
 */
function draw(album, all) {
  const records = album.shown.flatMap(({ record }) => (record ? [record] : []));
  const ready = records.filter(({ status }) => status === "ready");
  const bytes = ready.flatMap((one) => bytesOf(one) ?? []);
  const before = bytes.reduce((total, one) => total + one.before, 0);
  const after = bytes.reduce((total, one) => total + one.after, 0);
  const bad = records.filter(({ error }) => error);
  const times = ready.flatMap(({ processing_ms: ms }) => (ms === null ? [] : [ms]));
  the("#figures", HTMLElement).classList.toggle("known", all || records.length > 0);
  say("images", `${records.length}${all ? "" : "+"}`, all ? (records.length === 1 ? "image" : "images") : "images so far");
  const less = saving(before, after);
  say("bytes", before ? `${size(before)} → ${size(after)}` : "–", less ? `${less}, largest renditions` : "originals → largest renditions");
  say("time", times.length ? span(median(times)) : "–", "median time");
  const last = bad[0]?.error;
  say("errors", String(bad.length), last ? `${bad.length === 1 ? "error" : "errors, latest"}: ${reason(last.code)}` : "errors");
  const words = `Totals of ${counted(records.length, "image")}`;
  the("#figures", HTMLElement).setAttribute("aria-label", words);
}

/**
 * @param {string} name
 * @param {string} figure
 * @param {string} label
 */
function say(name, figure, label) {
  the(`#figures .${name} dd`, HTMLElement).textContent = figure;
  the(`#figures .${name} dt`, HTMLElement).textContent = label;
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
