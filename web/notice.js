/** @file Messages: a banner for errors, and announcements for screen readers. */

import { the } from "./dom.js";

/**
 * @param {string} text
 * @param {(() => void) | null} retry
 */
export function warn(text, retry = null) {
  const banner = the("#banner", HTMLElement);
  const button = the("#banner button", HTMLButtonElement);
  the("#banner p", HTMLElement).textContent = text;
  button.hidden = !retry;
  button.onclick = () => {
    calm();
    retry?.();
  };
  banner.hidden = false;
}

/** Hide the banner. */
export function calm() {
  the("#banner", HTMLElement).hidden = true;
}

/** @param {string} text */
export function say(text) {
  the("#spoken", HTMLElement).textContent = text;
}
