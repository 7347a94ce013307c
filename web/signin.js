/** @file The dialog that asks for the API key, or offers to sign in. */

/** @import {SignIn} from "./types.js" */
/** @import {Session} from "./oidc.js" */

import { made, the } from "./dom.js";
import { forget, keep } from "./session.js";

/**
 * @param {string} why message after a wrong key; empty at first
 * @param {SignIn | null} signin
 * @param {boolean} isOpen whether the page shows images already, so that it must not be left
 * @returns {Promise<string | Session>} the key that was entered, or the user who has signed in
 */
export function ask(why, signin, isOpen) {
  if (!document.querySelector("#signin")) build();
  const dialog = the("#signin", HTMLDialogElement);
  const field = the("#signin input", HTMLInputElement);
  the("#signin .why", HTMLElement).textContent = why;
  field.value = "";
  field.setAttribute("aria-invalid", String(Boolean(why)));
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    const signedIn = (/** @type {Session} */ session) => {
      dialog.close();
      resolve(session);
    };
    if (signin) offer(signin, isOpen ? signedIn : null);
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

/** Add the dialog to the page. */
function build() {
  const title = Object.assign(made("h2", "Sign in"), { id: "signin-words" });
  const label = Object.assign(document.createElement("label"), { htmlFor: "key", textContent: "API key" });
  const field = Object.assign(document.createElement("input"), { id: "key", type: "password", required: true });
  Object.assign(field, { autocomplete: "off", spellcheck: false });
  field.setAttribute("aria-describedby", "key-why");
  const why = Object.assign(made("p", "", "why"), { id: "key-why", role: "alert" });
  const words = "The gallery needs the API key of its stack. The key is stored until this tab is closed.";
  const form = Object.assign(document.createElement("form"), { method: "dialog" });
  const mark = the(".brand svg", SVGElement).cloneNode(true);
  form.append(mark, title, made("p", words), label, field, why, made("button", "Open the gallery", "main"));
  const dialog = Object.assign(document.createElement("dialog"), { id: "signin" });
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(form);
  document.body.append(dialog);
}

/**
 * @param {SignIn} signin
 * @param {((session: Session) => void) | null} signedIn called after a sign-in in another window; null to leave the page
 */
function offer(signin, signedIn) {
  document.querySelector("#signin .user")?.remove();
  const button = made("button", "Sign in", "main user");
  button.setAttribute("type", "button");
  button.onclick = async () => {
    forget();
    // At once: browsers block windows that open later.
    const beside = signedIn && open("about:blank", "_blank", "popup,width=480,height=720");
    try {
      const { again, leave } = await import("./oidc.js");
      if (beside) signedIn(await again(signin, beside));
      else await leave(signin);
    } catch (fault) {
      beside?.close();
      const words = fault instanceof Error ? fault.message : String(fault);
      the("#signin .why", HTMLElement).textContent = `The sign-in failed: ${words}.`;
    }
  };
  the("#signin p", HTMLElement).textContent = "Sign in as a user, or enter the API key of the stack.";
  the("#signin label", HTMLElement).before(button);
}
