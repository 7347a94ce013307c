/** @file Copy URLs to the clipboard. */

import { say } from "./notice.js";

/** Copy the text in `data-copy` when an element with it is clicked. */
export function copyOnClick() {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!(button instanceof HTMLElement)) return;
    void navigator.clipboard.writeText(button.dataset.copy ?? "").then(
      () => flash(button, "Copied"),
      () => flash(button, "Copying is not allowed"),
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
