/** @file The list of keys, shown by "?". */

import { made } from "./dom.js";
import { isTyped } from "./select.js";

/** @type {[string, string][]} */
const KEYS = [
  ["Tab, arrow keys", "next image on the wall"],
  ["Enter", "open the image"],
  ["x, Shift+X", "select the image, or all from the last selected one"],
  ["Ctrl+A", "select all loaded images"],
  ["Delete", "delete the selected images, or the open one"],
  ["m", "move the selected images to a folder"],
  ["← →", "newer or older image, when one is open"],
  ["c", "compare it with the original"],
  ["z", "zoom into it"],
  ["f", "set its focal point"],
  ["i", "show or hide its details"],
  ["Escape", "close, or clear the selection"],
  ["?", "show these keys"],
];

/** Show the keys when "?" is pressed outside of a text. */
export function helpOnKey() {
  const dialog = document.createElement("dialog");
  dialog.id = "help";
  dialog.ariaLabel = "Keys";
  const list = document.createElement("dl");
  for (const [key, act] of KEYS) list.append(made("dt", key), made("dd", act));
  const close = made("button", "Close", "quiet");
  close.addEventListener("click", () => dialog.close());
  dialog.append(made("h2", "Keys"), list, close);
  document.body.append(dialog);
  addEventListener("keydown", (event) => {
    if (event.key !== "?" || isTyped(event) || dialog.open) return;
    event.preventDefault();
    dialog.showModal();
  });
}
