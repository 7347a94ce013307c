/** @file Addresses into the clipboard. */

import { say } from "./notice.js";

/** Make every element with an address to copy do so. */
export function copyOnClick() {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!(button instanceof HTMLElement)) return;
    void navigator.clipboard.writeText(button.dataset.copy ?? "").then(
      () => flash(button, "Copied"),
      () => flash(button, "Not allowed"),
    );
  });
}

/**
 * @param {HTMLElement} button
 * @param {string} text
 */
function flash(button, text) {
  const former = button.dataset.former ?? button.textContent ?? "";
  button.dataset.former = former;
  button.textContent = text;
  say(text);
  setTimeout(() => {
    button.textContent = former;
    delete button.dataset.former;
  }, 1500);
}
