/** @file Asking for the API key, once a session. */

import { the } from "./dom.js";
import { keep } from "./session.js";

/**
 * @param {string} why said when a key was tried and not accepted
 * @returns {Promise<string>} the key as typed
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
