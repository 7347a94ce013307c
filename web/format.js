/** @file Format numbers and times. */

/** No-break space between a number and its unit. */
const JOIN = "\u00a0";
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/**
 * @param {number} bytes
 * @returns {string} as "47.8 kB"
 */
export function size(bytes) {
  const power = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${NUMBER.format(bytes / 1000 ** power)}${JOIN}${UNITS[power]}`;
}

/**
 * @param {number} before
 * @param {number} after
 * @returns {string} how much smaller, as "−98.6 %"; empty if it is not smaller
 */
export function saving(before, after) {
  const percent = before ? (1 - after / before) * 100 : 0;
  return percent < 0.05 ? "" : `−${NUMBER.format(percent)}${JOIN}%`;
}

/**
 * @param {number} before
 * @param {number} after
 * @returns {string} as "3.3 MB → 47.8 kB (−98.6 %)"
 */
export function change(before, after) {
  const less = saving(before, after);
  return `${size(before)} → ${size(after)}${less && ` (${less})`}`;
}

/**
 * @param {number} ms
 * @returns {string} as "391 ms" or "2.1 s"
 */
export function span(ms) {
  return ms < 1000 ? `${Math.round(ms)}${JOIN}ms` : `${NUMBER.format(ms / 1000)}${JOIN}s`;
}

/**
 * @param {string} iso
 * @returns {string}
 */
export function moment(iso) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : MOMENT.format(time);
}

/**
 * @param {number} count
 * @param {string} noun
 * @returns {string} as "1 image" or "3 images"
 */
export function counted(count, noun) {
  return `${new Intl.NumberFormat().format(count)} ${noun}${count === 1 ? "" : "s"}`;
}
