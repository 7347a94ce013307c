/** @file The dialog that asks for the API key, or offers to sign in. */

/** @import {SignIn} from "./types.js" */

import { made, the } from "./dom.js";
import { forget, keep } from "./session.js";

/**
 * @param {string} why message after a wrong key; empty at first
 * @param {SignIn | null} signin
 * @returns {Promise<string>} the key that was entered
 */
export function askForKey(why, signin) {
  const dialog = the("#signin", HTMLDialogElement);
  const field = the("#signin input", HTMLInputElement);
  the("#signin .why", HTMLElement).textContent = why;
  field.value = "";
  field.setAttribute("aria-invalid", String(Boolean(why)));
  if (signin) offer(signin);
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

/** @param {SignIn} signin */
function offer(signin) {
  if (document.querySelector("#signin .user")) return;
  const button = made("button", "Sign in", "main user");
  button.setAttribute("type", "button");
  button.onclick = async () => {
    forget();
    const { leave } = await import("./oidc.js");
    await leave(signin).catch((fault) => {
      the("#signin .why", HTMLElement).textContent = `The sign-in service did not answer: ${fault.message}.`;
    });
  };
  the("#signin p", HTMLElement).textContent = "Sign in as a user, or enter the API key of the stack.";
  the("#signin label", HTMLElement).before(button);
}
