/** @file The dialog that asks for the API key. */

import { the } from "./dom.js";
import { keep } from "./session.js";

/**
 * @param {string} why message after a wrong key; empty at first
 * @returns {Promise<string>} the key that was entered
 */
export function askForKey(why) {
  const dialog = the("#signin", HTMLDialogElement);
  const field = the("#signin input", HTMLInputElement);
  the("#signin .why", HTMLElement).textContent = why;
  field.value = "";
  field.setAttribute("aria-invalid", String(Boolean(why)));
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    dialog.oncancel = (event) => event.preventDefault();
    the("#signin form", HTMLFormElement).onsubmit = (event) => {
      event.preventDefault();
      const key = field.value.trim();
      if (!key) return;
      keep(key);
      dialog.close();
      resolve(key);
    };
  });
}
