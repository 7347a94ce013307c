/** @file The history of an image, in plain words. */

/** @import {StateChange} from "./types.js" */

import { made } from "./dom.js";
import { reason, STATES } from "./words.js";

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/**
 * @param {StateChange[]} history the oldest state first
 * @returns {HTMLElement[]} an item of a list for each state, the newest first
 */
export function told(history) {
  return history.map((state, at) => item(state, history[at - 1])).reverse();
}

/**
 * @param {StateChange} state
 * @param {StateChange | undefined} before
 */
function item(state, before) {
  const one = made("li", "", state.status);
  const time = made("time", MOMENT.format(new Date(state.at)));
  time.setAttribute("datetime", state.at);
  one.append(made("b", words(state, before)), time);
  if (state.code) {
    const why = made("p", `${reason(state.code)} `);
    why.append(made("code", state.code));
    one.append(why);
  }
  return one;
}

/**
 * @param {StateChange} state
 * @param {StateChange | undefined} before
 */
function words({ status, attempt }, before) {
  if (status === "pending") return attempt ? "Processing" : "Upload announced";
  if (status === "failed" && attempt > 1) return `Failed after ${attempt} attempts`;
  const again = status !== "deleted" && before && before.status === status ? " again" : "";
  const late = status === "ready" && attempt > 1 ? `, at attempt ${attempt}` : "";
  return `${STATES[status]}${again}${late}`;
}
